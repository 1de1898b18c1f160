"""An answer is finished when all that it produced is through, and not before."""

import asyncio
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.exceptions import CloseSpider, DropItem

from tests.support.desk import API, desk
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


@pytest.mark.parametrize("output", [[Thing(id=7)], AnswerRefused("shape", "a list")])
def test_a_document_is_let_go_when_its_answer_is_through(database_url, output):
    async def play(bench, request):
        answered = await bench.answer(request, output, b'{"id": 7}')

        assert "tv_answer" not in answered.meta

    run(database_url, play)


class Held:
    """A pipeline that holds an item until it is told."""

    def __init__(self):
        self.told = asyncio.Event()

    async def process_item(self, item):
        await self.told.wait()
        return item


class Dropping:
    def process_item(self, item):
        raise DropItem("not today")


class Failing:
    def process_item(self, item):
        raise ValueError("no room")


@pytest.mark.parametrize("outputs", [[Thing(id=7), Thing(id=8)], [{"a": 1}, {"a": 1}]])
def test_an_answer_is_not_settled_while_an_item_is_on_its_way(database_url, outputs):
    async def play(bench, request):
        (held,) = [kind for kind in bench.scraper.itemproc.middlewares if isinstance(kind, Held)]
        answering = asyncio.create_task(bench.answer(request, outputs))
        for _ in range(20):
            await asyncio.sleep(0)
        assert bench.ledger.holds(1)
        held.told.set()
        await answering
        assert not bench.ledger.holds(1)

    run(database_url, play, ITEM_PIPELINES={Held: 500})


def test_an_item_that_was_dropped_is_through_too(database_url, look):
    async def play(bench, request):
        await bench.answer(request, [Thing(id=7)])

    run(database_url, play, ITEM_PIPELINES={Dropping: 950})

    assert look(tables.requests, "state") == ["done"]
    assert look(tables.things, "id") == []


def test_an_item_that_is_on_disk_passes_the_pipelines_and_is_not_stored_again(database_url, look):
    passed = []

    class Noting:
        def process_item(self, item):
            passed.append(item.id)
            return item

    async def crawl():
        async with desk(database_url, ITEM_PIPELINES={Noting: 500}) as bench:
            bench.ask("/things/7", "/things/8", callback=bench.spider.parse_thing)
            first, second = await bench.next(2)
            await bench.answer(first, [Thing(id=7, name="Gear"), Thing(id=8)])
            await bench.ledger.flush()
            await bench.answer(second, [Thing(id=7, name="Gear"), Thing(id=8, name="Bear"), Thing(id=9)])
            await bench.ledger.flush()
            assert bench.stat("tv/items/duplicate") == 1

    asyncio.run(crawl())

    assert passed == [7, 8, 7, 8, 9]
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


class HalfWay:
    """A spider middleware that reads one output, and no more."""

    async def process_spider_output(self, response, result):
        async for output in result:
            yield output
            return


@pytest.mark.parametrize("place", [5, 500])
def test_an_answer_whose_output_is_not_read_to_its_end_is_put_aside(database_url, look, place):
    async def play(bench, request):
        await bench.answer(request, [Thing(id=7), Thing(id=8)])

    run(database_url, play, SPIDER_MIDDLEWARES={HalfWay: place})

    assert look(tables.things, "id") == ([] if place == 5 else [7])
    assert look(tables.requests, "state") == ["quarantined" if place == 5 else "done"]


def test_an_answer_in_whose_middle_the_spider_is_closed_is_asked_again(database_url, look):
    async def play(bench, request):
        bench.engine._slot = SimpleNamespace(closing=True)
        await bench.answer(request, [Thing(id=7), CloseSpider("enough")])

    run(database_url, play)

    assert look(tables.requests, "attempts") == [0]
    assert look(tables.answers, "id") == []
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


def test_a_refused_answer_is_asked_again_later(database_url, look):
    async def play(bench, request):
        await bench.answer(request, [AnswerRefused("wrong-id")])

    run(database_url, play, TV_MAX_ATTEMPTS=3)

    ((state, attempts, available),) = look(tables.requests, "state", "attempts", "available_at")
    assert (state, attempts) == ("queued", 1)
    assert available is not None


@pytest.mark.parametrize(
    "output", [[Thing(id=7), ZeroDivisionError("by zero")], ZeroDivisionError("by zero")]
)
def test_a_bug_in_a_callback_is_told_and_the_answer_kept(database_url, look, output):
    async def play(bench, request):
        await bench.answer(request, output)
        assert bench.stat("spider_exceptions/ZeroDivisionError") == 1

    run(database_url, play)

    assert look(tables.requests, "state", "reason") == [("quarantined", "ZeroDivisionError: by zero")]
    assert look(tables.answers, "refused") == ["bug"]


class Recovering:
    """A spider middleware that has something to give where a callback fails."""

    def process_spider_exception(self, response, exception):
        return [Thing(id=8)]


@pytest.mark.parametrize("place", [5, 500])
@pytest.mark.parametrize("output", [[ZeroDivisionError()], ZeroDivisionError()])
def test_an_error_from_which_a_middleware_recovers_is_none(database_url, look, place, output):
    async def play(bench, request):
        await bench.answer(request, output)

    run(database_url, play, SPIDER_MIDDLEWARES={Recovering: place})

    assert look(tables.requests, "state") == ["done"]
    assert look(tables.things, "id") == [8]


def test_a_callback_that_fails_at_once_settles_its_answer(database_url, look):
    async def play(bench, request):
        await bench.answer(request, AnswerRefused("shape"))
        assert bench.stat("spider_exceptions/count") is None

    run(database_url, play, TV_MAX_ATTEMPTS=1)

    assert look(tables.requests, "state") == ["quarantined"]


@pytest.mark.parametrize("output", [Thing(id=7), {"a": 1}])
def test_a_pipeline_that_fails_puts_the_answer_aside(database_url, look, output):
    async def play(bench, request):
        await bench.answer(request, [output])

    run(database_url, play, ITEM_PIPELINES={Failing: 500})

    assert look(tables.requests, "state", "reason") == [("quarantined", "pipeline: ValueError: no room")]


def test_a_request_that_cannot_be_kept_puts_the_answer_aside_and_says_why(database_url, look):
    async def play(bench, request):
        await bench.answer(request, [Thing(id=7), Request(f"{API}/x", method="POST")])

    run(database_url, play)

    ((state, reason),) = look(tables.requests, "state", "reason")
    assert (state, reason.partition(",")[0]) == (
        "quarantined",
        "request: the ledger holds GET requests only",
    )
    assert look(tables.things, "id") == []


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


def test_an_answer_of_another_schedulers_request_is_left_alone(database_url, look):
    async def crawl():
        async with desk(database_url) as bench:
            await bench.answer(Request(f"{API}/x"), [{"a": 1}])
            await bench.ledger.flush()

    asyncio.run(crawl())

    assert look(tables.requests, "state") == []
