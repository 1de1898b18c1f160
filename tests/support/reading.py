"""What the documents say, in parts that can be compared."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = sorted((ROOT / "tvspiders").rglob("*.py"))


def document(name: str) -> str:
    """The text of a document, by its path from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of the same kind."""
    return re.split(r"(?m)^## ", text.partition(f"\n## {heading}\n")[2], maxsplit=1)[0]


def rows(text: str) -> list[list[str]]:
    """Cells of the tables, without heads and rules."""
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines):
        is_head = number + 1 < len(lines) and lines[number + 1].startswith("|---")
        if line.startswith("|") and not line.startswith("|---") and not is_head:
            found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def names(text: str) -> list[str]:
    """What stands between single backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def blocks(text: str, language: str) -> list[str]:
    """Fenced blocks of a language."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", text)


def source() -> str:
    """All of the package's code."""
    return "\n".join(path.read_text(encoding="utf-8") for path in CODE)
