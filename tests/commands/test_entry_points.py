"""What ``pip install`` gives to every folder: our commands, and nothing of Scrapy's is taken away."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest
from scrapy.commands import ScrapyCommand

from tests.support.entry_points import install
from tests.support.shell import ROOT
from tvspiders.commands import entry_points
from tvspiders.extras import EXTRAS

SCRAPYS = {"bench", "fetch", "parse", "shell", "view"}
"""Scrapy's own commands that are ours in this project only."""
COMMANDS = {
    path.stem
    for folder in ("commands", *(f"extras/{extra}/commands" for extra in EXTRAS))
    for path in (ROOT / "tvspiders" / folder).glob("*.py")
} - {"__init__"}


@pytest.fixture
def anywhere(shell, tmp_path_factory):
    """Commands in a folder with nothing in it but what ``pip install`` would have left on the path."""
    site, folder = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("empty")
    install(site)

    def run(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "scrapy", *argv],
            cwd=folder,
            env=shell.environment | {"PYTHONPATH": f"{ROOT}:{site}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_every_command_of_ours_is_an_entry_point_that_loads():
    places = entry_points()

    assert set(places) == COMMANDS - SCRAPYS
    for name, place in places.items():
        assert issubclass(EntryPoint(name, place, "scrapy.commands").load(), ScrapyCommand)


@pytest.mark.parametrize("command", ["audit", "report", "graph", "export"])
def test_a_command_that_reads_the_database_asks_for_one_in_any_folder(anywhere, command):
    ended = anywhere(command)

    assert ended.stderr.startswith("tvspiders: "), ended.stderr + ended.stdout
    assert ended.stderr.count("\n") == 1
    assert ended.returncode in (1, 2)


def test_help_names_them_in_any_folder(anywhere):
    ended = anywhere("-h")

    assert ended.returncode == 0
    assert all(f"\n  {name}" in ended.stdout for name in ("audit", "export", "migrate-db"))


def test_crawl_outside_of_a_project_is_told_to_need_one(anywhere):
    ended = anywhere("crawl", "things")

    assert "needs a Scrapy project" in ended.stderr
    assert ended.returncode == 2


def test_a_partial_crawl_of_a_project_with_the_addon_ends_with_3(shell):
    (shell.folder / "scrapy.cfg").write_text("[settings]\ndefault = world\n")
    (shell.folder / "world.py").write_text('ADDONS = {"tvspiders.addon.TvSpiders": 0}\n')
    install(shell.folder)
    shell.sandbox.front.faults.set("500", 1.0)
    try:
        ended = shell("crawl", "things", "-a", "query=planters", "-s", "TV_MAX_ATTEMPTS=1")
    finally:
        shell.sandbox.front.faults.set("500", 0.0)

    assert ended.last.startswith("tvspiders: partial: ")
    assert ended.code == 3
