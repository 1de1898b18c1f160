"""Each command explains itself."""

from __future__ import annotations

import pytest

from tests.support.command_names import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_command_has_help(shell, name):
    ended = shell(name, "-h")

    assert (ended.code, ended.err) == (0, "")
    assert f"scrapy {name} [options]" in ended.out
    assert "--set" in ended.out


def test_scrapy_lists_the_commands(shell):
    ended = shell("-h")

    listed = {line.split()[0] for line in ended.out.splitlines() if line.startswith("  ") and line.split()}
    assert set(NAMES) <= listed


@pytest.mark.parametrize(
    ("name", "options"),
    [("export", ["--crawl", "--output"]), ("demo", ["--folder"]), ("plan", ["-a"]), ("crawl", ["-O", "-a"])],
)
def test_help_names_the_options(shell, name, options):
    out = shell(name, "-h").out

    assert [option for option in options if option not in out] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_option_that_does_not_exist_is_told_in_one_line(shell, name):
    ended = shell(name, "--foo=bar")

    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert "there is no option --foo; -h shows them" in ended.err
