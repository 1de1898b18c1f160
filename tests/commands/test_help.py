"""Each command explains itself."""

from __future__ import annotations

import shlex

import pytest

from tests.support.command_lines import command
from tests.support.command_names import NAMES
from tests.support.shell import FAST


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


CHEAP = ["audit", "export", "graph", "plan", "reparse", "report", "token", "forget"]
"""Commands whose examples are run, in this order, after those of ``crawl``."""


def test_examples_that_cost_nothing_end_well(shell):
    (shell.folder / "tokens").write_text("made-up-token\n")
    (shell.folder / "tokens").chmod(0o600)
    for line in [line for name in ("crawl", *CHEAP) for line in command(name).examples]:
        words = shlex.split(of_the_sandbox(shell, line))
        variables = dict(word.split("=", 1) for word in words[: words.index("scrapy")])
        if "THINGIVERSE_TOKEN_FILE" in variables:
            variables["THINGIVERSE_TOKEN"] = None

        ended = shell(*words[words.index("scrapy") + 1 :], *FAST, **variables)

        assert ended.code == 0, (line, ended.err)


def of_the_sandbox(shell, line):
    """A line about a thing and a user that the sandbox has; the first crawl has stored them."""
    if "763622" in line or "MakerBot" in line:
        ((thing, creator),) = shell.rows(
            "SELECT t.id, c.username FROM things t JOIN creators c ON c.id = t.creator_id"
            " WHERE t.remix_count > 0 AND t.remix_count < 10 LIMIT 1"
        )
        return line.replace("763622", str(thing)).replace("MakerBot", creator)
    return line
