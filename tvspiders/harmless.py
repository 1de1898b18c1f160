"""Text with nothing in it that a terminal or a spreadsheet would obey."""

from __future__ import annotations

import unicodedata
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula; some take the full-width signs, too."""
UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
JOINERS = "\u200d\u200c"
"""Which emoji and several scripts need."""


def visible(text: str, unsafe: frozenset[str] = UNSAFE, kept: str = JOINERS) -> str:
    r"""Show control and direction characters as escapes, so that a name cannot command a terminal.

    ``unsafe`` are categories of Unicode, ``kept`` characters that stay all the same.

    >>> visible("a\x1b[2J\r\n\u202eb")
    'a\\x1b[2J\\r\\n\\u202eb'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char in kept or unicodedata.category(char) not in unsafe else escaped(char) for char in text
    )


def escaped(char: str) -> str:
    r"""The character as an escape, such as ``\x1b``."""
    return char.encode("unicode_escape").decode("ascii")


def cell(value: Any) -> Any:
    """A value for a spreadsheet; text that would be a formula gets an apostrophe in front.

    >>> cell("=1+1"), cell(-5), cell("-5 mm"), cell(None)
    ("'=1+1", -5, "'-5 mm", '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return no_formula(" ".join(str(part) for part in value))
    if isinstance(value, str):
        text = visible(value)
        return f"'{text}" if starts_formula(value) or text.startswith(FORMULA) else text
    return value


def starts_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula, also behind blanks."""
    return text.startswith(FORMULA) or text.lstrip().startswith(FORMULA)


def no_formula(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula.

    >>> no_formula("=1+1"), no_formula("1+1")
    ("'=1+1", '1+1')
    """
    return f"'{text}" if starts_formula(text) else text
