"""A report as one HTML file that opens without network: tables, charts and the remix network."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from markupsafe import Markup  # each text in it is ours, or JSON without angle brackets

from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.options import NetworkOptions
from tvspiders.extras.analytics.data.tables import Report, Table
from tvspiders.extras.analytics.render.network import network
from tvspiders.extras.analytics.render.texts import heading, is_quantity, is_time, plain
from tvspiders.harmless import visible

SCRIPTS = ("cytoscape.min.js", "chart.umd.min.js", "report.js")
"""The first two are vendored, with licences and digests in NOTICE.txt."""
BARS = 15
"""Bars of a chart."""
LABEL = 100
"""Most characters that name a bar; the script shows as many as there is room for."""


def render(report: Report, data: Dataset, options: NetworkOptions) -> str:
    """Everything in one document; nothing in it is fetched."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(shown=plain, head=heading, right=is_quantity, time=is_time, visible=visible)
    charts: list[dict[str, Any]] = []
    for section in report.sections:
        for table in section.tables:
            charts.extend(_charts(section.key, table))
    drawing = network(data, options)
    scripts = [_script(_asset(name)) for name in SCRIPTS]
    return environment.from_string(_asset("report.html")).render(
        report=report,
        network_note=drawing["note"],
        has_network=bool(drawing["nodes"]),
        links=data.options.pseudonyms is None,
        charts={chart["id"] for chart in charts},
        css=Markup(_asset("report.css")),  # noqa: S704
        scripts=[Markup(script) for script in scripts],  # noqa: S704
        script_hashes=" ".join(map(_digest, scripts)),
        notice=_asset("NOTICE.txt"),
        data=Markup(embedded({"charts": charts, "network": drawing})),  # noqa: S704
    )


def embedded(value: Any) -> str:
    r"""JSON that can stand inside a script element, whatever the names in it.

    >>> embedded("</script><!--")
    '"\\u003c/script\\u003e\\u003c!--"'
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _script(text: str) -> str:
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _digest(text: str) -> str:
    """By which the document's policy knows a script of ours; no other runs. Styles are made while it runs."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (files("tvspiders.extras.analytics.assets") / name).read_text(encoding="utf-8")


def _charts(section: str, table: Table) -> list[dict[str, Any]]:
    number = f"chart-{section}-{table.key}"
    units = {column.key: heading(column) for column in table.columns}
    if table.lines and len(table.rows) > 1:
        first = table.columns[0].key
        lines = [{"label": units[key], "data": [row[key] for row in table.rows]} for key in table.lines]
        return [{"id": number, "kind": "line", "labels": [row[first] for row in table.rows], "lines": lines}]
    if table.bars and len(table.rows) > 1:
        rows = table.rows[:BARS]
        labels = [_label(row, table) for row in rows]
        return [
            {
                "id": number,
                "kind": "bar",
                "labels": labels,
                "lines": [{"label": units[table.bars], "data": [row[table.bars] for row in rows]}],
            }
        ]
    return []


def _label(row: dict[str, Any], table: Table) -> str:
    for key in ("name", "creator", "license", "tag", "category"):
        if row.get(key):
            return visible(str(row[key])).replace("Creative Commons - ", "CC ")[:LABEL]
    return str(row.get("thing_id") or row.get(table.columns[1].key))
