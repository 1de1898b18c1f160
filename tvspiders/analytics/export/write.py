"""Write the part of the network that was asked for."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from tvspiders.analytics.dataset import Dataset
from tvspiders.analytics.export import parquet, text_formats, xml_formats
from tvspiders.analytics.export.measures import measures
from tvspiders.analytics.export.selection import Selection
from tvspiders.analytics.options import Options
from tvspiders.analytics.output import document
from tvspiders.analytics.render import as_terminal
from tvspiders.errors import UsageProblem
from tvspiders.storage.read_things import holds

if TYPE_CHECKING:
    from sqlalchemy import Connection

TEXT: dict[str, Callable[[Selection, TextIO], None]] = {
    "graphml": xml_formats.graphml,
    "gexf": xml_formats.gexf,
    "dot": text_formats.dot,
    "json": text_formats.node_link,
    "csv": text_formats.edge_list,
}
"""What writes each text format."""


def write_graph(
    connection: Connection,
    options: Options,
    form: str | None,
    *,
    root: int | None = None,
    component: int | None = None,
    output: str | None = None,
    nodes: str | None = None,
) -> None:
    """Export the whole network, the component of ``root``, or the component of a rank.

    Without a format the measures are printed. Raises ``UsageProblem`` for a
    root that is not known, or for ``tree`` without a root.
    """
    if form == "tree" and root is None:
        raise UsageProblem("--format tree needs --root ID: the thing at the top")
    if nodes is not None and form not in ("csv", "parquet"):
        raise UsageProblem("--nodes goes with --format csv or parquet; the others hold the nodes already")
    data = Dataset(connection, options)
    if root is not None:
        selection = Selection.around(data, root)
        if not holds(connection, root):
            print(f"scrapy graph: thing {root} is known from edges only", file=sys.stderr)
    elif component is not None:
        selection = Selection.component(data, component)
    else:
        selection = Selection.whole(data)
    with document(output) as file:
        _write(selection, form, root, file, output)
    if nodes is not None:
        with document(nodes) as file:
            if form == "parquet":
                parquet.nodes(selection, file)
            else:
                _text(file, partial(text_formats.node_list, selection))
    if form is not None:
        print(f"scrapy graph: {len(selection)} nodes, {selection.edge_count} edges", file=sys.stderr)


def _write(
    selection: Selection, form: str | None, root: int | None, file: BinaryIO, output: str | None
) -> None:
    if form is None:
        shown = output in (None, "-") and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        file.write(as_terminal.render(measures(selection), colour=shown).encode())
    elif form == "parquet":
        parquet.edges(selection, file)
    elif form == "tree" and root is not None:
        _text(file, partial(text_formats.tree, selection, root=root))
    else:
        _text(file, partial(TEXT[form], selection))


def _text(file: BinaryIO, write: Callable[[Any], None]) -> None:
    out = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    write(out)
    out.flush()
    out.detach()
