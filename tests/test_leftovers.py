"""A test that leaves something open fails for it: that very test, whatever it left."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = """
from tests.support import leftovers
from tests.support.leftovers import nothing_left_behind, pytest_fixture_setup, pytest_terminal_summary

leftovers.PATIENCE = 0.1
"""
LEAKS = {
    "thread": "thread = threading.Thread(target=threading.Event().wait, daemon=True); thread.start()",
    "process": "KEPT.append(subprocess.Popen(['cat'], stdin=subprocess.PIPE))",
    "file": "KEPT.append(open(__file__))",
    "socket": "KEPT.append(socket.socket())",
    "database": "KEPT.append(sqlite3.connect(':memory:'))",
    "garbage": "cycle = [sqlite3.connect(':memory:')]; cycle.append(cycle)",
    "loop": "KEPT.append(asyncio.new_event_loop())",
    "nothing": "sqlite3.connect(':memory:').close(); asyncio.new_event_loop().close()",
    "waiting": "thread = threading.Timer(0.01, print); thread.start()",
}
NAMED = {
    "thread": "thread Thread-",
    "process": "process [0-9]+ cat",
    "file": "file [0-9]+ -> .*/test_leaks.py",
    "socket": "file [0-9]+ -> socket:",
    "database": "database <sqlite3.Connection",
    "garbage": "database <sqlite3.Connection",
    "loop": "event loop <_UnixSelectorEventLoop",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a run over tests that leave something behind says at its end."""
    folder = tmp_path_factory.mktemp("leaks")
    tests = [f"def test_{name}():\n    {leak}\n" for name, leak in LEAKS.items()]
    head = "import asyncio, socket, sqlite3, subprocess, threading\n\nKEPT = []\n"
    (folder / "test_leaks.py").write_text("\n\n".join([head, *tests]))
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-rE",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            str(folder),
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "COLUMNS": "1000"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMED)
def test_what_is_left_open_fails_the_test_that_left_it(said: str, name: str) -> None:
    line = rf"^ERROR test_leaks.py::test_{name} - Failed: left something behind: .*{NAMED[name]}"

    assert re.search(line, said, re.MULTILINE), said


def test_what_is_closed_or_just_ending_fails_nobody(said: str) -> None:
    assert f"{len(LEAKS)} passed, {len(NAMED)} errors" in said


def test_the_guilty_are_counted(said: str) -> None:
    assert f"left something behind: {len(NAMED)} tests\n" in said
