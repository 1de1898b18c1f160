"""What a command prints is written, or its exit code and one line say that it is not."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.command_names import NAMES
from tests.support.shell import FAST
from tvspiders.console.command import TvCommand
from tvspiders.console.refused_command import RefusedCommand

FULL = Path("/dev/full")
LINES = (
    *("audit", "crawl things -a help=1", "demo", "export snapshots", "like --dry-run 7", "logout"),
    *("pages", "plan things -a query=planters", "sandbox --port 0", "token"),
)
NO_ROOM = "standard output: No space left on device"
full = pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")


@pytest.fixture
def filled(crawled):
    """A shell with a database and a token file."""
    (crawled.folder / "tokens").write_text("")
    (crawled.folder / "tokens").chmod(0o600)
    return crawled


@full
@pytest.mark.parametrize("line", LINES)
def test_an_output_that_takes_no_more_is_told_in_one_line(filled, line):
    tokens = "tokens" if line == "logout" else None

    ended = filled(*line.split(), output=FULL, THINGIVERSE_TOKEN_FILE=tokens)

    assert (ended.code, ended.last.partition(": ")[2]) == (1, NO_ROOM), ended.err
    assert ended.err.count(NO_ROOM) == 1
    assert "Traceback" not in ended.err


@full
def test_a_real_process_ends_with_1_and_not_as_python_would_end_it(filled):
    with FULL.open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "scrapy", "audit"],
            cwd=filled.folder,
            env=filled.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )

    assert (ended.returncode, ended.stderr) == (1, f"tvspiders: {NO_ROOM}\n")


@pytest.mark.parametrize(
    "line",
    [
        *("export", "pages", "crawl things -a help=1"),
        *("audit", "plan things -a query=planters", "token"),  # what rich prints
    ],
)
def test_a_reader_that_has_gone_is_no_failure(filled, line):
    process = filled.process(*line.split())
    process.stdout.close()

    with process.stderr:
        err = process.stderr.read()

    assert (process.wait(timeout=60), err) == (0, "")


def test_a_reader_of_a_feed_that_has_gone_leaves_a_complete_crawl(filled):
    many = ("kind=newest", "-a", "pages=5", "-a", "details=false")
    process = filled.process("crawl", "listings", "-a", *many, "-O", "-:jsonlines", *FAST)
    process.stdout.close()

    with process.stderr:
        err = process.stderr.read()

    assert process.wait(timeout=60) == 0, err
    assert "The reader of the feed on standard output has enough" in err
    assert filled("audit").code == 0


@pytest.mark.parametrize("name", NAMES)
def test_each_command_ends_so(name):
    command = import_module(f"tvspiders.commands.{name}").Command
    if issubclass(command, RefusedCommand):
        return  # runs nothing

    assert issubclass(command, TvCommand)
    assert command.run is TvCommand.run, "write execute, not run"
