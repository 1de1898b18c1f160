"""Requests as data: what goes in comes out, and nothing secret or executable goes in."""

import json

import pytest
from scrapy import FormRequest, Request
from scrapy.http import TextResponse

from tests.support.desk import API, make_crawler
from tvspiders.errors import UsageProblem
from tvspiders.ledger.answers.encoding import decode, encode, kept_headers
from tvspiders.meta import ATTEMPTS, DEPTH, ID, NEARER, OWNER
from tvspiders.storage.queue.leases import Leased


@pytest.fixture
def spider():
    return make_crawler("sqlite:///x.db").spider


def leased(**changes) -> Leased:
    fields = {"path": "/things/7", "callback": "parse_thing", "kwargs": None, "priority": 0, "depth": 0}
    return Leased(**({"id": 1, "attempts": 0} | fields | changes))


def test_a_request_survives_the_way_there_and_back(spider):
    asked = Request(
        f"{API}/search/%C4%8Da%2Fb?page=2#top",
        callback=spider.parse_thing,
        cb_kwargs={"thing_id": 7, "progress": {"page": 2, "seen": [1, 2]}},
        priority=10,
    )

    new = encode(asked, spider, API, depth=3)
    again = decode(
        leased(path=new.path, kwargs=new.kwargs, priority=new.priority, depth=new.depth, id=5, attempts=2),
        spider,
        API,
        "me",
    )

    assert again is not None
    assert (again.url, again.cb_kwargs, again.priority) == (asked.url, asked.cb_kwargs, 10)
    assert again.callback == spider.parse_thing
    assert again.meta == {ID: 5, OWNER: "me", ATTEMPTS: 2, DEPTH: 3}
    assert again.dont_filter


def test_what_a_request_carries_besides_comes_back(spider):
    asked = Request(
        f"{API}/things/7",
        headers={"Accept-Language": "de", "X-Twice": ["a", "b"]},
        meta={"page": {"seen": [1, 2]}, "download_timeout": 5},
        flags=["mine"],
        callback=spider.parse_thing,
        errback=spider.parse_list,
        cb_kwargs={"thing_id": 7},
    )
    new = encode(asked, spider, API)

    again = decode(leased(kwargs=new.kwargs, depth=1, id=5, attempts=2), spider, API, "worker")

    assert again is not None
    assert (again.headers, again.flags, again.cb_kwargs) == (asked.headers, ["mine"], {"thing_id": 7})
    assert again.errback == spider.parse_list
    assert again.meta == asked.meta | {"tv_id": 5, "tv_owner": "worker", "tv_attempts": 2, "depth": 1}


def test_what_tells_of_one_response_stays_behind(spider):
    meta = {"depth": 3, "tv_id": 1, "tv_answer": object(), "download_latency": 0.1, "download_slot": "x"}

    assert encode(Request(f"{API}/x", meta=meta), spider, API).kwargs is None


def test_a_start_request_says_so(spider):
    assert decode(leased(depth=0), spider, API).meta["is_start_request"]
    assert "is_start_request" not in decode(leased(depth=1), spider, API).meta


@pytest.mark.parametrize(
    ("carried", "said"),
    [
        ({"headers": {"Authorization": "Bearer s3cret"}}, "header Authorization"),
        ({"headers": {"cookie": "session=s3cret"}}, "header Cookie"),
        ({"cookies": {"session": "s3cret"}}, "cookies of"),
        ({"meta": {"proxy": "http://amber:s3cret@gate"}}, "THINGIVERSE_PROXY"),
        ({"meta": {"page": object()}}, "meta['page'] of"),
        ({"meta": {"sizes": {1: "a"}}}, "meta['sizes'] of"),
        ({"cb_kwargs": {"a": object(), "b": 1}}, "cb_kwargs['a'] of"),
        ({"cb_kwargs": {"a": float("nan")}}, "cb_kwargs['a'] of"),
        ({"errback": lambda failure: None}, "the errback of"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(spider, carried, said):
    with pytest.raises(UsageProblem) as refused:
        encode(Request(f"{API}/x", **carried), spider, API)

    assert said in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.org/things/7",
        "http://api.thingiverse.com/things/7",
        "https://api.thingiverse.com.evil.org/things/7",
        "https://api.thingiverse.com:8443/things/7",
        "https://api.thingiverse.com@evil.org/things/7",
    ],
)
def test_only_what_is_below_the_apis_address_is_taken(spider, url):
    with pytest.raises(UsageProblem, match="is not below the API's address"):
        encode(Request(url, callback=spider.parse_thing), spider, API)


@pytest.mark.parametrize(
    "request_",
    [
        Request(f"{API}/x", method="POST"),
        FormRequest(f"{API}/x", formdata={"a": "b"}),
        Request(f"{API}/x", method="GET", body=b"a"),
    ],
)
def test_only_questions_are_taken(spider, request_):
    with pytest.raises(UsageProblem, match="GET requests only"):
        encode(request_, spider, API)


def test_a_callback_must_be_a_method_of_the_spider(spider):
    def parse_thing(response):
        return None

    with pytest.raises(UsageProblem, match="not a method of the spider things"):
        encode(Request(f"{API}/x", callback=parse_thing), spider, API)


def test_without_a_callback_it_is_parse(spider):
    assert encode(Request(f"{API}/x"), spider, API).callback == "parse"


def test_a_nearer_request_says_so(spider):
    assert encode(Request(f"{API}/x", meta={NEARER: True}), spider, API).nearer
    assert not encode(Request(f"{API}/x"), spider, API).nearer


def test_a_callback_that_this_version_does_not_have_gives_no_request(spider):
    assert decode(leased(callback="parse_of_long_ago"), spider, API) is None


def test_few_headers_of_an_answer_are_kept():
    response = TextResponse(
        API,
        headers={
            "Link": "<https://h/x?access_token=s3cret&page=2>; rel=next; title=s3cret",
            "total-count": "7",
            "Date": "s3cret",
            "Set-Cookie": "x=y",
            "X-Token": "s3cret",
        },
    )

    assert kept_headers(response) == {"Link": '<?page=2>; rel="next"', "Total-Count": "7"}
    assert json.dumps(kept_headers(response))
