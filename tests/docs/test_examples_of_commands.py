"""The examples at the end of each command's ``--help`` are lines that the command takes."""

from __future__ import annotations

import argparse
import itertools

import pytest
from scrapy.settings import Settings

from tests.support.command_lines import check, command
from tests.support.command_names import OFFERED
from tvspiders import entry_points
from tvspiders.errors import UsageProblem

EXAMPLES = [line for name in sorted(OFFERED) for line in command(name).examples]


@pytest.mark.parametrize("name", sorted(OFFERED))
def test_a_command_has_two_examples_of_itself(name):
    lines = command(name).examples

    assert len(lines) >= 2
    assert [line for line in lines if f"scrapy {name}" not in f"{line} "] == []


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_is_taken(line):
    check(line)


@pytest.mark.parametrize(
    "line",
    [
        "scrapy crwl things",
        "scrapy crawl thing -a query=x",
        "scrapy crawl things -a qery=x",
        "scrapy crawl things -a query=x -a pages=none",
        "scrapy crawl things -a query=x -s TV_QOTA=3",
        "scrapy audit --no-such",
        "scrapy report --form html",
        "scrapy demo here",
        "TOKEN=x scrapy token",
    ],
)
def test_a_wrong_line_is_found(line):
    with pytest.raises((AssertionError, ValueError, UsageProblem)):
        check(line)


@pytest.mark.parametrize("name", sorted(OFFERED))
@pytest.mark.parametrize("width", ["60", "80", "100"])
def test_help_ends_with_the_examples_and_underlines_only_headings(name, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", width)
    one, parser = command(name), argparse.ArgumentParser(conflict_handler="resolve")
    one.add_options(parser)

    lines = parser.format_help().splitlines()

    assert lines[-len(one.examples) - 2 :] == [
        "Examples",
        "========",
        *(f"  {line}" for line in one.examples),
    ]
    headings = [before for before, line in itertools.pairwise(lines) if set(line) in ({"="}, {"-"})]
    groups = [group.title.title() for group in parser._action_groups if group._group_actions]
    assert headings == ["Usage", *groups, "Examples"]


@pytest.mark.parametrize(("addons", "ends"), [({"tvspiders.addon.TvSpiders": 0}, True), ({}, False)])
@pytest.mark.parametrize("entry", [entry_points.Crawl, entry_points.RunSpider])
def test_an_installed_command_shows_them_where_it_is_ours(entry, addons, ends):
    one, parser = entry(), argparse.ArgumentParser(conflict_handler="resolve")
    one.settings = Settings({"ADDONS": addons})

    one.add_options(parser)

    assert parser.format_help().rstrip().endswith(entry.ours.examples[-1]) is ends
