"""Paging: which page next, and why none."""

import json

import pytest

from tvspiders.api.lists.paging import PATIENCE, Decision, next_page
from tvspiders.api.lists.progress import Bounds, PageRead, Progress

API = "https://api.thingiverse.com/x"
NEXT = {"link": f'<{API}?page=99999>; rel="next", <{API}>; rel="first"'}
LAST = {"link": f'<{API}>; rel="first", <{API}?page=2>; rel="last"'}


def walk(pages, *, totals=None, headers=None, most=2000, **options) -> tuple[int, Decision]:
    """Read a list page by page; ``pages(n)`` gives the keys of page n. Says how many pages were asked for."""
    progress, asked = Progress(), 0
    while True:
        asked += 1
        assert asked <= most, "the list never ended"
        total = totals(progress.page) if totals else None
        progress = Progress.from_dict(json.loads(json.dumps(progress.as_dict())))
        page = PageRead(pages(progress.page), total, headers(progress.page) if headers else {})
        decision = next_page(progress, page, Bounds(**options))
        if decision.next_page is None:
            return asked, decision
        assert decision.next_page == decision.progress.page == progress.page + 1
        assert not decision.complete
        progress = decision.progress


def rows(count, size=30):
    return lambda page: list(range((page - 1) * size, min(page * size, count)))


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (29, 1), (30, 1), (31, 2), (60, 2), (425, 15)])
def test_a_total_ends_a_list_without_a_wasted_request(count, pages):
    asked, end = walk(rows(count), totals=lambda _: count)

    assert (asked, end.reason, end.complete, end.missing) == (pages, "total", True, 0)


def test_the_header_total_count_serves_where_the_envelope_has_none():
    asked, end = walk(rows(47), headers=lambda _: {"total-count": "47"})

    assert (asked, end.reason) == (2, "total")


@pytest.mark.parametrize(("count", "pages"), [(20, 1), (60, 2), (61, 3)])
def test_a_link_without_next_ends_a_list(count, pages):
    last = {"link": f'<{API}>; rel="first", <{API}?page={pages}>; rel="last"'}
    asked, end = walk(rows(count), headers=lambda page: last if page * 30 >= count else NEXT)

    assert (asked, end.reason, end.complete) == (pages, "last-page", True)


def test_a_page_whose_next_page_was_read_already_ends_no_list_that_has_more_pages():
    linked = f'<{API}?page=2>; rel="next", <{API}?page=5>; rel="last"'
    served = {3: 2}  # page 2 in the place of page 3

    asked, end = walk(
        lambda page: rows(150)(served.get(page, page)),
        headers=lambda page: {"link": linked} if page == 3 else NEXT if page < 5 else LAST,
    )

    assert (asked, end.reason, end.progress.received) == (5, "last-page", 120)


def test_the_total_outranks_a_link_that_ends_too_early():
    asked, end = walk(rows(90), totals=lambda _: 90, headers=lambda _: LAST)

    assert (asked, end.reason) == (3, "total")


@pytest.mark.parametrize("total", [31, 45, 60])
def test_a_total_that_no_row_bears_out_costs_one_request_though_the_link_ends(total):
    asked, end = walk(rows(30), headers=lambda _: LAST | {"total-count": str(total)})

    assert (asked, end.reason, end.complete, end.missing) == (2, "total", True, total - 30)


def test_without_any_hint_only_an_empty_page_ends_a_list():
    asked, end = walk(rows(60))

    assert (asked, end.reason, end.complete, end.missing) == (3, "empty", True, None)


def test_a_short_page_is_no_end():
    short = {1: list(range(30)), 2: [31], 3: [61, 62], 4: []}

    asked, _ = walk(short.__getitem__)

    assert asked == 4


def test_a_clamped_page_size_is_judged_by_what_arrives():
    asked, end = walk(rows(95, size=30), totals=lambda _: 95, per_page=100)

    assert (asked, end.missing) == (4, 0)


def test_an_empty_page_in_the_middle_goes_on_when_the_total_says_more():
    asked, end = walk(lambda page: [] if page == 2 else rows(90)(page), totals=lambda _: 90)

    assert (asked, end.reason, end.missing) == (3 + 1, "total", 30)
    assert end.finding.reread == (2, "empty")


def test_an_empty_page_in_the_middle_goes_on_when_the_link_says_more():
    pages = {1: [1], 2: [], 3: [2]}

    asked, _ = walk(pages.__getitem__, headers=lambda page: NEXT if page < 3 else LAST)

    assert asked == 3


def test_three_fruitless_pages_in_a_row_end_a_list_as_incomplete():
    asked, end = walk(lambda page: [1] if page == 1 else [], totals=lambda _: 90)

    assert (asked, end.reason, end.complete, end.missing) == (1 + PATIENCE, "fruitless", False, 89)


def test_a_list_short_of_its_total_by_hidden_things_ends_after_one_empty_page():
    asked, end = walk(lambda page: rows(300)(page)[1:], totals=lambda _: 300)

    assert (asked, end.reason, end.complete, end.missing) == (11, "total", True, 10)


