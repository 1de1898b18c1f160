"""Workers that share a crawl on PostgreSQL, and a server that goes away."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.faults.server import Server
from tests.support.crawling import Place, until
from tests.support.load import promised
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds
from tvspiders.sandbox.running import RunningSandbox

HELD = 16 + 32
"""Requests in flight and one batch."""


@pytest.mark.long
def test_three_workers_join_one_crawl(
    new_place: Callable[..., Place], sandbox: RunningSandbox, postgresql_url: str
) -> None:
    place = new_place(postgresql_url)
    runs = [place.crawl(pages=8, feed=f"out{n}.jsonl") for n in range(3)]

    assert [run.wait() for run in runs] == [0, 0, 0], [run.line for run in runs]
    truth = Truth.of_search(sandbox.oracle, "box", 8)
    feeds = [place.folder / f"out{n}.jsonl" for n in range(3)]
    assert flaws_of_database(place.database, truth) + flaws_of_feeds(feeds, truth) == []
    assert sandbox.counters["duplicates"] == 0


def test_a_worker_that_sleeps_through_its_lease_damages_nothing(
    new_place: Callable[..., Place], sandbox: RunningSandbox, postgresql_url: str
) -> None:
    place = new_place(postgresql_url)
    sandbox.hold(after=40)
    sleeper = place.crawl(pages=5, feed="out0.jsonl", TV_LEASE_SECONDS=1)
    until(lambda: sandbox.waiting)
    sleeper.signal(signal.SIGSTOP)
    sandbox.release()
    other = place.crawl(pages=5, feed="out1.jsonl", TV_LEASE_SECONDS=1)
    truth = Truth.of_search(sandbox.oracle, "box", 5)
    until(lambda: sandbox.counters["unique"] >= truth.requests - 3)
    sleeper.signal(signal.SIGCONT)

    assert [other.wait(), sleeper.wait()] == [0, 0], (other.line, sleeper.line)
    feeds = [place.folder / f"out{n}.jsonl" for n in range(2)]
    assert flaws_of_database(place.database, truth) + flaws_of_feeds(feeds, truth) == []
    assert sandbox.counters["duplicates"] <= HELD


@pytest.mark.long
def test_a_server_that_crashes_and_comes_back_loses_nothing(
    new_place: Callable[..., Place], sandbox: RunningSandbox, server: Server, server_url: str
) -> None:
    place = new_place(server_url)
    sandbox.hold(after=60)
    run = place.crawl(pages=8)
    until(lambda: sandbox.waiting)
    server.crash()
    sandbox.release()
    server.start()

    assert run.wait() == 0, run.line
    truth = Truth.of_search(sandbox.oracle, "box", 8)
    assert flaws_of_database(place.database, truth) + flaws_of_feeds([place.feed], truth) == []
    assert sandbox.counters["duplicates"] <= HELD


def test_while_the_server_is_away_nothing_is_asked(
    new_place: Callable[..., Place], sandbox: RunningSandbox, server: Server, server_url: str
) -> None:
    place = new_place(server_url)
    sandbox.hold(after=60)
    run = place.crawl(pages=8, TV_LEASE_SECONDS=2)  # shorter than the server is away
    until(lambda: sandbox.waiting)
    server.crash()
    at_crash = sandbox.counters["requests"]
    sandbox.release()
    until(lambda: "Waiting for database" in run.text)
    time.sleep(1.0)
    memory = psutil.Process(run.pid).memory_info().rss
    time.sleep(2.5)
    grown = psutil.Process(run.pid).memory_info().rss - memory

    assert sandbox.counters["requests"] - at_crash <= HELD
    assert grown < 5_000_000
    server.start()
    back = time.monotonic()
    assert run.wait() == 0, run.line
    assert time.monotonic() - back < promised(30)
    assert sandbox.counters["duplicates"] == 0
    truth = Truth.of_search(sandbox.oracle, "box", 8)
    assert flaws_of_database(place.database, truth) + flaws_of_feeds([place.feed], truth) == []


class Cutter:
    """Stands between crawler and server, and loses the server's word on some commits."""

    def __init__(self, folder: str, port: int, every: int) -> None:
        self.folder = tempfile.mkdtemp(prefix="cut-")
        self.cuts = 0
        self._target = f"{folder}/.s.PGSQL.{port}"
        self._every = every
        self._commits = 0
        self._sockets: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{self.folder}/.s.PGSQL.{port}")
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            self._sockets += [client, server]
            lost = threading.Event()
            threading.Thread(target=self._up, args=(client, server, lost), daemon=True).start()
            threading.Thread(target=self._down, args=(client, server, lost), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        while data := _read(client):
            if b"COMMIT" in data:
                self._commits += 1
                if self._commits % self._every == 0:
                    lost.set()
            server.sendall(data)
        _end(server)

    def _down(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        while data := _read(server):
            if lost.is_set():
                self.cuts += 1
                _end(server)
                break
            client.sendall(data)
        _end(client)

    def close(self) -> None:
        for connection in (self._listener, *self._sockets):
            _end(connection)
            connection.close()
        shutil.rmtree(self.folder)


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _read(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except OSError:
        return b""


@pytest.fixture
def cutter(server: Server) -> Iterator[Cutter]:
    cutter = Cutter(server.socket_folder, 5432, every=3)
    yield cutter
    cutter.close()


def test_a_commit_whose_answer_is_lost_is_neither_lost_nor_doubled(
    new_place: Callable[..., Place], sandbox: RunningSandbox, server: Server, server_url: str, cutter: Cutter
) -> None:
    with psycopg.connect(server_url):
        pass
    place = new_place(server_url.replace(server.socket_folder, cutter.folder))

    run = place.crawl(pages=6, TV_QUOTA_SHARED="False")

    assert run.wait() == 0, run.line
    assert cutter.cuts >= 2
    truth = Truth.of_search(sandbox.oracle, "box", 6)
    assert flaws_of_database(server_url, truth) + flaws_of_feeds([place.feed], truth) == []
    assert sandbox.counters["duplicates"] == 0


def test_two_feeds_of_a_killed_worker_are_both_whole(
    new_place: Callable[..., Place], sandbox: RunningSandbox, postgresql_url: str
) -> None:
    place = new_place(postgresql_url)
    names = ("out.jsonl", "second.jsonl")
    sandbox.hold(after=80)
    run = place.crawl("-O", names[1], pages=5, TV_LEASE_SECONDS=1)
    until(lambda: sandbox.waiting)
    run.kill()
    sandbox.release()
    for name in names:  # as if the system had not written the last of them
        path = Path(place.folder / name)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    again = place.crawl("-O", names[1], pages=5, TV_LEASE_SECONDS=1)

    assert again.wait() == 0, again.line
    truth = Truth.of_search(sandbox.oracle, "box", 5)
    assert flaws_of_database(place.database, truth) == []
    assert [flaws_of_feeds([place.folder / name], truth) for name in names] == [[], []]


@pytest.mark.long
def test_two_workers_do_not_write_into_one_feed(
    new_place: Callable[..., Place], sandbox: RunningSandbox, postgresql_url: str
) -> None:
    place = new_place(postgresql_url)
    sandbox.hold(after=10)
    first = place.crawl(pages=6)
    until(lambda: sandbox.waiting)
    first.signal(signal.SIGSTOP)  # it lives, and shall not be at its end before the other begins
    sandbox.release()

    second = place.crawl(pages=6)

    assert second.wait() == 1
    first.signal(signal.SIGCONT)
    assert "another process is writing it" in second.line
    assert first.wait() == 0, first.line
    truth = Truth.of_search(sandbox.oracle, "box", 6)
    assert flaws_of_database(place.database, truth) + flaws_of_feeds([place.feed], truth) == []
