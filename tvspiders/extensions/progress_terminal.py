"""The live picture of a crawl on a terminal."""

from __future__ import annotations

import logging
import sys
from typing import IO, cast

from rich.console import Console, Group
from rich.file_proxy import FileProxy
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tvspiders.extensions.progress_text import Snapshot, duration, token_text


class TerminalDisplay:
    """A few lines that stay at the bottom of the terminal; log lines scroll above them."""

    def __init__(self, title: str, console: Console | None = None) -> None:
        self.title = title
        self.console = console or Console(stderr=True)
        self._live = Live(console=self.console, auto_refresh=False, transient=True)
        self._streams: list[tuple[logging.StreamHandler[IO[str]], IO[str]]] = []

    def start(self) -> None:
        """Take the bottom of the terminal; log lines that went to standard error go above."""
        self._live.start()
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream in (sys.stderr, sys.__stderr__):
                self._streams.append((handler, handler.stream))
                handler.setStream(cast("IO[str]", FileProxy(self.console, handler.stream)))

    def show(self, now: Snapshot) -> None:
        """Draw the picture."""
        self._live.update(render(self.title, now), refresh=True)

    def stop(self) -> None:
        """Leave the terminal as it was."""
        for handler, stream in self._streams:
            handler.setStream(stream)
        self._streams.clear()
        self._live.stop()


def render(title: str, now: Snapshot) -> Group:
    """The lines of the picture."""
    bar = Table.grid(padding=(0, 1))
    bar.add_row(
        Text(title, style="bold"),
        ProgressBar(total=max(1, now.known), completed=now.done, width=30),
        Text(f"{now.done:,}/{now.known:,} requests"),
        Text(f"about {duration(now.to_finish)} to finish", style="dim"),
    )
    lines: list[Text] = []
    stored = "  ".join(f"{number:,} {kind}s" for kind, number in sorted(now.stored.items()))
    lines.append(Text(f"  new: {stored or 'nothing yet'}"))
    lines += [Text(f"  {token_text(use)}", style="dim") for use in now.tokens]
    if now.refused:
        lines.append(Text(f"  {now.refused:,} refused for quota (429)", style="yellow"))
    return Group(bar, *lines)
