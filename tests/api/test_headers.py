"""Headers: Link, total-count, Retry-After."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recordings import headers, load
from tests.support.secret_forms import leaks, spellings
from tvspiders.api.headers import KEPT, header, link_next, links, max_age, retry_after, total_count


def test_a_header_is_found_whatever_its_case():
    assert header({"X-Error": "no"}, "x-error") == header({"x-error": "no"}, "X-Error") == "no"
    assert header({}, "x-error") is None


def test_the_links_recorded_in_2025_name_the_next_page():
    recorded = headers("collection-16696069-things-p1-2025")

    assert links(recorded) == {"next": 2, "first": None, "last": 2}
    assert (link_next(recorded), total_count(recorded)) == (2, 47)


def test_the_links_recorded_in_2015_name_the_last_page():
    tools, roots = load("headers-categories-2015")

    assert links(tools["headers"]) == {"next": 2, "first": None, "last": 348}
    assert links(roots["headers"]) == {"first": None, "last": 1}
    assert link_next(roots["headers"]) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", {}),
        ("nonsense", {}),
        ('<https://x/?page=2>; rel="preload"', {}),
        ("<https://x/?page=2>; rel=next", {"next": 2}),
        ('<https://x/?page=2&per_page=30>; title="a, b; c"; REL="Next last"', {"next": 2, "last": 2}),
        ("</x?per_page=5&page=7>;rel='next'", {}),
        ('<https://x/?page=0>; rel="next"', {"next": None}),
        ('<https://x/?page=２>; rel="next"', {"next": None}),
        ('<https://x/?page=99999999999999999999>; rel="next"', {"next": None}),
        ('<http://[>; rel="next"', {"next": None}),
        ('<https://x/?page=3>; rel="next", <https://x/?page=9>; rel="next"', {"next": 3}),
        ("<" * 5000 + "; rel=next" * 5000, {}),
    ],
)
def test_only_the_page_is_taken_from_a_link(value, expected):
    assert links({"Link": value}) == expected


@pytest.mark.parametrize(
    ("value", "total"), [("47", 47), ("0", 0), ("-1", None), ("many", None), ("1e3", None)]
)
def test_the_total_is_a_count(value, total):
    assert total_count({"Total-Count": value}) == total


SENT = {"Date": "Sat, 21 Nov 2026 06:12:00 GMT"}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("1.5", 2),
        ("0.25", 1),
        ("7.000", 7),
        ("86400", 86400),
        ("Sat, 21 Nov 2026 06:13:30 GMT", 90),
        ("Sat, 21 Nov 2026 07:13:30 +0100", 90),
        ("Sat, 21 Nov 2026 06:00:00 GMT", 0),
        *((junk, None) for junk in ("", "-5", "86401", "9" * 30, "soon", "-1.5", "1.5.2", "1e3", "１２")),
        *((junk, None) for junk in ("Sat, 21 Nov 2099 06:12:00 GMT", "Sat, 99 Nov 2026 06:12:00 GMT")),
        *((junk, None) for junk in ("Fri, 31 Dec 9999 23:59:59 -2300", "Sat, 21 Nov")),
    ],
)
def test_retry_after_is_seconds_or_a_date_of_the_next_day(value, seconds):
    assert retry_after(SENT | {"Retry-After": value}) == seconds


def test_a_date_without_the_answer_s_own_date_needs_a_clock():
    given = {"retry-after": "Sat, 21 Nov 2026 06:13:30 GMT"}

    assert retry_after(given) is None
    assert retry_after(given, now=datetime(2026, 11, 21, 6, 12, tzinfo=UTC)) == 90


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("max-age=1800", 1800),
        ("public, Max-Age = 60", 60),
        ("max-age=60, s-maxage=3600", 3600),
        ('max-age="60"', 60),
        ("max-age=99999999999", 86_400),
        ("no-store, no-cache, must-revalidate", 0),
        ("no-cache, max-age=60", 0),
        ("min-fresh=7, x-max-age=60", 0),
        ("max-age=soon", 0),
        ("", 0),
    ],
)
def test_max_age_is_for_how_long_a_cache_may_give_the_same_answer(value, seconds):
    assert max_age({"cache-control": value}) == seconds
    assert max_age({}) == 0


SECRET = "3f7a9c0e1b2d4f6a8c0e2b4d6f8a0c1e/+"
AROUND = (
    "{}",
    "1, {}",
    "{}=1",
    "max-age={}",
    "max-age=5 {}, private={}",
    'application/json; charset="{}"',
    "application/{}",
    "{}/json; x={}",
    "Fri, 18 Jul 2025 13:20:57 ({})",
    '<https://h/{}?page=2&access_token={}>; rel="next"; title="{}"',
    '<https://h/things?page={}>; rel="next {}"',
)


@pytest.mark.parametrize("name", KEPT)
def test_no_header_that_is_kept_can_hold_a_secret_even_one_that_nobody_knows(name):
    for spelling in spellings(SECRET).values():
        for around in AROUND:
            kept = KEPT[name](around.replace("{}", spelling))

            assert leaks(SECRET, kept.encode("utf-8", "surrogateescape")) == []
            assert len(kept) < 100


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("Content-Type", 'Application/JSON; charset="UTF-8"; x=y', "application/json; charset=utf-8"),
        ("Content-Type", "text/html", "text/html"),
        ("Content-Type", "text/html; charset=none-such", "text/html"),
        ("Content-Type", "who/knows", ""),
        (
            "Link",
            '<https://h/things?a=b&page=2>; rel="next", <https://h>; rel=first',
            '<?page=2>; rel="next", <>; rel="first"',
        ),
        ("Link", "<https://h/style.css>; rel=preload", ""),
        ("Total-Count", " 47 ", "47"),
        ("Total-Count", "many", ""),
        ("Date", "Fri, 18 Jul 2025 15:20:57 +0200", "Fri, 18 Jul 2025 13:20:57 GMT"),
        ("Date", "yesterday", ""),
        ("Retry-After", "7.5", "7.5"),
        ("Retry-After", "120", "120"),
        ("Retry-After", "Fri, 18 Jul 2025 13:20:57 GMT", "Fri, 18 Jul 2025 13:20:57 GMT"),
        ("Retry-After", "soon", ""),
        ("Age", "30", "30"),
        ("Cache-Control", "private, max-age=60, s-maxage=9", "max-age=60, s-maxage=9"),
        ("Cache-Control", "No-Store", "no-store"),
    ],
)
def test_of_a_header_that_is_kept_only_what_is_read_is_kept(name, value, kept):
    assert KEPT[name](value) == kept


PIECES = [
    *(
        '<https://h/a?page=2&b=c>; rel="next"',
        "<x?page=00>",
        "; rel=",
        "first prev",
        "last",
        "2",
        "0",
        "17",
        "4.5",
    ),
    *("max-age=", "s-maxage=", "no-cache", "No-Store", '"', ",", " ", "\t", "-", ".", "x", "é", "9" * 20),
    *("Fri, 18 Jul 2025 13:20:57 GMT", "Fri, 18 Jul 2025 13:20:57 +0230", "18 Jul 1969", "<", ">", "=", ";"),
]


@given(st.sampled_from(sorted(KEPT)), st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_what_is_kept_is_read_as_the_whole_was(name, value):
    whole, kept = {name: value}, {name: KEPT[name](value)}

    assert links(kept) == links(whole)
    assert total_count(kept) == total_count(whole)
    assert max_age(kept) == max_age(whole)
    now = datetime(2025, 7, 18, tzinfo=UTC)
    assert retry_after(kept, now) == retry_after(whole, now)
