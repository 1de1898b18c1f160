"""Write the part of the network that was asked for."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from tvspiders.errors import UsageProblem
from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.options import Options
from tvspiders.extras.analytics.data.selection import Selection
from tvspiders.extras.analytics.export import parquet, text_formats, xml_formats
from tvspiders.extras.analytics.export.measures import measures
from tvspiders.extras.analytics.render import as_terminal
from tvspiders.extras.analytics.render.output import coloured, document
from tvspiders.printing import say_wrong
from tvspiders.storage.queries.network import is_stored

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
    if nodes is not None and _one_place(nodes, output):
        raise UsageProblem("--nodes and -o name the same place; give each a file of its own")
    data = Dataset(connection, options)
    if root is not None:
        selection = Selection.around(data, root)
        if not is_stored(connection, root):
            say_wrong(f"thing {root} is known from edges only")
    elif component is not None:
        selection = Selection.component(data, component)
    else:
        selection = Selection.whole(data)
    with ExitStack() as files:
        # Both are opened before either is written: a folder that is missing leaves no half of a pair.
        second = None if nodes is None else files.enter_context(document(nodes, "--nodes"))
        file = files.enter_context(document(output))
        _write(selection, form, root, file, output)
        if second is not None and form == "parquet":
            parquet.nodes(selection, second)
        elif second is not None:
            _text(second, partial(text_formats.node_list, selection))
    if form is not None:
        say_wrong(f"{len(selection)} nodes, {selection.edge_count} edges")


def _one_place(nodes: str, output: str | None) -> bool:
    if nodes == "-" or output in (None, "-"):
        return nodes == "-" and output in (None, "-")
    return Path(nodes).resolve() == Path(str(output)).resolve()


def _write(
    selection: Selection, form: str | None, root: int | None, file: BinaryIO, output: str | None
) -> None:
    if form is None:
        file.write(as_terminal.render(measures(selection), colour=coloured(output)).encode())
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
