"""Lists are asked under the name that answers: one request finds it out, and the database remembers."""

import asyncio
import json

import pytest

from tests.support.desk import API, Desk, desk

LISTS = [f"/things/{number}/copies?page=1" for number in range(1, 21)]
FLIGHT = 16


def ask_lists(bench, paths=LISTS, stated=3):
    for path in paths:
        bench.ask(path, cb_kwargs={"stated": stated})


async def handed_out(bench: Desk, most=FLIGHT):
    """What is handed out before any answer."""
    found = await bench.next()
    while len(found) < most and (request := bench.scheduler.next_request()) is not None:
        found.append(request)
    return found


def paths_of(requests):
    return [request.url.removeprefix(API) for request in requests]


async def work_off(bench: Desk, spoken: str, said="Not Found"):
    """Answer everything, so many at a time; returns what was asked."""
    asked: list[str] = []
    while bench.scheduler.has_pending_requests():
        flight = []
        while len(flight) < FLIGHT and (request := bench.scheduler.next_request()) is not None:
            flight.append(request)
        asked += paths_of(flight)
        for request in flight:
            right = f"/{spoken}?" in request.url
            body = b"[]" if right else json.dumps({"error": said}).encode()
            await bench.answer(request, [], body, 200 if right else 404)
        await asyncio.sleep(0.005)
    await bench.scheduler._close("finished")
    return asked


def wrong(paths, name):
    return sum(f"/{name}?" in path for path in paths)


@pytest.mark.parametrize(("spoken", "misses"), [("copies", 0), ("makes", 1)])
def test_of_many_in_flight_one_asks_under_the_wrong_name(sqlite_url, spoken, misses):
    async def run():
        async with desk(sqlite_url) as bench:
            ask_lists(bench)
            return await work_off(bench, spoken), bench.scheduler.ending

    asked, ending = asyncio.run(run())

    assert len(asked) == len(LISTS) + misses
    assert wrong(asked, spoken) == len(LISTS)
    assert (ending.verdict, ending.counts["done"], ending.counts["gone"]) == ("complete", 20, 0)
    assert ("1 extra request: 1 dialect" in ending.line) == bool(misses)


def test_while_the_name_is_not_known_one_list_is_handed_out_and_everything_else(sqlite_url):
    async def run():
        async with desk(sqlite_url) as bench:
            ask_lists(bench)
            bench.ask("/things/99")
            return paths_of(await handed_out(bench))

    assert sorted(asyncio.run(run())) == ["/things/1/copies?page=1", "/things/99"]


def test_the_next_run_asks_the_right_name_first(sqlite_url):
    async def run(paths):
        async with desk(sqlite_url) as bench:
            ask_lists(bench, paths)
            return await work_off(bench, "makes")

    first, second = asyncio.run(run(LISTS[:1])), asyncio.run(run(LISTS[5:8]))

    assert (wrong(first, "copies"), wrong(second, "copies")) == (1, 0)


def test_a_run_that_ends_after_the_wrong_name_is_followed_by_one_that_asks_the_other(sqlite_url):
    async def run(arguments, paths):
        async with desk(sqlite_url, arguments) as bench:
            ask_lists(bench, paths)
            return await work_off(bench, "makes")

    first = asyncio.run(run({"max_requests": "1"}, LISTS[:1]))
    second = asyncio.run(run({}, []))

    assert (first, second) == (["/things/1/copies?page=1"], ["/things/1/makes?page=1"])


@pytest.mark.parametrize(("status", "done"), [(200, 2), (404, 1)])
def test_what_waits_when_max_requests_is_spent_does_not_hold_up_the_end(sqlite_url, status, done):
    async def run():
        async with desk(sqlite_url, {"max_requests": "2"}) as bench:
            ask_lists(bench)
            bench.ask("/things/99")
            asked, other = await handed_out(bench, 2)
            assert bench.scheduler.next_request() is None
            await bench.answer(other, [])
            await bench.answer(asked, [], b'{"error": "Not Found"}' if status == 404 else b"[]", status)
            assert bench.scheduler.next_request() is None
            await bench.ledger.flush()
            return bench.scheduler.has_pending_requests(), await bench.ledger.counts()

    pending, counts = asyncio.run(run())

    assert not pending
    assert (counts["done"], counts["gone"]) == (done, 0)
    assert counts["queued"] + counts["leased"] == len(LISTS) + 1 - done


def test_after_two_lists_without_either_name_no_other_one_is_asked_for(sqlite_url):
    async def run():
        async with desk(sqlite_url) as bench:
            for number, path in enumerate(LISTS, 1):
                bench.ask(path, cb_kwargs={"kind": "thing-makes", "of": number, "stated": 3})
            return await work_off(bench, "neither"), bench.scheduler.ending

    asked, ending = asyncio.run(run())

    assert len(asked) == 4
    assert (ending.verdict, ending.counts["done"]) == ("partial", 20)
    assert "54 rows of 18 lists in doubt" in ending.line  # the two that were asked bring nothing here
    assert "unreadable: copies of thing 10" in ending.line
