"""Write a report in the format asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvspiders.analytics.command_line import NetworkOptions
from tvspiders.analytics.dataset import Dataset
from tvspiders.analytics.options import Options
from tvspiders.analytics.output import coloured, document
from tvspiders.analytics.render import as_csv, as_json, as_markdown, as_terminal
from tvspiders.analytics.report import build_from

if TYPE_CHECKING:
    from sqlalchemy import Connection


def write_report(
    connection: Connection, options: Options, form: str, output: str | None, network: NetworkOptions
) -> None:
    """Compute the report and write it to ``output``, or to standard output."""
    data = Dataset(connection, options)
    report = build_from(data)
    if form == "json":
        text = as_json.render(report)
    elif form == "csv":
        text = as_csv.render(report)
    elif form == "md":
        text = as_markdown.render(report)
    elif form == "html":
        from tvspiders.analytics.render import as_html

        text = as_html.render(report, data, network)
    else:
        text = as_terminal.render(report, colour=coloured(output))
    with document(output) as file:
        file.write(text.encode("utf-8"))
