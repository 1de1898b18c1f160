"""The ledger of one process: nothing is lost, nothing is asked twice, nothing is written unowned."""

import asyncio
import sqlite3
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.exc import OperationalError

from tests.support.making import asked
from tests.support.working import brought, done, expire, finish, kill, ledger_on, seed, take, until, work
from tvspiders.errors import StorageProblem
from tvspiders.items import Thing
from tvspiders.ledger.commit_loop import Follower
from tvspiders.ledger.in_flight import Options
from tvspiders.ledger.writing import transaction as turn_module
from tvspiders.steady_clock import steady
from tvspiders.storage import tables
from tvspiders.storage.units import Committed, Unit

pytestmark = pytest.mark.usefixtures("short_waits")


def test_a_crawl_is_worked_off_to_its_end(database_url, look):
    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1, 2, 3)
            paths = await work(ledger)
            return paths, await finish(ledger)

    paths, counts = asyncio.run(crawl())

    assert paths == ["/things/1", "/things/2", "/things/3"]
    assert (counts["done"], counts["queued"], counts["leased"]) == (3, 0, 0)
    assert look(tables.crawls, "verdict", "runs") == [("complete", 1)]


def test_what_an_answer_leads_to_is_asked_too(database_url):
    def answered(leased):
        number = int(leased.path.rpartition("/")[2])
        return brought(leased, requests=[asked(number * 2), asked(number * 2 + 1)] if number < 8 else [])

    async def crawl():
        async with ledger_on(database_url, options=Options(lease_batch=2)) as ledger:
            seed(ledger, 1)
            return await work(ledger, answered)

    assert sorted(int(path.rpartition("/")[2]) for path in asyncio.run(crawl())) == list(range(1, 16))


def test_after_a_kill_all_that_was_in_flight_is_asked_again_and_no_more(database_url, look):
    async def first():
        async with ledger_on(database_url) as ledger:
            seed(ledger, *range(1, 6))
            one, two, *_ = await take(ledger, 4)
            ledger.acknowledge(done(one))
            ledger.acknowledge(done(two))
            await ledger.flush()

    async def second():
        async with ledger_on(database_url, options=Options(lease_seconds=0.1)) as ledger:
            paths = await work(ledger)
            await finish(ledger)
            return paths, ledger.crawl

    asyncio.run(first())
    expire(database_url)
    paths, crawl = asyncio.run(second())

    assert paths == ["/things/3", "/things/4", "/things/5"]
    assert (crawl.resumed, crawl.round) == (True, 1)
    assert set(look(tables.requests, "state")) == {"done"}


def test_what_was_settled_but_not_written_is_asked_again(database_url):
    async def first():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            (leased,) = await take(ledger)
            kill(ledger)
            ledger.acknowledge(done(leased))

    async def second():
        async with ledger_on(database_url) as ledger:
            return await work(ledger)

    asyncio.run(first())
    expire(database_url)

    assert asyncio.run(second()) == ["/things/1"]


def test_the_same_seeds_again_are_no_new_requests(database_url, look):
    async def run():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1, 2)
            paths = await work(ledger)
            await finish(ledger, "interrupted")
            return paths

    assert asyncio.run(run()) == ["/things/1", "/things/2"]
    assert asyncio.run(run()) == []
    assert len(look(tables.requests, "id")) == 2


def test_a_complete_crawl_begins_a_new_round(database_url, look):
    async def run():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            await work(ledger)
            await finish(ledger)

    asyncio.run(run())
    asyncio.run(run())

    assert look(tables.crawls, "round", "verdict") == [(1, "complete"), (2, "complete")]
    assert len(look(tables.requests, "id")) == 2


def test_a_partial_round_that_brings_nothing_twice_is_left(database_url, look):
    async def run():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            await work(ledger, lambda leased: Unit(leased.id, "parked", "why", 5))
            await finish(ledger, "partial")

    for _ in range(3):
        asyncio.run(run())

    assert look(tables.crawls, "round", "runs") == [(1, 2), (2, 1)]


def test_a_retry_waits_for_its_moment(database_url, monkeypatch):
    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1, 2)
            first, second = await take(ledger, 2)
            moment = asyncio.get_running_loop().time()
            ledger.acknowledge(Unit(first.id, "queued", "status-502", 1, due=steady() + 0.3))
            ledger.acknowledge(done(second))
            (again,) = await take(ledger)
            return again, asyncio.get_running_loop().time() - moment

    again, waited = asyncio.run(crawl())

    assert (again.path, again.attempts) == ("/things/1", 1)
    assert waited > 0.25


