"""The tables at the end of ``scrapy demo``."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tvspiders.storage.database.reading import open_for_reading
from tvspiders.storage.queries.overview import row_counts, top_parents, top_things

FIGURES = 47
"""Columns that figures, borders and padding take; the rest is for names."""


def print_database(url: str, console: Console) -> None:
    """Print the counts of the database, and its most downloaded and most remixed things."""
    with open_for_reading(url) as connection:
        counts = row_counts(connection)
        popular = top_things(connection, 8)
        parents = top_parents(connection, 5)
    console.print()
    console.print(
        "In the database: " + ", ".join(f"{number:,} {name}" for name, number in counts.items()),
        soft_wrap=not console.is_terminal,
    )
    table = Table(title="Most downloaded", title_justify="left")
    room = max(20, min(60, console.width - FIGURES))
    for name, width in (("thing", room - room * 2 // 5), ("creator", room * 2 // 5)):
        table.add_column(name, overflow="ellipsis", max_width=width, no_wrap=True)
    for name in ("downloads", "likes", "makes", "remixes"):
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    for thing in popular:
        figures = (thing.downloads, thing.likes, thing.makes, thing.remixes)
        table.add_row(plain(thing.name), plain(thing.creator), *(_number(figure) for figure in figures))
    console.print(table)
    if parents:
        table = Table(title="Most remixed among these", title_justify="left")
        table.add_column("thing", overflow="ellipsis", max_width=44, no_wrap=True)
        table.add_column("remixes found", justify="right")
        for parent in parents:
            name = plain(parent.name) if parent.name else f"thing {parent.id}, not crawled itself"
            table.add_row(name, f"{parent.children:,}")
        console.print(table)


def plain(text: str | None) -> str:
    """Text of the site without what a terminal would obey."""
    if text is None:
        return "-"
    return escape("".join(character if character.isprintable() else " " for character in text))


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"
