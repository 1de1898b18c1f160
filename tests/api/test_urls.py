"""Addresses: every text encoded exactly once, every number checked."""

import inspect
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request

from tvspiders.api import urls

TERMS = [
    "gothic architecture",
    "a/b?c#d&e",
    "чаша",
    "🐙",
    "..",
    ".",
    "%41",
    "a+b=c",
    "it's (x) ~!*",
    "\\|^`{}",
    "\t\n\x00",
]
BASE = "https://api.thingiverse.com"


def test_a_search_reads_as_documented():
    path = urls.search(
        "gothic architecture", page=2, sort="relevant", category_id=0, license="cc-sa", is_derivative=True
    )

    assert path == (
        "/search/gothic%20architecture/?type=things&page=2&per_page=30"
        "&sort=relevant&category_id=0&license=cc-sa&is_derivative=1"
    )


def test_the_empty_term_searches_for_everything():
    assert urls.search("", per_page=1, sort="newest") == "/search/?type=things&page=1&per_page=1&sort=newest"


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_encoded_exactly_once(term):
    parts = urlsplit(BASE + urls.search(term))

    assert parts.path.count("/") == 3
    assert unquote(parts.path.split("/")[2]) == term
    assert parts.path.split("/")[2] not in (".", "..")
    assert parse_qs(parts.query) == {"type": ["things"], "page": ["1"], "per_page": ["30"]}


@pytest.mark.parametrize("term", TERMS)
def test_a_request_of_scrapy_leaves_the_address_as_it_is(term):
    for path in (urls.search(term, posted_after=term), urls.user(term), urls.tag_things(term)):
        assert Request(BASE + path).url == BASE + path


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_the_way_through_scrapy(term):
    url = Request(BASE + urls.category_things(term, page=3)).url

    assert url == BASE + urls.category_things(term, page=3)
    assert unquote(urlsplit(url).path.split("/")[2]) == term
    assert urlsplit(url).path.split("/")[3] == "things"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (urls.thing(2), "/things/2"),
        (urls.thing(1), "/things/1"),
        (urls.thing(2**63 - 1), "/things/9223372036854775807"),
        (urls.like(2), "/things/2/likes"),
        (urls.ancestors(2), "/things/2/ancestors"),
        (urls.derivatives(2), "/things/2/derivatives?page=1&per_page=30"),
        (urls.derivatives(2, page=3), "/things/2/derivatives?page=3&per_page=30"),
        (urls.remixes(2), "/things/2/remixes?page=1&per_page=30"),
        (urls.copies(2, per_page=20), "/things/2/copies?page=1&per_page=20"),
        (urls.files(2), "/things/2/files?page=1&per_page=30"),
        (urls.images(2), "/things/2/images?page=1&per_page=30"),
        (urls.comments(2), "/things/2/comments?page=1&per_page=30"),
        (urls.thing_likes(2), "/things/2/likes?page=1&per_page=30"),
        (urls.thing_categories(2), "/things/2/categories"),
        (urls.thing_tags(2), "/things/2/tags"),
        (urls.categories(), "/categories?page=1&per_page=30"),
        (urls.category("toys-and-games"), "/categories/toys-and-games"),
        (urls.category_things("art"), "/categories/art/things?page=1&per_page=30"),
        (urls.me(), "/users/me"),
        (urls.user("John Doe"), "/users/John%20Doe"),
        (urls.user_things("a"), "/users/a/things?page=1&per_page=30"),
        (urls.user_copies("a"), "/users/a/copies?page=1&per_page=30"),
        (urls.user_likes("a"), "/users/a/likes?page=1&per_page=30"),
        (urls.user_collections("a"), "/users/a/collections?page=1&per_page=30"),
        (urls.followers("a"), "/users/a/followers?page=1&per_page=30"),
        (urls.following("a"), "/users/a/following?page=1&per_page=30"),
        (urls.collection(7), "/collections/7"),
        (urls.collection_things(7), "/collections/7/things?page=1&per_page=30"),
        (urls.tag("hot_end"), "/tags/hot_end"),
        (urls.tag_things("hot_end"), "/tags/hot_end/things?page=1&per_page=30"),
        (urls.newest(), "/newest?page=1&per_page=30"),
        (urls.popular(2), "/popular?page=2&per_page=30"),
        (urls.featured(), "/featured?page=1&per_page=30"),
        (urls.verified(), "/verified?page=1&per_page=30"),
        (urls.listed("popular", 2), "/popular?page=2&per_page=30"),
        (urls.tag_search("hot_end"), "/search/hot_end/tag?page=1&per_page=30"),
        (urls.random_things(), "/things/0/random"),
        (urls.random_things(2), "/things/0/random?page=2"),
    ],
)
def test_each_endpoint_has_its_address(path, expected):
    assert path == expected


def test_no_endpoint_is_forgotten_above():
    own = [f for _, f in inspect.getmembers(urls, inspect.isfunction) if f.__module__ == urls.__name__]
    tested = Path(__file__).read_text(encoding="utf-8")

    assert [f.__name__ for f in own if f.__name__[0] != "_" and f"urls.{f.__name__}(" not in tested] == []


@pytest.mark.parametrize("number", [0, -1, 2**63, True, "5", 1.0])
def test_a_number_outside_the_range_has_no_address(number):
    with pytest.raises(ValueError, match="no number"):
        urls.thing(number)


@pytest.mark.parametrize("name", ["", "\ud800"])
def test_a_name_that_cannot_be_written_has_no_address(name):
    with pytest.raises(ValueError, match=r"empty name|not valid Unicode"):
        urls.user(name)


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("https://api.thingiverse.com", "https://api.thingiverse.com"),
        ("https://api.thingiverse.com/", "https://api.thingiverse.com"),
        ("HTTPS://API.Thingiverse.com:443", "https://api.thingiverse.com:443"),
        ("http://[::1]:8/V1/", "http://[::1]:8/V1"),
    ],
)
def test_the_base_is_written_as_requests_write_it(text, base):
    assert urls.base_url(text) == base
    assert Request(base + "/things/2").url == base + "/things/2"
