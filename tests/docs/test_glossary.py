"""What docs/glossary.md says not to use is in no message of the product and in no page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.reading import ROOT, document, rows

PAGE = document("docs/glossary.md")
NOT_USED = [word.strip() for _, _, words in rows(PAGE) for word in words.split(",") if word.strip()]
UNWANTED = re.compile(rf"\b({'|'.join(map(re.escape, NOT_USED))})\b", re.IGNORECASE)
WRITERS = {"debug", "info", "warning", "error", "critical", "exception", "log", "print", "say", "write"}
DOCUMENTS = sorted(path for path in (ROOT / "docs").rglob("*.md") if path.name != "glossary.md")


def texts(node: ast.AST) -> Iterator[str]:
    """The literal texts of an expression, also those within f-strings."""
    for child in ast.walk(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value


def messages(source: str) -> Iterator[str]:
    """The texts of log lines, of what is printed, and of errors that are raised."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in WRITERS:
                yield from texts(node)
        elif isinstance(node, ast.Raise) and node.exc is not None:
            yield from texts(node.exc)


def unwanted(text: str) -> list[str]:
    return [found.group(0) for found in UNWANTED.finditer(text)]


def test_the_page_has_words_that_are_not_used():
    assert "frontier" in NOT_USED


@pytest.mark.parametrize(
    "source",
    [
        "logger.info('the frontier of %s', name)",
        "raise ValueError(f'{name}: no Frontier')",
        "print('a frontier')",
    ],
)
def test_a_word_in_a_message_is_found(source):
    assert [word.lower() for text in messages(source) for word in unwanted(text)] == ["frontier"]


def test_no_message_uses_them():
    found = [
        f"{path.relative_to(ROOT)}: {text!r}"
        for path in sorted((ROOT / "tvspiders").rglob("*.py"))
        for text in messages(path.read_text())
        if unwanted(text)
    ]

    assert found == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_page_uses_them(path):
    lines = path.read_text().splitlines()

    assert [f"{number}: {line}" for number, line in enumerate(lines, 1) if unwanted(line)] == []
