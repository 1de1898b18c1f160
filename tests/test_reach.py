"""A test is called fast by what it uses, and fails if that was wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = """
import pytest

from tests.support.reach import (
    pytest_collection_modifyitems,
    pytest_ignore_collect,
    pytest_runtest_call,
    pytest_runtest_setup,
)


@pytest.fixture
def sandbox():
    pass
"""
TESTS = """
import os

import pytest


def test_plain():
    pass


def test_served(sandbox):
    pass


@pytest.mark.parametrize("backend", ["sqlite"])
def test_stored(backend):
    pass


@pytest.mark.long
def test_swept():
    pass


def test_listens():
    import socket

    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", 0))
        except RuntimeError:
            pass


def test_forks():
    os.system("true")
"""
WARM = """
import pytest


@pytest.fixture(autouse=True)
def forked(warm):
    pass
"""
INI = "[pytest]\nmarkers =\n    fast: x\n    long: x\n"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a run of the fast ones among some tests says."""
    folder = tmp_path_factory.mktemp("reach")
    (folder / "test_some.py").write_text(TESTS)
    broken = "raise AssertionError('imported')\n"
    (folder / "test_starts.py").write_text(f"import subprocess\n\n{broken}")
    (folder / "forked").mkdir()
    (folder / "forked" / "conftest.py").write_text(WARM)
    (folder / "forked" / "test_all.py").write_text(broken)
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "pytest.ini").write_text(INI)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "fast"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "COLUMNS": "1000"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.stdout + done.stderr


def test_fast_is_what_uses_neither_process_nor_server_nor_database(said: str) -> None:
    chosen = re.findall(r"^(?:PASSED|FAILED) \S*::(\S+)", said, re.MULTILINE)

    assert sorted(chosen) == ["test_forks", "test_listens", "test_plain"]


def test_tests_that_cannot_be_fast_are_not_imported(said: str) -> None:
    assert "'imported'" not in said
    assert "2 failed, 1 passed, 3 deselected" in said


@pytest.mark.parametrize(("name", "event"), [("listens", "socket.bind"), ("forks", "os.system")])
def test_what_starts_something_and_is_called_fast_fails(said: str, name: str, event: str) -> None:
    line = f"FAILED test_some.py::test_{name} - Failed: marked fast, but started something: {event}"

    assert line in said
