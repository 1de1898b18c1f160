"""Stored answers are read again by the spider's own callbacks, without the network."""

import asyncio
import json
from dataclasses import replace

import pytest
from scrapy import Request

from tests.support.desk import API, make_crawler
from tests.support.making import at
from tvspiders.errors import AnswerRefused
from tvspiders.items import Creator, Item, Thing
from tvspiders.ledger.answers.encoding import encode
from tvspiders.ledger.answers.parse_again import outputs_of, raw_json_of
from tvspiders.storage.queue.feeds import StoredAnswer

BODY = json.dumps(
    {"id": 7, "name": "Gear", "creator": {"id": 5, "name": "amber", "email": "a@b.org"}}
).encode()
STORED = StoredAnswer(
    id=1,
    request_id=3,
    path="/things/7",
    callback="parse_thing",
    kwargs='{"thing_id": 7}',
    depth=2,
    status=200,
    received_at=at(5),
    headers=None,
    body=BODY,
)


@pytest.fixture
def spider():
    return make_crawler("sqlite:///x.db").spider


def test_an_answer_gives_its_items_again_with_the_time_of_its_receipt(spider):
    found = [output for output in outputs_of(STORED, spider, API) if isinstance(output, Item)]

    (thing,) = (item for item in found if isinstance(item, Thing))
    assert (thing.id, thing.name, thing.last_scraped) == (7, "Gear", at(5))
    assert all(item.source is not None and item.source.request_id == 3 for item in found)


def test_a_page_gives_its_requests_again(spider):
    body = json.dumps({"total": 1, "hits": [{"id": 8, "name": "Bear"}]}).encode()
    first = asyncio.run(anext(spider.start()))
    page = replace(
        STORED,
        path=first.url.removeprefix(API),
        callback=first.callback.__name__,
        kwargs=json.dumps(first.cb_kwargs),
        body=body,
    )

    outputs = list(outputs_of(page, spider, API))

    assert [output.url for output in outputs if isinstance(output, Request)] == [f"{API}/things/8"]


def test_kept_headers_are_given_to_the_callback(spider):
    seen = {}

    def parse_thing(response, thing_id):
        seen.update(link=response.headers.get("Link"), depth=response.meta["depth"], id=thing_id)
        return []

    spider.parse_thing = parse_thing
    list(outputs_of(replace(STORED, headers='{"Link": "next"}'), spider, API))

    assert seen == {"link": b"next", "depth": 2, "id": 7}


def test_a_callback_finds_what_its_request_carried(spider):
    asked = Request(
        f"{API}/things/7",
        callback=spider.parse_thing,
        cb_kwargs={"thing_id": 7},
        headers={"X-Mine": "yes"},
        flags=["mine"],
        meta={"page": 3},
    )
    seen = {}

    def parse_thing(response, thing_id):
        request = response.request
        seen.update(header=request.headers.get("X-Mine"), flags=request.flags, page=response.meta["page"])
        return []

    kwargs = encode(asked, spider, API).kwargs
    spider.parse_thing = parse_thing
    list(outputs_of(replace(STORED, kwargs=kwargs), spider, API))

    assert seen == {"header": b"yes", "flags": ["mine"], "page": 3}


@pytest.mark.parametrize(
    "changes", [{"callback": "parse_of_long_ago"}, {"body": b"<html>"}, {"body": b'{"id": 8}'}]
)
def test_what_is_not_understood_any_more_is_refused(spider, changes):
    with pytest.raises(AnswerRefused):
        list(outputs_of(replace(STORED, **changes), spider, API))


def test_a_stored_answer_of_something_gone_gives_its_tombstone(spider):
    gone = replace(STORED, status=404, body=b'{"error":"Not Found"}')

    (stone,) = outputs_of(gone, spider, API)

    assert isinstance(stone, Item)
    assert (stone.kind, stone.subject_id) == ("tombstone", "7")  # type: ignore[attr-defined]


def test_the_raw_answer_is_scrubbed_again():
    raw = raw_json_of(STORED)

    assert raw is not None
    assert "a@b.org" not in raw
    assert json.loads(raw)["name"] == "Gear"


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff\xfe"])
def test_what_is_no_json_has_no_raw_answer(body):
    assert raw_json_of(replace(STORED, body=body)) is None


def test_texts_of_users_that_are_not_kept_are_left_out_again():
    body = BODY.replace(b'"name": "amber"', b'"name": "amber", "first_name": "Ada"')
    found = {}
    for kept in (True, False):
        spider = make_crawler("sqlite:///x.db", TV_KEEP_PROFILES=kept).spider
        outputs = outputs_of(replace(STORED, body=body), spider, API)
        (found[kept],) = (item.first_name for item in outputs if isinstance(item, Creator))

    assert found == {True: "Ada", False: None}
