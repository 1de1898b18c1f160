"""docs/reference/arguments.md lists every argument of every spider, and no other."""

from __future__ import annotations

import re

import pytest

from tests.support.reading import blocks, document, names, rows, section
from tvspiders.spiders.arguments import MODELS

PAGE = document("docs/reference/arguments.md")


def of(spider: str) -> list[list[str]]:
    """Rows of the table about one spider."""
    return [row for row in rows(section(PAGE, "All arguments")) if {spider, "all"} & set(row[1].split(", "))]


@pytest.mark.parametrize("spider", MODELS)
def test_every_argument_is_listed_and_every_one_listed_is_taken(spider):
    assert {names(row[0])[0] for row in of(spider)} == set(MODELS[spider].model_fields)


@pytest.mark.parametrize("spider", MODELS)
def test_what_an_argument_means_is_what_the_code_says(spider):
    for row in of(spider):
        assert row[-1] == MODELS[spider].model_fields[names(row[0])[0]].description


@pytest.mark.parametrize("name", ["README.md", "docs/spiders.md", "docs/sandbox.md"])
def test_examples_give_arguments_that_are_taken(name):
    text = document(name)
    lines = [line for block in blocks(text, r"\w*") for line in block.splitlines()]
    lines += [code for code in names(text) if code.startswith("scrapy crawl")]
    for line in lines:
        found = re.search(r"scrapy (?:crawl|plan) (\w+)", line)
        if found and found[1] in MODELS:
            given = re.findall(r"-a (\w+)=", line)
            assert set(given) <= {*MODELS[found[1]].model_fields, "help"}, line
