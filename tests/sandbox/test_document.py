"""docs/sandbox.md says what there is, and says nothing else."""

import argparse
import re
from pathlib import Path

import pytest

from tvspiders.sandbox import Oracle, SandboxConfig
from tvspiders.sandbox.catalogue.search import SORTS
from tvspiders.sandbox.config import ODDITIES
from tvspiders.sandbox.front import Front
from tvspiders.sandbox.front.control import Control
from tvspiders.sandbox.options import add_options

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()
CODE = set(re.findall(r"`([^`\n]+)`", DOCUMENT))


@pytest.fixture(scope="module")
def front():
    return Front(SandboxConfig(things=100, control=True))


def options():
    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser)
    return {option: action for action in parser._actions for option in action.option_strings}


def documented_options():
    table = DOCUMENT.partition("## Options")[2].partition("**Oddities**")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `--")]
    return {name: row[2].strip() for row in rows for name in re.findall(r"`(--[\w-]+)`", row[1])}


def test_every_option_has_a_line_and_every_line_an_option():
    assert documented_options().keys() == options().keys()


def test_the_documented_defaults_are_the_real_ones():
    for name, default in documented_options().items():
        action = options()[name]
        if isinstance(action.default, str) and default:
            assert action.default == default, name
        elif action.default is False:
            assert default == "off", name


def test_every_endpoint_is_named_and_every_name_is_an_endpoint(front):
    table = DOCUMENT.partition("## Endpoints")[2].partition("Searches take")[0]
    named = set(re.findall(r"`(/[^`]*)`", table))
    served = {pattern.rstrip("/") for _, pattern in front.site.router.patterns}

    assert served <= named
    assert named - served == {"/users/me"}


def test_every_control_path_is_named_and_every_name_is_a_path(front):
    table = DOCUMENT.partition("## Control")[2]
    named = set(re.findall(r"`((?:GET|POST) /_sandbox[^`]*)`", table))

    assert named == {f"{method} {pattern}" for method, pattern in Control(front).router.patterns}


@pytest.mark.parametrize("word", [*ODDITIES, *SORTS])
def test_the_words_that_switches_and_sorts_take_are_named(word):
    assert word in CODE


def test_every_counter_is_named(front):
    named = DOCUMENT.partition("Counters:")[2]

    for counter in front.counters():
        assert counter in named or counter.startswith("by_") or counter == "day", counter


def test_the_figures_about_planters_and_pia_are_right():
    small, big = Oracle(SandboxConfig()), Oracle(SandboxConfig(things=6_000_000))
    found = [f"{oracle.search('planters')['total']:,}" for oracle in (small, big)]

    assert "`planters` {} times in 20,000 things, {} times in 6,000,000".format(*found) in DOCUMENT
    assert f"`prolific_Pia` ({len(small.user('prolific_pia')['things']):,} things of 20,000)" in DOCUMENT


def test_the_documents_name_no_machine_path():
    assert not re.search(r"/(root|home|work|tmp)/", DOCUMENT)
