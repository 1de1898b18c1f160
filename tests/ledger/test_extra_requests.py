"""Extra requests carry a reason, are counted and capped; what is left comes first in the next round."""

import asyncio

from tests.support.making import asked, open_crawl, row
from tests.support.making import close_crawl as close
from tests.support.working import brought, done, ledger_on, seed, take, work
from tvspiders.ledger.verdict import judge
from tvspiders.policies.request_budget import MIN_ALLOWED
from tvspiders.storage import tables
from tvspiders.storage.queue.leases import BEYOND_CAP
from tvspiders.storage.queue.request_budget import Bill, bill_of, carry_over
from tvspiders.storage.units import Unit


def beyond(number, **changes):
    return asked(number, variant="again", extra="second-look", **changes)


def test_a_request_keeps_its_reason_until_it_is_asked(database_url, engine):
    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            (first,) = await take(ledger)
            ledger.acknowledge(brought(first, requests=[beyond(1)]))
            (again,) = await take(ledger)
            ledger.acknowledge(done(again))
            await ledger.flush()
            return first.extra, again.extra

    assert asyncio.run(crawl()) == (None, "second-look")
    with engine.connect() as connection:
        crawl_id = row(connection, tables.crawls, "id")
        assert bill_of(connection, crawl_id) == Bill(least=1, granted=1, asked={"second-look": 1})


def test_what_goes_back_to_the_queue_may_get_a_reason(database_url, engine):
    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            (first,) = await take(ledger)
            ledger.acknowledge(Unit(first.id, "queued", "older than what is stored", 1, extra="age"))
            (again,) = await take(ledger)
            ledger.acknowledge(Unit(again.id, "queued", "still older", 2, extra="age"))
            await work(ledger, lambda leased: brought(leased, attempts=leased.attempts))
            return again.extra

    assert asyncio.run(crawl()) == "age"
    with engine.connect() as connection:
        crawl_id = row(connection, tables.crawls, "id")
        assert bill_of(connection, crawl_id) == Bill(least=0, granted=2, asked={"age": 2})


def test_beyond_the_cap_nothing_is_asked_and_the_next_round_begins_with_it(database_url, look):
    many = range(100, 100 + MIN_ALLOWED + 3)

    async def round_of(*numbers):
        async with ledger_on(database_url) as ledger:
            seed(ledger, *numbers)
            paths = await work(
                ledger,
                lambda leased: brought(
                    leased, requests=[beyond(number) for number in many] if leased.id == 1 else []
                ),
            )
            await ledger.finish(lambda counts, others, notes: ("partial", None))
            return paths

    first = asyncio.run(round_of(1))
    second = asyncio.run(round_of(2))

    assert len(first) == 1 + MIN_ALLOWED
    assert look(tables.requests, "path", reason=BEYOND_CAP) == second[:3]
    assert second[3:] == ["/things/2"]
    assert look(tables.crawls, "round", "runs") == [(1, 1), (2, 1)]


def test_a_page_that_the_next_round_asks_anyway_is_no_extra_there(connection):
    crawl = open_crawl(connection)
    connection.execute(
        tables.requests.insert().values(
            crawl_id=crawl.id,
            fingerprint=asked(5).fingerprint,
            path=asked(5).path,
            callback="parse",
            rank=0,
            depth=1,
            state="parked",
            attempts=1,
            reason=BEYOND_CAP,
            extra="age",
        )
    )
    close(connection, crawl, "partial", True)

    number = carry_over(connection, open_crawl(connection).id)

    assert number == 1
    assert row(connection, tables.requests, "extra", state="queued") is None


def test_the_last_line_tells_the_bill():
    from tvspiders.storage.queries.round_notes import RoundNotes

    counts = {"queued": 0, "leased": 0, "done": 9, "gone": 0, "parked": 1, "quarantined": 0}
    ending = judge(
        counts,
        "finished",
        None,
        False,
        False,
        notes=RoundNotes(Bill(least=7, granted=3, asked={"age": 1, "second-look": 2}, left=1)),
    )

    assert ending.line.endswith(
        "the same command begins a new round; see: scrapy audit; "
        "3 extra requests: 1 age, 2 second-look; 1 extra request left for the next round"
    )
    assert ending.over