def test_a_request_is_settled_once(database_url, look):
    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            (leased,) = await take(ledger)
            assert ledger.holds(leased.id)
            ledger.acknowledge(brought(leased, Thing(id=7)))
            ledger.acknowledge(brought(leased, Thing(id=8)))
            assert not ledger.holds(leased.id)
            await ledger.flush()

    asyncio.run(crawl())

    assert look(tables.things, "id") == [7]


@dataclass
class Sink:
    """Writes down what it is told."""

    told: list[str] = field(default_factory=list)

    def write(self, committed: Committed) -> None:
        self.told.append(f"write {[item.id for item in committed.fresh]}")  # type: ignore[attr-defined]

    def record(self, connection: Connection) -> None:
        self.told.append("record")

    async def finish(self) -> None:
        self.told.append("finish")


def test_a_sink_is_told_what_is_on_disk_and_recorded_with_the_next_transaction(database_url):
    sink = Sink()

    async def crawl():
        async with ledger_on(database_url) as ledger:
            ledger.sinks.append(sink)
            seed(ledger, 1, 2)
            one, two = await take(ledger, 2)
            for leased in (one, two):
                ledger.acknowledge(brought(leased, Thing(id=leased.id)))
                await ledger.flush()
            await finish(ledger)
            return one.id, two.id

    one, two = asyncio.run(crawl())

    told = [entry for entry in sink.told if entry not in ("record", "write []")]
    assert told == [f"write [{one}]", f"write [{two}]", "finish"]
    assert sink.told[-2:] == ["finish", "record"]


def test_a_sink_that_fails_ends_the_crawl_with_its_reason(database_url):
    class Broken(Sink):
        def write(self, committed):
            raise StorageProblem("a feed cannot be written (No space left on device)")

    async def crawl():
        async with ledger_on(database_url) as ledger:
            ledger.sinks.append(Broken())
            seed(ledger, 1)
            (leased,) = await take(ledger)
            ledger.acknowledge(brought(leased, Thing(id=7)))
            await until(lambda: ledger.failure)
            return ledger.failure

    assert asyncio.run(crawl()) == "a feed cannot be written (No space left on device)"


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("database or disk is full", "cannot be written: database or disk is full; make room"),
        (
            "attempt to write a readonly database",
            "readonly database; see that its folder and disk can be written",
        ),
        ("database disk image is malformed", "(database disk image is malformed)"),
    ],
)
@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_database_beyond_waiting_ends_the_crawl_and_loses_nothing(database_url, monkeypatch, said, line):
    failures: list[str] = []

    async def first():
        follower = Follower()
        follower.failed = failures.append
        async with ledger_on(database_url, follower=follower) as ledger:
            seed(ledger, 1)
            (leased,) = await take(ledger)

            def fail(*_):
                raise OperationalError("INSERT", {}, sqlite3.OperationalError(said))

            with monkeypatch.context() as patch:
                patch.setattr(turn_module, "commit_units", fail)
                ledger.acknowledge(brought(leased, Thing(id=7)))
                await until(lambda: ledger.failure)
            assert not await ledger.flush()
            assert ledger.take() is None
            assert ledger.drained

    async def second():
        async with ledger_on(database_url) as ledger:
            return await work(ledger)

    asyncio.run(first())

    assert line in failures[0]
    assert asyncio.run(second()) == ["/things/1"]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_no_more_is_handed_out_than_a_crash_may_cost(database_url):
    async def crawl():
        options = Options(lease_batch=20, max_unwritten=2, in_flight=3)
        async with ledger_on(database_url, options=options) as ledger:
            seed(ledger, *range(1, 11))
            taken = await take(ledger, 5)
            assert ledger.take() is None
            for leased in taken:
                ledger.acknowledge(done(leased))
            assert await ledger.flush()
            assert ledger.take() is not None

    asyncio.run(crawl())


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_locked_database_is_waited_for_and_nothing_piles_up(database_url, tmp_path, look):
    holder = sqlite3.connect(tmp_path / "test.db", isolation_level=None)

    async def crawl():
        async with ledger_on(database_url, options=Options(lease_batch=20, max_unwritten=2)) as ledger:
            seed(ledger, *range(1, 21))
            taken = await take(ledger, 8)
            holder.execute("BEGIN EXCLUSIVE")
            for leased in taken:
                ledger.acknowledge(brought(leased, Thing(id=leased.id)))
                await asyncio.sleep(0.01)
            assert ledger.take() is None
            assert ledger.unacknowledged
            holder.execute("ROLLBACK")
            assert await ledger.flush()
            assert ledger.take() is not None

    asyncio.run(crawl())
    holder.close()

    assert len(look(tables.things, "id")) == 8


