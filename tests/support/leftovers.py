"""What a test left behind is that test's fault: looked for after each, and counted at the end."""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import psycopg
import pytest

PATIENCE = 5.0
"""Seconds in which a thread or a process that was told to end may do so."""
THAW_EVERY = 200
"""Tests after which what was old is looked through for once, so that garbage does not pile up."""
MARK = "left something behind: "
OURS = Path("/proc/self")


class Leftovers:
    """What is open in this process, and which of it was there before the test."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._accepted = 0

    def accept(self) -> None:
        """What is there now is nobody's fault: it was there before, or lives longer than one test."""
        self._known = set(self._open())
        self._accepted += 1
        if self._accepted % THAW_EVERY == 0:
            gc.unfreeze()
            gc.collect()
        gc.freeze()

    def found(self) -> list[str]:
        """What came since, once everything that is ending has ended."""
        # Before garbage is collected, which would close them in silence.
        unclosed = [thing for thing in gc.get_objects() if _kind(thing)]
        gc.collect()
        new = self._new(unclosed)
        end = time.monotonic() + PATIENCE
        while new and time.monotonic() < end:
            time.sleep(0.01)
            gc.collect()
            new = self._new(unclosed)
        return new

    def _new(self, unclosed: list[Any]) -> list[str]:
        still = [f"{kind} {thing!r}" for thing in unclosed if (kind := _kind(thing))]
        return sorted(set(self._open()) - self._known) + still

    def _open(self) -> Iterator[str]:
        """What can be listed for next to nothing."""
        for thread in threading.enumerate():
            yield f"thread {thread.name} ({thread.ident})"
        if OURS.exists():
            yield from _files()
            yield from _children()


def _files() -> Iterator[str]:
    for number in os.listdir(OURS / "fd"):
        if number == str(_tracker()._fd):
            continue
        try:
            yield f"file {number} -> {os.readlink(OURS / 'fd' / number)}"
        except FileNotFoundError:  # the one by which the folder is read
            continue


def _children() -> Iterator[str]:
    for task in os.listdir(OURS / "task"):
        try:
            children = (OURS / "task" / task / "children").read_text().split()
        except OSError:  # the thread has ended
            continue
        for child in children:
            if child == str(_tracker()._pid):
                continue
            try:
                yield f"process {child} {Path(f'/proc/{child}/comm').read_text().strip()}"
            except OSError:
                continue


def _tracker() -> Any:
    """A process that ``multiprocessing`` starts once and keeps as long as ours."""
    return resource_tracker._resource_tracker


def _kind(thing: Any) -> str:
    """Of a database or an event loop that is open; of anything else nothing."""
    kind = type(thing)
    if kind is sqlite3.Connection or issubclass(kind, sqlite3.Connection):
        try:
            _ = thing.in_transaction
        except sqlite3.ProgrammingError:  # closed
            return ""
        return "database"
    if issubclass(kind, psycopg.Connection | psycopg.AsyncConnection):
        return "" if thing.closed else "database"
    if issubclass(kind, asyncio.AbstractEventLoop):
        return "" if thing.is_closed() else "event loop"
    return ""


_leftovers = Leftovers()


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fails the test that leaves a thread, a process, a file, a socket, a database or an event loop open."""
    _leftovers.accept()
    yield
    found = _leftovers.found()
    if found:
        pytest.fail(MARK + "; ".join(found), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: Any) -> Iterator[Any]:
    """What a fixture of more than one test opens is not the first one's."""
    try:
        return (yield)
    finally:
        if fixturedef.scope != "function":
            _leftovers.accept()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The count, which CI prints among its last lines."""
    reports = [*terminalreporter.getreports("error"), *terminalreporter.getreports("failed")]
    guilty = {
        report.nodeid
        for report in reports
        if MARK in report.longreprtext or "ResourceWarning" in report.longreprtext
    }
    terminalreporter.write_line(f"left something behind: {len(guilty)} tests")
