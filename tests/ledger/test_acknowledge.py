"""An answer is finished when all that it produced is through, and not before."""

import asyncio

import pytest
from scrapy import Request, signals
from scrapy.http import TextResponse
from twisted.python.failure import Failure

from ledger.crawling import API, SCRAPYS, desk, generated
from tvspiders.errors import AnswerRefused
from tvspiders.items import Thing
from tvspiders.storage import tables
from tvspiders.storage.answer_codec import unpack


@pytest.fixture
def backend():
    return "sqlite"


def run(url, play, **changes):
    """Play one crawl with one request, and write what it came to."""

    async def crawl():
        async with desk(url, **changes) as bench:
            bench.ask("/things/7", callback=bench.spider.parse_thing)
            (request,) = await bench.next()
            await play(bench, request)
            await bench.ledger.flush()

    asyncio.run(crawl())


def test_items_and_requests_of_an_answer_are_stored_with_it(database_url, look):
    async def play(bench, request):
        more = Request(f"{API}/things/8", callback=bench.spider.parse_thing, cb_kwargs={"thing_id": 8})
        await bench.answer(request, [Thing(id=7), more, Thing(id=9)], b'{"id": 7}')

    run(database_url, play)

    assert look(tables.things, "id") == [7, 9]
    (_, follow) = look(tables.requests, "path", "kwargs", "parent_id")
    assert follow == ("/things/8", '{"thing_id":8}', 1)
    assert look(tables.requests, "state", path="/things/7") == ["done"]
    ((codec, body),) = look(tables.answers, "codec", "body")
    assert unpack(codec, body) == b'{"id": 7}'


@pytest.mark.parametrize(("setting", "kept"), [(True, '{"id": 7}'), (False, None)])
def test_the_text_of_a_page_is_kept_beside_the_answer_unless_told_otherwise(
    database_url, look, setting, kept
):
    thing = Thing(id=7)
    thing.detail = True

    async def play(bench, request):
        await bench.answer(request, [thing], b'{"id": 7}')

    run(database_url, play, TV_RAW_JSON=setting)

    assert look(tables.things, "raw_json") == [kept]
    ((codec, body),) = look(tables.answers, "codec", "body")
    assert unpack(codec, body) == b'{"id": 7}'


def test_items_are_stamped_with_the_moment_of_their_answer(database_url, look):
    async def play(bench, request):
        await bench.answer(request, [Thing(id=7)])

    run(database_url, play)

    assert look(tables.things, "last_scraped") == look(tables.answers, "received_at")


EITHER_WAY = pytest.mark.parametrize("settings", [{}, {"ITEM_PROCESSOR": SCRAPYS}], ids=["told", "signals"])
OUTPUTS = pytest.mark.parametrize("outputs", [[Thing(id=7), Thing(id=8)], [{"a": 1}, {"a": 1}], [()] * 2])
"""The last are one and the same object."""


@EITHER_WAY
@OUTPUTS
def test_an_answer_is_not_settled_while_an_item_is_on_its_way(database_url, settings, outputs):
    async def play(bench, request):
        response = TextResponse(request.url, body=b"{}", request=request)
        bench.acknowledge.process_spider_input(response)
        output = bench.acknowledge.process_spider_output(response, generated(outputs))
        items = [item async for item in output]
        assert bench.ledger.holds(1)
        bench.scrape(items[0], response)
        assert bench.ledger.holds(1)
        bench.scrape(items[1], response)
        assert not bench.ledger.holds(1)

    run(database_url, play, **settings)


@EITHER_WAY
def test_an_item_that_was_dropped_is_through_too(database_url, look, settings):
    async def play(bench, request):
        response = TextResponse(request.url, body=b"{}", request=request)
        bench.acknowledge.process_spider_input(response)
        async for item in bench.acknowledge.process_spider_output(response, generated([Thing(id=7)])):
            if settings:
                bench.crawler.signals.send_catch_log(signals.item_dropped, response=response)
            else:
                bench.scheduler.item_ended(item, None)

    run(database_url, play, **settings)

    assert look(tables.requests, "state") == ["done"]


def test_an_item_that_is_on_disk_is_left_out_before_the_pipelines(database_url, look):
    async def crawl():
        async with desk(database_url) as bench:
            bench.ask("/things/7", "/things/8", callback=bench.spider.parse_thing)
            first, second = await bench.next(2)
            await bench.answer(first, [Thing(id=7, name="Gear"), Thing(id=8)])
            await bench.ledger.flush()
            response = TextResponse(second.url, body=b"{}", request=second)
            bench.acknowledge.process_spider_input(response)
            found = [Thing(id=7, name="Gear"), Thing(id=8, name="Bear"), Thing(id=9)]
            output = bench.acknowledge.process_spider_output(response, generated(found))
            passed = [item async for item in output]
            for item in passed:
                bench.scrape(item, response)
            await bench.ledger.flush()
            assert [item.id for item in passed] == [8, 9]
            assert bench.stat("tv/items/duplicate") == 1

    asyncio.run(crawl())

    assert look(tables.requests, "state") == ["done", "done"]
    assert look(tables.things, "id", "name") == [(7, "Gear"), (8, "Bear"), (9, None)]


def test_an_item_of_an_answer_that_was_refused_is_not_left_out_of_the_next(database_url, look):
    async def crawl():
        async with desk(database_url, TV_MAX_ATTEMPTS=1) as bench:
            bench.ask("/things/7", "/things/8", callback=bench.spider.parse_thing)
            first, second = await bench.next(2)
            await bench.answer(first, [Thing(id=7), AnswerRefused("shape")])
            await bench.ledger.flush()
            await bench.answer(second, [Thing(id=7)])
            await bench.ledger.flush()

    asyncio.run(crawl())

    assert look(tables.things, "id") == [7]


