"""One transaction at a time: a bad row, a lost lease or a rival spoil nothing else."""

import asyncio
import threading

import pytest

from tests.support.making import asked, at
from tests.support.working import brought, done, kill, ledger_on, seed, take, work
from tvspiders.items import Creator, Thing
from tvspiders.ledger.in_flight import Options
from tvspiders.storage import tables
from tvspiders.storage.database.engine import open_engine, writing

pytestmark = pytest.mark.usefixtures("short_waits")


def test_a_bad_row_takes_its_own_answer_only(database_url, look, caplog):
    def answered(leased):
        number = int(leased.path.rpartition("/")[2])
        return brought(leased, Thing(id=2**64 if number == 2 else number), requests=[asked(number + 100)])

    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1, 2, 3)
            for leased in await take(ledger, 3):
                ledger.acknowledge(answered(leased))
            await ledger.flush()
            assert ledger.failure is None

    asyncio.run(crawl())

    assert look(tables.things, "id") == [1, 3]
    states = dict(look(tables.requests, "path", "state"))
    assert states["/things/2"] == "quarantined"
    assert {"/things/101", "/things/103"} < states.keys()
    assert "/things/102" not in states
    (kept,) = look(tables.answers, refused="row")
    assert kept["body"] is not None
    assert "The database refuses a row of request" in caplog.text


def test_a_lost_lease_is_counted_and_writes_nothing(database_url, look):
    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            (leased,) = await take(ledger)
            engine = open_engine(database_url)
            with writing(engine) as connection:
                connection.execute(tables.requests.update().values(lease_owner="another"))
            engine.dispose()
            ledger.acknowledge(brought(leased, Thing(id=7)))
            await ledger.flush()
            return ledger.lost, ledger.settled

    assert asyncio.run(crawl()) == (1, 0)
    assert look(tables.things, "id") == []
    assert look(tables.requests, "state", "lease_owner") == [("leased", "another")]


@pytest.mark.parametrize("backend", ["postgresql"])
def test_what_a_dead_worker_held_is_taken_over_when_its_time_is_up(database_url):
    async def crawl():
        options = Options(lease_seconds=0.2)
        async with ledger_on(database_url, options=options) as dying:
            seed(dying, 1, 2)
            await take(dying, 2)
            async with ledger_on(database_url, options=options) as living:
                kill(dying)
                return await work(living)

    assert asyncio.run(crawl()) == ["/things/1", "/things/2"]


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_worker_that_takes_its_time_keeps_its_leases(database_url):
    async def crawl():
        options = Options(lease_seconds=5)  # prolonged after 1.25: a busy machine may be late
        async with ledger_on(database_url, options=options) as slow:
            seed(slow, 1)
            (leased,) = await take(slow)
            async with ledger_on(database_url, options=options) as other:
                await asyncio.sleep(5.5)
                assert other.take() is None
            slow.acknowledge(done(leased))
            await slow.flush()
            return slow.lost

    assert asyncio.run(crawl()) == 0


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_name_that_another_worker_writes_at_the_same_moment_spoils_no_answer(database_url, engine, look):
    """The unique key holds up the second writer until the first has committed; then it is there."""
    ready, wrote = threading.Event(), threading.Event()

    def write_first():
        with writing(engine) as connection:
            connection.execute(tables.creators.insert().values(id=1, username="amber", last_scraped=at(0)))
            ready.set()
            wrote.wait(60)

    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            (leased,) = await take(ledger)
            writer = threading.Thread(target=write_first)
            writer.start()
            await asyncio.to_thread(ready.wait, 60)
            ledger.acknowledge(brought(leased, Creator(id=2, username="amber"), Thing(id=7)))
            await asyncio.sleep(0.2)
            wrote.set()
            await ledger.flush()
            await asyncio.to_thread(writer.join)

    asyncio.run(crawl())

    assert look(tables.requests, "state") == ["done"]
    assert sorted(look(tables.creators, "id", "username")) == [(1, None), (2, "amber")]
    assert look(tables.things, "id") == [7]
