"""Without the folder of an extra and its line in the registry, the rest works and passes its own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.removed import COMMANDS
from tests.support.shell import FAST, Shell
from tests.support.without import copy_without
from tvspiders.extras import EXTRAS


def in_copy(copy: Path, shell: Shell, *argv: str) -> subprocess.CompletedProcess[str]:
    """``scrapy ARGV`` with the code of the copy."""
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *argv],
        cwd=shell.folder,
        env=shell.environment | {"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_with_none_of_them_a_crawl_is_complete_and_the_other_commands_are_there(shell, tmp_path):
    copy = copy_without(EXTRAS, tmp_path / "copy")

    crawl = in_copy(copy, shell, "crawl", "things", "-a", "query=lamp", "-a", "pages=1", *FAST)
    audit = in_copy(copy, shell, "audit")
    commands = in_copy(copy, shell, "-h").stdout
    spiders = in_copy(copy, shell, "list").stdout.split()

    assert crawl.returncode == audit.returncode == 0, crawl.stderr + audit.stderr
    assert [name for names in COMMANDS.values() for name in names if f"\n  {name} " in commands] == []
    assert all(f"\n  {name} " in commands for name in ("audit", "crawl", "demo", "export", "plan", "token"))
    assert "things" in spiders
    assert "pages" not in spiders


@pytest.mark.long
@pytest.mark.parametrize("extra", EXTRAS)
def test_without_one_the_tests_of_the_rest_pass(extra, tmp_path):
    # tests/docs are left out: the documents describe all extras
    copy = copy_without([extra], tmp_path / "copy")
    command = [sys.executable, "-m", "pytest", "tests", "-q", "-n", "1", "-p", "no:cacheprovider"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TV_", "PYTEST"))}

    ended = subprocess.run(
        [*command, "--ignore=tests/docs"],
        cwd=copy,
        env=kept,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout[-4000:]
