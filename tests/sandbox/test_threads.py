"""What one thread of the sandbox writes, another may read at the same moment."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import pytest

from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.likes import Likes
from tvspiders.sandbox.config import Quota
from tvspiders.sandbox.front.journal import Entry, Journal
from tvspiders.sandbox.front.quota import Limiter

READINGS = 40


@pytest.fixture(autouse=True)
def eager() -> Iterator[None]:
    """Threads take turns all the time, also in the middle of a list that is being built."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    gc.callbacks.append(_let_others_run)
    yield
    gc.callbacks.remove(_let_others_run)
    sys.setswitchinterval(before)


def _let_others_run(*_: object) -> None:
    time.sleep(0.0002)


@contextmanager
def writing(write: Callable[[int], object]) -> Iterator[None]:
    """Another thread that writes all the time."""
    over = threading.Event()

    def work() -> None:
        for number in count():
            if over.is_set():
                return
            write(number)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_the_journal_is_read_while_requests_come() -> None:
    journal = Journal(3000, detailed=True)

    def ask(number: int) -> None:
        journal.add(Entry(0.0, f"t{number % 99}", "GET", f"/things/{number}", 200), session=f"s{number}")

    for number in range(3000):
        ask(number)

    with writing(ask):
        for _ in range(READINGS):
            journal.counters()
            numbers = [number for number, _ in journal.entries()]
            assert numbers == list(range(numbers[0], numbers[0] + 3000))


def test_the_windows_are_read_while_requests_are_counted() -> None:
    limiter = Limiter(Quota(1, 1.0), align="first")

    with writing(lambda number: limiter.admit("t", number * 0.7)):
        for _ in range(READINGS):
            windows = limiter.windows("t")
            assert len(windows) <= 1000
            limiter.most_refused("t")
            limiter.while_closed("t")


def test_likes_are_read_while_others_are_written() -> None:
    likes = Likes(Catalogue(things=1000, seed=1))
    likes.write("POST", 1, 1)

    with writing(lambda number: likes.write("POST", number % 5000, 1)):
        for _ in range(READINGS):
            assert likes.given()
            likes.likers(1, day=0)
