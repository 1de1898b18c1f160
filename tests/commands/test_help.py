"""Each command explains itself."""

from __future__ import annotations

import pkgutil

import pytest

import tvspiders.commands

COMMANDS = sorted(module.name for module in pkgutil.iter_modules(tvspiders.commands.__path__))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help(shell, name):
    ended = shell(name, "-h")

    assert (ended.code, ended.err) == (0, "")
    assert f"scrapy {name} [options]" in ended.out
    assert "--set" in ended.out


def test_scrapy_lists_the_commands(shell):
    ended = shell("-h")

    listed = {line.split()[0] for line in ended.out.splitlines() if line.startswith("  ") and line.split()}
    assert set(COMMANDS) <= listed


@pytest.mark.parametrize(
    ("name", "options"),
    [("export", ["--crawl", "--output"]), ("demo", ["--folder"]), ("plan", ["-a"]), ("crawl", ["-O", "-a"])],
)
def test_help_names_the_options(shell, name, options):
    out = shell(name, "-h").out

    assert [option for option in options if option not in out] == []
