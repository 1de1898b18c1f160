"""Cursors are stored as the callback's arguments, in the form of the versions before."""

import json

import pytest
from scrapy import Request
from scrapy.utils.test import get_crawler

from tests.support.making import at
from tests.support.walking import API, SPIDERS
from tvspiders.items import Item
from tvspiders.ledger.answers.encoding import decode
from tvspiders.ledger.answers.parse_again import outputs_of
from tvspiders.ledger.scheduler import LedgerScheduler
from tvspiders.spiders.base.cursors import ListCursor, SearchCursor
from tvspiders.storage.queue.feeds import StoredAnswer
from tvspiders.storage.queue.leases import Leased

TRAIL = '{"pages":{"1":"6:OBu28/LfKjhkb79gOVu8VqORGAUexZM1","2":"0:"},"repeats":[],"looks":[]}'
SHIFTS = '{"told":39,"rises":[],"pending":0,"high":39,"rough":0,"slid":0,"drops":[]}'
PROGRESS = (
    '{"page":2,"received":6,"size":6,"total":39,"most":39,"fruitless":0,"last_page":2,'
    f'"trail":{TRAIL},"shifts":{SHIFTS}}}'
)
FIRST = (
    '{"page":1,"received":0,"size":0,"total":null,"most":0,"fruitless":0,"last_page":null,'
    '"trail":{"pages":{},"repeats":[],"looks":[]},'
    '"shifts":{"told":null,"rises":[],"pending":0,"high":0,"rough":0,"slid":0,"drops":[]}}'
)
WHOLE = '{"term":"x","filters":{"sort":"newest"},"dimensions":["is_derivative"],"days":null,"categories":[1]}'
HALF = (
    '{"term":"x","filters":{"sort":"newest","is_derivative":0},"dimensions":[],"days":null,"categories":[1]}'
)
PROBE = f'{{"whole":{WHOLE},"dimension":"is_derivative","mark":"0207d227a6cd","rest":[{HALF}]}}'
LISTS = {
    "first": ("/verified?page=1&per_page=30", '{"page":1,"kind":"listing","of":"verified"}'),
    "next": (
        "/categories/gadgets/things?page=2&per_page=30",
        '{"page":2,"kind":"category-things","of":"gadgets","refused":0,"stated":39,'
        f'"about":{{"category":"Gadgets","category_id":65}},"progress":{PROGRESS}}}',
    ),
    "second read": (
        "/collections/17/things?page=2&per_page=30",
        f'{{"page":2,"kind":"collection-things","of":17,"refused":1,"progress":{PROGRESS},"limit":9,'
        '"look":{"page":2,"why":"empty","reason":"total"}}',
    ),
    "side by side": (
        "/things/3/derivatives?page=3&per_page=30",
        '{"page":3,"kind":"derivatives","of":3,"about":{"generation":0},"fanned":3,"total":70}',
    ),
}
"""Path and ``kwargs`` of rows, as versions with loose arguments wrote them."""
SEARCHES = {
    "first": (
        "/search/x/?type=things&page=1&per_page=30&sort=newest",
        f'{{"part":{WHOLE},"progress":{FIRST}}}',
    ),
    "next": (
        "/search/x/?type=things&page=2&per_page=30&sort=newest",
        f'{{"part":{WHOLE},"progress":{PROGRESS},"limit":3,"split":true,"refused":2}}',
    ),
    "second read": (
        "/search/x/?type=things&page=1&per_page=30&sort=newest",
        f'{{"part":{WHOLE},"progress":{PROGRESS},"about":{{"slug":"art"}},'
        '"look":{"page":1,"why":"short","reason":"total"}}',
    ),
    "probe": (
        "/search/x/?type=things&page=1&per_page=30&sort=newest",
        f'{{"part":{WHOLE},"progress":{FIRST},"split":true,"probe":{PROBE}}}',
    ),
    "second probe": (
        "/search/x/?type=things&page=1&per_page=30&sort=newest",
        f'{{"part":{WHOLE},"progress":{FIRST},"split":true,"probe":{PROBE[:-1]},"before":{HALF}}}}}',
    ),
}
HITS = {"total": 39, "hits": [{"id": 8, "name": "Bear"}, {"id": 9, "name": "Gear"}]}


def spider_of(name, **arguments):
    crawler = get_crawler(SPIDERS[name], {"THINGIVERSE_API_URL": API, "SCHEDULER": LedgerScheduler})
    return SPIDERS[name].from_crawler(crawler, **arguments)


def spider_for(callback):
    if callback == "parse_search":
        return spider_of("things", query="x", details="false", beyond_window="true")
    return spider_of("categories", category="gadgets", details="false")


@pytest.mark.parametrize("form", LISTS)
def test_a_list_row_of_an_earlier_version_is_read_and_written_the_same(form):
    path, kwargs = LISTS[form]

    cursor = ListCursor.from_dict(json.loads(kwargs))

    assert json.loads(json.dumps(cursor.as_dict())) == json.loads(kwargs)
    assert cursor.path == path


@pytest.mark.parametrize("form", SEARCHES)
def test_a_search_row_of_an_earlier_version_is_read_and_written_the_same(form):
    path, kwargs = SEARCHES[form]

    cursor = SearchCursor.from_dict(json.loads(kwargs))

    assert json.loads(json.dumps(cursor.as_dict())) == json.loads(kwargs)
    # the query is in the row twice, but the path is always made from the cursor
    assert spider_for("parse_search").ask_search(cursor).url == API + path


def test_progress_without_a_trail_is_read():
    old = {"page": 2, "received": 2, "size": 2, "linked": True, "previous": [1, 2]}

    cursor = ListCursor.from_dict({"kind": "tag-things", "of": "gear", "page": 2, "progress": old})

    assert (cursor.received, list(cursor.progress.history.pages)) == (2, [1])


def test_a_list_given_up_after_some_pages_is_in_doubt_for_the_rest_only():
    _, kwargs = LISTS["next"]  # 6 of 39 rows have come

    noted = spider_for("parse_list").unreadable_list(**json.loads(kwargs))

    assert (noted.ended, noted.stated, noted.doubtful) == ("unreadable", 39, 33)


@pytest.mark.parametrize("cursor", [ListCursor, SearchCursor])
def test_an_argument_that_no_version_knows_is_an_error(cursor):
    rows = LISTS if cursor is ListCursor else SEARCHES

    with pytest.raises(TypeError, match="of_tomorrow"):
        cursor.from_dict(json.loads(rows["first"][1]) | {"of_tomorrow": 1})


ROWS = [("parse_list", *LISTS[form]) for form in ("next", "second read")]
ROWS += [("parse_search", *row) for row in SEARCHES.values()]


@pytest.mark.parametrize(("callback", "path", "kwargs"), ROWS)
def test_a_request_queued_and_an_answer_stored_by_an_earlier_version_give_the_same(callback, path, kwargs):
    spider, body = spider_for(callback), json.dumps(HITS).encode()
    stored = StoredAnswer(1, 3, path, callback, kwargs, 2, 200, at(5), None, body)
    queued = decode(Leased(3, path, callback, kwargs, 0, 2, 0), spider, API)

    outputs = list(outputs_of(stored, spider, API))

    assert queued is not None
    assert queued.cb_kwargs == json.loads(kwargs)
    assert {item.id for item in outputs if isinstance(item, Item) and item.kind == "thing"} == {8, 9}
    assert [request for request in outputs if isinstance(request, Request)] or any(
        item.kind == "list" for item in outputs if isinstance(item, Item)
    )
