"""A report as one CSV document: each row says which table it belongs to."""

from __future__ import annotations

import csv
import io

from tvspiders.extras.analytics.data.tables import Report
from tvspiders.harmless import cell

FIRST = ("section", "table")
LAST = ("coverage",)


def render(report: Report) -> str:
    """All tables under one header: the union of their columns, empty where a table has none."""
    tables = [(section, table) for section in report.sections for table in section.tables]
    keys = dict.fromkeys(key for _, table in tables for column in table.columns for key in [column.key])
    out = io.StringIO()
    writer = csv.DictWriter(out, [*FIRST, *keys, *LAST], restval="", lineterminator="\r\n")
    writer.writeheader()
    for section, table in tables:
        for row in table.rows:
            cells = {key: cell(value) for key, value in row.items()}
            writer.writerow(
                {"section": section.key, "table": table.key} | cells | {"coverage": cell(table.coverage)}
            )
    return out.getvalue()
