"""docs/guide.md says of each item what does it here, and every name that it uses is one of the code."""

from __future__ import annotations

import argparse
import contextlib
import re
import shlex

import pytest
from scrapy.settings import Settings

from tests.support.command_names import OFFERED
from tests.support.reading import ROOT, blocks, document, names, rows
from tvspiders.commands.graph import Command as Graph
from tvspiders.commands.login import Command as Login
from tvspiders.commands.report import FORMATS
from tvspiders.commands.report import Command as Report
from tvspiders.extras.analytics.command_line import options_from
from tvspiders.spiders.arguments import MODELS
from tvspiders.storage.tables import metadata

PAGE = document("docs/guide.md")
ROWS = rows(PAGE)
BEGINNINGS = ("the same", "differs: ", "not done, because ", "see [")
OF_THE_API = {"sort", "derivatives", "schedule.toml", "--nodes"}
"""Words in the right column that are no name of ours."""
NEEDED = {"things": {"query": "x"}, "categories": {}, "users": {"username": "x"}, "remixes": {"thing": "1"}}
"""Spiders, each with what it cannot do without."""
COMMAND_LINES = sorted({name for row in ROWS for name in names(row[1]) if name.startswith("scrapy ")})


def argument_is_taken(given: str) -> bool:
    """Whether a spider has the argument and takes the value."""
    name, _, value = given.partition("=")
    for spider, needed in NEEDED.items():
        if name in MODELS[spider].model_fields and name != "file":
            with contextlib.suppress(ValueError):
                MODELS[spider](**needed | {name: value})
                return True
    return name == "file"


def parsed(command, line):
    parser = argparse.ArgumentParser()
    command.settings = Settings()
    command.add_options(parser)
    return parser.parse_args(line) if not isinstance(command, Report) else parser.parse_known_args(line)


def check_command(line):
    words = shlex.split(line)[1:]
    assert words[0] in OFFERED, line
    if words[0] == "crawl":
        given = dict(word.split("=", 1) for word in words[3::2])
        given = {name: ("763622" if name == "file" else value) for name, value in given.items()}
        if "file" in given:
            given = {"thing": given.pop("file")} | given
        MODELS[words[1]](**given)
    elif words[0] == "report":
        opts, sections = parsed(Report(), words[1:])
        options_from(sections, opts)
        assert opts.format in FORMATS, line
    elif words[0] == "graph":
        parsed(Graph(), words[1:])
    elif words[0] == "login":
        parsed(Login(), words[1:])


def test_every_row_says_in_one_of_three_ways_what_becomes_of_its_item():
    assert len(ROWS) >= 70
    assert [row for row in ROWS if len(row) != 2 or not row[1].startswith(BEGINNINGS)] == []


@pytest.mark.parametrize(
    "line", sorted({name for row in ROWS for name in names(row[1]) if name.startswith("scrapy ")})
)
def test_every_command_of_the_table_is_taken(line):
    check_command(line)


def test_the_three_phases_are_commands_that_are_taken():
    (block,) = blocks(PAGE, "sh")

    lines = [
        re.sub(r"^for .*?; do |; done$", "", line).replace("$query", "planter") for line in block.splitlines()
    ]

    assert [line.split()[1] for line in lines] == ["crawl", "report", "crawl", "report"]
    for line in lines:
        check_command(line)


def test_every_other_name_on_the_right_is_a_column_a_table_a_setting_or_an_argument():
    settings = document("docs/settings.md")

    for row in ROWS:
        for name in names(row[1]):
            if name.startswith("scrapy ") or name in OF_THE_API:
                continue
            table, _, column = name.partition(".")
            known = (
                (table in metadata.tables and (not column or column in metadata.tables[table].c))
                or (name.isupper() and f"`{name}" in settings)
                or name in ("USER_AGENT",)
                or argument_is_taken(name)
            )
            assert known, (name, row[0])


def test_links_lead_to_headings():
    for page, place in re.findall(r"\]\(([\w.]*)#([\w-]+)\)", PAGE):
        text = (ROOT / "docs" / (page or "guide.md")).read_text("utf-8")
        headings = {
            re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in text.splitlines()
        }
        assert place in headings, place


@pytest.mark.parametrize(
    "word", ["sparse past page 100", "in the header only", "not done, because", "API terms", "taken back"]
)
def test_the_questions_that_people_bring_are_answered(word):
    assert word in PAGE
