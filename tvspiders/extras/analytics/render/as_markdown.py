"""A report as Markdown."""

from __future__ import annotations

import re

from tvspiders.extras.analytics.data.tables import Report, Table
from tvspiders.extras.analytics.render.texts import heading, is_quantity, plain
from tvspiders.harmless import visible


def escaped(text: str) -> str:
    r"""Text that Markdown shows as it is, also inside a table.

    >>> escaped("<b> | *x* [y](z)")
    '&lt;b&gt; \\| \\*x\\* \\[y\\](z)'
    >>> escaped("http://x.example www.x.example")
    'http\\://x.example www\\.x.example'
    """
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_\[\]|~#!])", r"\\\1", text)
    # many readers make links of bare addresses
    return re.sub(r"(?i):(?=//)|(?<=www)\.", r"\\\g<0>", text)


def render(report: Report) -> str:
    """Headings, a line of coverage under each, tables with units."""
    facts = report.facts
    lines = ["# Thingiverse remix report", ""]
    lines.append(f"{escaped(str(facts['program']))}, {facts['generated_at']}")
    if facts["as_of"]:
        lines.append(f"As of {escaped(str(facts['as_of']))}: {escaped(str(facts['as_of_note']))}.")
    lines += ["", escaped(report.coverage), ""]
    for section in report.sections:
        lines += [f"## {escaped(visible(section.title))}", ""]
        for table in section.tables:
            lines += _table(table)
    return "\n".join(lines)


def _table(table: Table) -> list[str]:
    lines = [f"### {escaped(visible(table.title))}", "", f"Coverage: {escaped(table.coverage)}", ""]
    lines += [f"- {escaped(note)}" for note in table.notes] + ([""] if table.notes else [])
    shown = [column for column in table.columns if column.key != "key"]
    if table.rows:
        lines.append("| " + " | ".join(escaped(heading(column)) for column in shown) + " |")
        lines.append("|" + "|".join(" ---: " if is_quantity(column) else " --- " for column in shown) + "|")
        for row in table.rows:
            cells = (escaped(plain(row.get(column.key), column)) for column in shown)
            lines.append("| " + " | ".join(cells) + " |")
    else:
        lines.append("(nothing)")
    return [*lines, ""]
