"""A report for the terminal, as rich tables."""

from __future__ import annotations

import io
import shutil

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from tvspiders import printing
from tvspiders.extras.analytics.data.tables import Report, Section, Table
from tvspiders.extras.analytics.render.texts import heading, is_quantity, plain
from tvspiders.extras.analytics.render.widths import GAP, widths, wish
from tvspiders.harmless import visible

LONG = 24
"""Rows shown of a table without ranking, the newest ones."""


def render(report: Report, colour: bool, width: int | None = None) -> str:
    """Everything as text, with colours when the terminal shows them."""
    out = io.StringIO()
    console = printing.console(
        file=out,
        width=width or max(shutil.get_terminal_size((200, 40)).columns, 80),
        force_terminal=colour,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
    )
    facts = report.facts
    console.print(Text(f"{facts['program']}, {facts['generated_at']}", style="dim"))
    if facts["as_of"]:
        console.print(Text(f"as of {visible(str(facts['as_of']))}: {facts['as_of_note']}", style="dim"))
    for section in report.sections:
        _section(console, section)
    return out.getvalue()


def _section(console: Console, section: Section) -> None:
    console.print()
    console.rule(Text(visible(section.title), style="bold"))
    for table in section.tables:
        _table(console, table)


def _table(console: Console, table: Table) -> None:
    console.print()
    console.print(Text(visible(table.title), style="bold cyan"))
    shown = [
        column
        for column in table.columns
        if column.key != "key"
        and not column.minor
        and (not table.rows or any(row.get(column.key) is not None for row in table.rows))
    ]
    rows = table.rows
    hidden = 0
    left_out: list[str] = []
    if table.lines and len(rows) > LONG:
        hidden, rows = len(rows) - LONG, rows[-LONG:]
    if rows:
        cells = [[plain(row.get(column.key), column) for column in shown] for row in rows]
        wishes = [wish(column, [row[place] for row in cells]) for place, column in enumerate(shown)]
        fits = widths(wishes, console.width)
        left_out = [column.title for column in shown[len(fits) :]]
        grid = Grid(box=None, pad_edge=False, header_style="bold", padding=(0, GAP, 0, 0))
        for column, width in zip(shown, fits, strict=False):
            grid.add_column(
                Text(heading(column)), justify="right" if is_quantity(column) else "left", width=width
            )
        for row in cells:
            grid.add_row(*(Text(value, no_wrap=True, overflow="ellipsis") for value in row[: len(fits)]))
        console.print(grid)
    else:
        console.print(Text("(nothing)"))
    if left_out:
        console.print(Text(f"too narrow for: {'; '.join(left_out)} (--format json shows all)", style="dim"))
    if hidden:
        console.print(Text(f"{hidden} earlier rows: --format csv or json shows them", style="dim"))
    for note in table.notes:
        console.print(Text(f"- {visible(note)}", style="dim"))
    console.print(Text(f"coverage: {visible(table.coverage)}", style="dim"))