def test_fruitless_pages_are_counted_only_in_a_row():
    asked, end = walk(lambda page: [] if page % 2 else rows(300)(page), totals=lambda _: 300)

    assert (asked, end.reason) == (10 + 1, "total")


def test_an_empty_search_in_the_middle_with_the_total_0_is_not_believed():
    asked, end = walk(
        lambda page: [] if page == 2 else rows(90)(page), totals=lambda page: 0 if page == 2 else 90
    )

    assert (asked, end.missing) == (3 + 1, 30)


def test_null_hits_on_the_first_page_do_not_prove_an_empty_list():
    asked, end = walk(lambda _: [], totals=lambda _: 580)

    assert (asked, end.reason, end.complete) == (3, "fruitless", False)


def test_a_last_page_that_repeats_for_ever_ends_the_list():
    asked, end = walk(lambda page: rows(45)(min(page, 2)))

    assert (asked, end.reason, end.complete) == (3, "repeat", True)


def test_a_list_that_starts_again_from_its_first_page_ends():
    asked, end = walk(lambda page: rows(9000)((page - 1) % 300 + 1))

    assert (asked, end.reason) == (301, "repeat")


def test_a_total_that_grows_is_followed():
    asked, end = walk(rows(65), totals=lambda page: min(65, 29 + 18 * page))

    assert (asked, end.missing) == (3, 0)


def test_rows_that_move_to_the_next_page_are_counted_once():
    pages = {1: [1, 2, 3], 2: [3, 4, 5], 3: [6]}

    asked, end = walk(pages.__getitem__, totals=lambda _: 6)

    assert (asked, end.progress.received) == (3, 6)


def test_the_user_s_limit_ends_a_list_as_incomplete():
    asked, end = walk(rows(900), totals=lambda _: 900, limit=2)

    assert (asked, end.reason, end.complete) == (2, "limit", False)


def test_a_list_that_ends_at_the_user_s_limit_is_complete():
    asked, end = walk(rows(60), totals=lambda _: 60, limit=2)

    assert (asked, end.reason, end.complete) == (2, "total", True)


@pytest.mark.parametrize(("size", "pages"), [(30, 334), (20, 500), (12, 834), (100, 100)])
def test_a_search_is_never_asked_beyond_row_10_000(size, pages):
    asked, end = walk(rows(10_000, size), totals=lambda _: 10_000, search=True)

    assert (asked, end.reason, end.complete, end.window) == (pages, "window", False, True)


def test_the_window_counts_whole_pages_when_hidden_things_make_them_short():
    asked, end = walk(lambda page: rows(99_999)(page)[1:], totals=lambda _: 10_000, search=True)

    assert (asked, end.reason) == (334, "window")


def test_a_search_without_a_total_stops_at_the_window_too():
    asked, end = walk(rows(99_999), search=True)

    assert (asked, end.reason, end.complete) == (334, "window", False)


def test_the_window_does_not_hold_for_other_lists():
    asked, end = walk(rows(12_000), totals=lambda _: 12_000)

    assert (asked, end.reason, end.window) == (400, "total", False)


def test_a_search_with_fewer_results_has_no_window():
    _, end = walk(rows(9_999), totals=lambda _: 9_999, search=True)

    assert (end.complete, end.window) == (True, False)


def test_the_state_stays_small():
    progress = Progress()
    for page in range(1, 3000):
        progress = next_page(progress, PageRead(rows(10**6)(page))).progress

    assert len(json.dumps(progress.as_dict())) < 10_000


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize(
    "sizes", [(30, 15, 30, 30, 15), (30, 30, 0, 30, 30), (30, 30, 0, 30), (30, 1, 30, 2)]
)
def test_a_short_or_empty_page_that_shifts_the_rest_loses_nothing(sizes, linked):
    starts = [sum(sizes[:n]) for n in range(len(sizes) + 1)]
    total = sum(sizes)

    def pages(page):
        return list(range(starts[page - 1], starts[page])) if page <= len(sizes) else []

    links = (lambda page: NEXT if page < len(sizes) else LAST) if linked else None
    asked, end = walk(pages, totals=lambda _: total, headers=links)

    assert (asked, end.missing, end.complete) == (len(sizes), 0, True)


def test_rows_hidden_after_paging_cost_no_request_where_a_link_ends_the_list():
    asked, end = walk(
        lambda page: rows(300)(page)[3 * (page == 2) :],
        totals=lambda _: 300,
        headers=lambda page: NEXT if page < 10 else LAST,
    )

    assert (asked, end.reason, end.missing) == (10, "total", 3)


@pytest.mark.parametrize("count", [30, 31, 60, 61, 90, 91])
@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_total_that_moves_loses_nothing_where_a_link_tells_the_end(count, first):
    last = -(-count // 30)

    asked, end = walk(
        rows(count),
        totals=lambda page: max(1, count + (page + first) % 3 - 1),
        headers=lambda page: NEXT if page < last else LAST,
    )

    assert end.progress.received == count
    assert end.complete
    assert asked <= last + 1
