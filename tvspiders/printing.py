"""All that is printed for people goes through here: no secrets, and nothing that a terminal obeys."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from tvspiders.harmless import JOINERS, visible
from tvspiders.policies.security.redaction import masked

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.segment import Segment
    from rich.text import Text


def printable(text: str, kept: str = "") -> str:
    r"""The text without secrets, control and direction characters shown as escapes, but for those ``kept``.

    >>> printable("a\x1b[2J\x9b31m\r\u202eb")
    'a\\x1b[2J\\x9b31m\\r\\u202eb'
    """
    return visible(masked(text), kept=JOINERS + kept)


def say(*lines: str) -> None:
    """Print lines on standard output, at once; a line end within one is shown as an escape."""
    for line in lines:
        print(printable(line), flush=True)


def say_wrong(line: str) -> None:
    """Print on standard error what is wrong, or how it ended: one line, whatever is in it."""
    print(f"tvspiders: {printable(line)}", file=sys.stderr, flush=True)


def console(**options: Any) -> Console:
    """A console of rich for tables and progress; options are those of ``rich.console.Console``."""
    made: Console = _console_class()(**options)
    return made


@cache
def _console_class() -> type[Console]:
    """Made on first use, for rich takes long to load."""
    from rich.console import Console
    from rich.segment import Segment
    from rich.text import Text

    class PrintableConsole(Console):
        """Whatever comes as text is made printable before it is measured, and once more as it is drawn."""

        def render_str(self, text: str, **options: Any) -> Text:
            """What a text means, markup included."""
            meant = super().render_str(text, **options)
            clean = printable(meant.plain, kept="\n")
            return meant if clean == meant.plain else Text(clean, style=meant.style, justify=meant.justify)

        def render(self, renderable: Any, options: ConsoleOptions | None = None) -> Iterable[Segment]:
            """Segments of text and style; those without text are rich's own commands."""
            if isinstance(renderable, Text):
                clean = printable(renderable.plain, kept="\n")
                if clean != renderable.plain:
                    renderable = Text(clean, style=renderable.style, justify=renderable.justify)
            for segment in super().render(renderable, options):
                if segment.control:
                    yield segment
                else:
                    yield Segment(printable(segment.text, kept="\n"), segment.style)

    return PrintableConsole
