"""The live picture of a crawl on a terminal."""

from __future__ import annotations

import logging
import sys
from typing import IO, cast

from rich.console import Console, Group, RenderableType
from rich.file_proxy import FileProxy
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tvspiders import printing
from tvspiders.extensions.progress.text import Snapshot, counted, duration, stored_text, token_text

SHORTEST_BAR, LONGEST_BAR = 6, 30
"""Columns of the bar; it gives way to the words where the terminal is narrow."""
MOST_TOKENS = 8
"""Tokens with a line of their own: the picture must not fill the screen."""


class TerminalDisplay:
    """A few lines that stay at the bottom of the terminal; log lines scroll above them."""

    def __init__(self, title: str, console: Console | None = None) -> None:
        self.title = title
        self.console = console or printing.console(stderr=True)
        self._live = Live(console=self.console, auto_refresh=False, transient=True)
        self._streams: list[tuple[logging.StreamHandler[IO[str]], IO[str]]] = []

    def start(self) -> None:
        """Take the bottom of the terminal; log lines that went to standard error go above."""
        streams = (sys.stderr, sys.__stderr__)  # before rich puts something else into its place
        self._live.start()
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream in streams:
                self._streams.append((handler, handler.stream))
                handler.setStream(cast("IO[str]", FileProxy(self.console, handler.stream)))

    def show(self, now: Snapshot) -> None:
        """Draw the picture."""
        self._live.update(render(self.title, now, self.console.width), refresh=True)

    def stop(self) -> None:
        """Leave the terminal as it was."""
        for handler, stream in self._streams:
            handler.setStream(stream)
        self._streams.clear()
        self._live.stop()


def render(title: str, now: Snapshot, width: int = 80) -> Group:
    """The lines of the picture, each on one line of a terminal this wide."""
    head = Text(title, style="bold")
    count = Text(f"{now.done:,}/{now.known:,} requests")
    left = Text(f"about {duration(now.to_finish)} to finish", style="dim")
    room = width - sum(part.cell_len + 1 for part in (head, count, left)) - 1
    bar = Table.grid(padding=(0, 1))
    parts: list[RenderableType] = [head, count]
    if room >= SHORTEST_BAR:
        done = ProgressBar(total=max(1, now.known), completed=now.done, width=min(LONGEST_BAR, room))
        parts.insert(1, done)
    bar.add_row(*parts, left)
    lines = [Text(f"  new: {stored_text(now.stored) or 'nothing yet'}")]
    lines += [Text(f"  {token_text(use)}", style="dim") for use in now.tokens[:MOST_TOKENS]]
    if len(now.tokens) > MOST_TOKENS:
        lines.append(Text(f"  and {counted(len(now.tokens) - MOST_TOKENS, 'more token')}", style="dim"))
    if now.refused:
        lines.append(Text(f"  {now.refused:,} refused for quota (429)", style="yellow"))
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return Group(bar, *lines)
