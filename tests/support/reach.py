"""Which tests are fast: those that start no process, server or browser, and use no database.

Decided by what a test uses; a test that is called fast and starts one of them nevertheless fails.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FIXTURES = frozenset({"backend", "postgresql_server", "sandbox", "serving", "sqlite_template", "warm"})
STARTERS = frozenset(
    {
        "aiohttp.web",
        "socket",
        "subprocess",
        "multiprocessing",
        "tvspiders.console.demo.run",
        "tests.support.api_server",
        "tests.support.browser",
        "tests.support.starting",
        "tests.extras.webhooks.receiver",
        "tvspiders.extras.account.callback",
        "tvspiders.sandbox.running",
    }
)
"""A test module that uses one of these starts something."""
STARTED = frozenset(
    {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.exec", "socket.bind"}
)
"""Python's own names for it, as audit hooks are told."""

_SLOW_MODULE = re.compile(r"^import (?:socket|subprocess|multiprocessing)$", re.MULTILINE)
_SLOW_FOLDER = re.compile(r"^@pytest\.fixture\(autouse=True\)\ndef \w+\(warm\b", re.MULTILINE)
"""In the source of a module or of a ``conftest.py``, where `is_fast` is false for every test in it."""


def is_fast(item: pytest.Item) -> bool:
    """Whether nothing that a test uses starts anything."""
    if item.get_closest_marker("long") or not isinstance(item, pytest.Function):
        return False
    return not (FIXTURES & set(item.fixturenames) or _starts(item.module))


@cache
def _starts(module: ModuleType) -> bool:
    names = {
        value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")
        for value in vars(module).values()
    }
    return bool(STARTERS & names)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no tests of which none can be fast where only fast ones are run."""
    if not _only_fast(config):
        return None
    source, slow = collection_path, _SLOW_MODULE
    if collection_path.is_dir():
        source, slow = collection_path / "conftest.py", _SLOW_FOLDER
    if source.suffix == ".py" and source.is_file() and slow.search(source.read_text("utf-8")):
        return True
    return None


class _Guard:
    """Notes what a fast test starts."""

    def __init__(self) -> None:
        self.test: pytest.Item | None = None
        self.seen: list[str] = []

    def audit(self, event: str, _: object) -> None:
        if event in STARTED and self.test is not None:
            self.seen.append(event)


_guard = _Guard()
sys.addaudithook(_guard.audit)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them, before tests are chosen by their marks; modules without fast ones run first.

    What takes long is begun early, so that no core is idle at the end.
    """
    fast = [item for item in items if is_fast(item)]
    for item in fast:
        item.add_marker("fast")
    modules = {item.path for item in fast}
    items.sort(key=lambda item: item.path in modules)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two more than there are cores: many tests wait for a process or for a moment. Fast ones do not."""
    cores = os.cpu_count() or 1
    return cores if _only_fast(config) else cores + 2


def _only_fast(config: pytest.Config) -> bool:
    return config.getoption("markexpr", "") == "fast"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[Any]:
    """Watch a fast test from here on."""
    _guard.seen.clear()
    _guard.test = item if item.get_closest_marker("fast") else None
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[Any]:
    """Fail it if it was not as fast as it seemed."""
    result = yield
    started, _guard.test = sorted(set(_guard.seen)), None
    if started:
        pytest.fail(f"marked fast, but started something: {', '.join(started)}", pytrace=False)
    return result
