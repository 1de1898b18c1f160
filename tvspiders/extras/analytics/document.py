"""Write a report in the format asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvspiders.errors import UsageProblem
from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.options import NetworkOptions, Options
from tvspiders.extras.analytics.data.tables import Report
from tvspiders.extras.analytics.measures.report import build_from
from tvspiders.extras.analytics.render import as_csv, as_json, as_markdown, as_terminal
from tvspiders.extras.analytics.render.output import coloured, document

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
    elif form == "ids":
        text = _ids(report)
    elif form == "html":
        from tvspiders.extras.analytics.render import as_html

        text = as_html.render(report, data, network)
    else:
        text = as_terminal.render(report, colour=coloured(output))
    with document(output) as file:
        file.write(text.encode("utf-8"))


def _ids(report: Report) -> str:
    """Numbers of the things in the first ranking of things, one a line, as ``-a file=`` reads them."""
    for section in report.sections:
        for table in section.tables:
            if any(column.key == "thing_id" for column in table.columns):
                return "".join(
                    f"{number}\n" for number in dict.fromkeys(row["thing_id"] for row in table.rows)
                )
    raise UsageProblem(f"--format ids: section {report.sections[-1].key} has no ranking of things")