def test_an_answer_that_was_read_half_way_only_is_not_settled(database_url, look):
    async def play(bench, request):
        response = TextResponse(request.url, body=b"{}", request=request)
        bench.acknowledge.process_spider_input(response)
        output = bench.acknowledge.process_spider_output(response, generated([Thing(id=7), Thing(id=8)]))
        bench.scrape(await anext(output), response)
        await output.aclose()

    run(database_url, play)

    assert look(tables.requests, "state") == ["leased"]
    assert look(tables.things, "id") == []


@pytest.mark.parametrize("before", [[], [Thing(id=7)]])
def test_nothing_of_a_refused_answer_is_stored_but_its_body(database_url, look, before):
    async def play(bench, request):
        more = Request(f"{API}/things/8", callback=bench.spider.parse_thing)
        await bench.answer(request, [*before, more, AnswerRefused("shape", "a list")], b'{"id":\t7}')

    run(database_url, play, TV_MAX_ATTEMPTS=1)

    assert look(tables.things, "id") == []
    assert look(tables.requests, "state", "reason") == [("quarantined", "shape: a list")]
    ((codec, body, refused),) = look(tables.answers, "codec", "body", "refused")
    assert (unpack(codec, body), refused) == (b'{"id":\t7}', "shape")


def test_items_still_on_their_way_when_the_answer_is_refused_are_not_stored(database_url, look):
    async def play(bench, request):
        response = TextResponse(request.url, body=b"{}", request=request)
        bench.acknowledge.process_spider_input(response)
        late = []
        refused = generated([Thing(id=7), AnswerRefused("shape")])
        async for item in bench.acknowledge.process_spider_output(response, refused):
            late.append(item)
        bench.scrape(late[0], response)

    run(database_url, play, TV_MAX_ATTEMPTS=1)

    assert look(tables.things, "id") == []
    assert look(tables.requests, "state") == ["quarantined"]


def test_a_refused_answer_is_asked_again_later(database_url, look):
    async def play(bench, request):
        await bench.answer(request, [AnswerRefused("wrong-id")])

    run(database_url, play, TV_MAX_ATTEMPTS=3)

    ((state, attempts, available),) = look(tables.requests, "state", "attempts", "available_at")
    assert (state, attempts) == ("queued", 1)
    assert available is not None


def test_a_bug_in_a_callback_is_raised_and_the_answer_kept(database_url, look):
    async def play(bench, request):
        with pytest.raises(ZeroDivisionError):
            await bench.answer(request, [Thing(id=7), ZeroDivisionError("by zero")])

    run(database_url, play)

    assert look(tables.requests, "state", "reason") == [("quarantined", "ZeroDivisionError: by zero")]
    assert look(tables.answers, "refused") == ["bug"]


def test_a_callback_that_fails_at_once_settles_its_answer(database_url, look):
    async def play(bench, request):
        response = TextResponse(request.url, body=b"{}", request=request)
        bench.acknowledge.process_spider_input(response)
        assert bench.acknowledge.process_spider_exception(response, AnswerRefused("shape")) == []

    run(database_url, play, TV_MAX_ATTEMPTS=1)

    assert look(tables.requests, "state") == ["quarantined"]


@EITHER_WAY
@pytest.mark.parametrize("output", [Thing(id=7), {"a": 1}])
def test_a_pipeline_that_fails_puts_the_answer_aside(database_url, look, settings, output):
    async def play(bench, request):
        response = TextResponse(request.url, body=b"{}", request=request)
        bench.acknowledge.process_spider_input(response)
        async for item in bench.acknowledge.process_spider_output(response, generated([output])):
            error = ValueError("no room")
            if settings:
                failure = Failure(error)
                bench.crawler.signals.send_catch_log(signals.item_error, response=response, failure=failure)
            else:
                bench.scheduler.item_ended(item, error)

    run(database_url, play, **settings)

    assert look(tables.requests, "state", "reason") == [("quarantined", "pipeline: ValueError: no room")]


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (404, b'{"error":"Not Found"}', "gone"),
        (403, b'{"error":"This thing is private"}', "gone"),
        (200, b'{"id":7}', "done"),
    ],
)
def test_a_thing_that_is_gone_is_an_end_too(database_url, look, status, body, state):
    async def play(bench, request):
        await bench.answer(request, [], body, status)

    run(database_url, play)

    assert look(tables.requests, "state", "status") == [(state, status)]


def test_addresses_of_people_are_not_stored(database_url, look):
    body = b'{"id": 7, "creator": {"name": "amber", "email": "amber@example.org"}}'

    async def play(bench, request):
        await bench.answer(request, [Thing(id=7, detail=True)], body)

    run(database_url, play)

    ((codec, stored, scrubbed),) = look(tables.answers, "codec", "body", "scrubbed")
    assert b"amber@" not in unpack(codec, stored)
    assert scrubbed
    assert "amber@" not in look(tables.things, "raw_json")[0]
    assert '"amber"' in look(tables.things, "raw_json")[0]


def test_a_refusal_is_counted_by_its_reason(database_url):
    async def play(bench, request):
        await bench.answer(request, [AnswerRefused("shape")])
        assert bench.stat("tv/answers/refused/shape") == 1

    run(database_url, play)


def test_an_answer_of_another_schedulers_request_is_left_alone(database_url):
    async def crawl():
        async with desk(database_url) as bench:
            response = TextResponse(f"{API}/x", body=b"{}", request=Request(f"{API}/x"))
            bench.acknowledge.process_spider_input(response)
            output = bench.acknowledge.process_spider_output(response, generated([Thing(id=7)]))
            assert [item.id async for item in output] == [7]
            assert bench.acknowledge.process_spider_exception(response, KeyError()) is None

    asyncio.run(crawl())
