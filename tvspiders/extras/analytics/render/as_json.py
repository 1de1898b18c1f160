"""A report as one JSON object."""

from __future__ import annotations

import json
from typing import Any

from tvspiders.extras.analytics.data.tables import Report


def render(report: Report) -> str:
    """Each table is a list of objects; what it covers stands beside it under ``tables``."""
    document: dict[str, Any] = dict(report.facts) | {"summary": report.coverage}
    for section in report.sections:
        part: dict[str, Any] = {table.key: table.rows for table in section.tables}
        part["tables"] = {
            table.key: {
                "title": table.title,
                "coverage": table.coverage,
                "notes": table.notes,
                "units": {column.key: column.unit for column in table.columns if column.unit},
            }
            for table in section.tables
        }
        document[section.key] = {"title": section.title} | part
    return json.dumps(document, indent=1, ensure_ascii=True, allow_nan=False) + "\n"
