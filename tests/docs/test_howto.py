"""Commands of the tutorial, of the how-to pages and of the README are lines that are taken."""

from __future__ import annotations

import re

import pytest

from tests.support.command_lines import VARIABLE, check, lines
from tests.support.reading import ROOT, document, names

PAGES = [
    "README.md",
    "docs/tutorial.md",
    *(f"docs/howto/{path.name}" for path in (ROOT / "docs/howto").glob("*.md")),
]
OTHERS = ("createdb ", "sqlite3 ", "kill ", "rm ", "until ", "python", ". ")
"""How lines begin that are no command of ours."""


COMMANDS = [(page, line) for page in PAGES for line in lines(page)]


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[f"{page}: {line}" for page, line in COMMANDS])
def test_a_line_is_taken(page, line):
    if line.startswith("export "):
        for word in line.split()[1:]:
            assert f"`{VARIABLE.match(word)[1]}" in document("docs/settings.md")
    elif not line.startswith(OTHERS):
        check(line)


def test_the_line_for_cron_is_taken():
    (line,) = re.findall(r"(?m)^0 3 .*&& \S*(scrapy .*)$", document("docs/howto/nightly-crawl.md"))

    check(line)


def test_commands_within_the_text_are_taken():
    said = [name for page in PAGES for name in names(document(page)) if name.startswith("scrapy ")]

    for line in said:
        if not re.search(r"\b[A-Z]{2,}$|^scrapy [\w-]+$|…", line):  # with a place for a value, or a mere name
            check(line)


@pytest.mark.parametrize("page", PAGES[2:])
def test_a_page_has_one_title_and_says_what_to_do(page):
    text = document(page)

    assert len(re.findall(r"(?m)^# ", text)) == 1
    assert len(text.split()) < 500, "longer pages are no how-to: move what explains to its own page"