@pytest.mark.parametrize("backend", ["postgresql"])
def test_two_workers_share_a_crawl(database_url, look):
    async def crawl():
        async with ledger_on(database_url) as one, ledger_on(database_url) as two:
            assert one.crawl.id == two.crawl.id
            seed(one, *range(1, 100))
            paths = await asyncio.gather(work(one), work(two))
            await finish(one)
            await finish(two)
            return paths

    first, second = asyncio.run(crawl())

    assert sorted(first + second) == sorted(f"/things/{number}" for number in range(1, 100))
    assert look(tables.crawls, "verdict") == ["complete"]


@pytest.mark.parametrize("backend", ["postgresql"])
def test_nobody_calls_a_crawl_finished_while_another_holds_work(database_url, look):
    async def crawl():
        async with ledger_on(database_url) as one:
            seed(one, 1)
            (leased,) = await take(one)
            async with ledger_on(database_url) as two:
                await until(lambda: two._commits.leased.outlook is not None)
                assert not two.drained
                counts = await finish(two)
            assert counts["leased"] == 1
            assert look(tables.crawls, "verdict") == ["running"]
            one.acknowledge(done(leased))
            await work(one)
            await finish(one)

    asyncio.run(crawl())

    assert look(tables.crawls, "verdict") == ["complete"]


def test_the_counts_of_a_crawl_can_be_asked_while_it_runs(database_url):
    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1, 2, 3)
            await take(ledger, 1)
            return await ledger.counts()

    assert sum(asyncio.run(crawl()).values()) == 3


@pytest.mark.parametrize("backend", ["sqlite"])
def test_finished_units_wait_for_each_other_while_there_is_more_to_ask(database_url, monkeypatch):
    written = []
    commit = turn_module.commit_units

    def noted(connection, crawl_id, owner, units, feed_id=None):
        written.append(len(units))
        return commit(connection, crawl_id, owner, units, feed_id)

    monkeypatch.setattr(turn_module, "commit_units", noted)

    async def crawl():
        async with ledger_on(database_url, options=Options(lease_batch=20, linger=60.0)) as ledger:
            seed(ledger, *range(1, 21))
            taken = await take(ledger, 8)
            for leased in taken:
                ledger.acknowledge(brought(leased, Thing(id=leased.id)))
                await asyncio.sleep(0.01)
            assert ledger.unacknowledged
            assert written == []
            for leased in await take(ledger, 4):
                ledger.acknowledge(brought(leased, Thing(id=leased.id)))
            await ledger.flush()

    asyncio.run(crawl())

    assert sum(written) == 12
    assert max(written) >= 8


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_lone_answer_is_written_soon_although_there_is_more_to_ask(database_url):
    async def crawl():
        async with ledger_on(database_url, options=Options(lease_batch=20)) as ledger:
            seed(ledger, *range(1, 21))
            (leased,) = await take(ledger, 1)
            ledger.acknowledge(brought(leased, Thing(id=leased.id)))
            await until(lambda: not ledger.unacknowledged)

    asyncio.run(crawl())


def test_after_a_sleep_what_was_put_off_is_looked_for_at_once(database_url, monkeypatch):
    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            (first,) = await take(ledger, 1)
            ledger.acknowledge(Unit(first.id, "queued", "status-502", 1, due=steady() + 3000))
            await ledger.flush()
            while ledger._commits._next_look is None:
                await asyncio.sleep(0.01)
            now = update(tables.requests).values(available_at=1.0)
            await ledger.run(lambda connection: connection.execute(now))

            ledger.look_again()

            (again,) = await asyncio.wait_for(take(ledger), 20)
            return again

    assert asyncio.run(crawl()).path == "/things/1"
