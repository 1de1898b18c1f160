import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.sites import api_of
from tvspiders.sandbox.api.paging import Paging
from tvspiders.sandbox.config import ODDITIES


def pages(total, per_page, oddities, last=400):
    rows = range(total)
    return [list(Paging(page, per_page, frozenset(oddities)).cut(rows)) for page in range(1, last)]


@given(st.integers(0, 400), st.integers(3, 30), st.sets(st.sampled_from(ODDITIES)))
def test_no_oddity_loses_a_row(total, per_page, oddities):
    found = pages(total, per_page, oddities - {"repeat"})

    assert sorted({row for page in found for row in page}) == list(range(total))


@given(st.integers(1, 400), st.integers(3, 30), st.sets(st.sampled_from(ODDITIES)))
def test_the_last_page_has_rows_and_none_follows(total, per_page, oddities):
    paging = Paging(1, per_page, frozenset(oddities - {"repeat"}))
    found = pages(total, per_page, oddities - {"repeat"})

    assert not any(found[paging.last(total) :])
    assert total - 1 in {row for page in found[: paging.last(total)] for row in page}


def test_a_short_page_stands_in_the_middle():
    assert [len(page) for page in pages(50, 10, {"short"}, 8)] == [10, 5, 10, 10, 10, 5, 0]


def test_an_empty_page_stands_in_the_middle():
    assert [len(page) for page in pages(50, 10, {"empty"}, 8)] == [10, 10, 0, 10, 10, 10, 0]


def test_the_last_page_comes_again_for_ever():
    found = pages(25, 10, {"repeat"}, 9)

    assert found[2:] == [[20, 21, 22, 23, 24]] * 6


def test_drifting_pages_overlap_by_a_row():
    found = pages(50, 10, {"drift"}, 4)

    assert found[0][-1] == found[1][0]
    assert found[1][-1] == found[2][0]


def test_a_moving_total_changes_from_request_to_request():
    moving = api_of(things=1000, oddities=frozenset({"moving"}))
    totals = {moving.get("/search/box", ordinal=n)["total"] for n in range(6)}
    stated = {moving.answer("/users/MakerBot/things", ordinal=n).headers["total-count"] for n in range(6)}

    assert len(totals) == len(stated) == 3


def test_lists_default_to_30_and_are_cut_there(api):
    assert len(api.get("/users/prolific_Pia/things")) == 30
    assert len(api.get("/users/prolific_Pia/things?per_page=100")) == 30
    assert len(api.get("/users/prolific_Pia/things?per_page=9")) == 9


def test_searches_default_to_12_and_are_cut_at_30(api):
    assert len(api.get("/search/box")["hits"]) == 12
    assert len(api.get("/search/box?per_page=30")["hits"]) == 30
    assert len(api.get("/search/box?per_page=500")["hits"]) == 30


def test_the_cuts_can_be_set_otherwise():
    wide = api_of(things=1000, page_cap=50, search_page_cap=500)

    assert len(wide.get("/users/prolific_Pia/things?per_page=100")) == 50
    assert len(wide.get("/search/useful?per_page=500")["hits"]) > 50


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "per_page=0", "per_page=-5", "page=１２", "page="]
)
def test_nonsense_counts_as_not_given(api, query):
    assert api.get(f"/newest?{query}") == api.get("/newest")


def test_link_keeps_only_the_page_and_first_has_none(api):
    link = api.answer("/users/prolific_Pia/things?page=2&per_page=20").headers["Link"]
    last = -(-len(api.walk("/users/prolific_Pia/things")) // 20)

    here = "http://here/users/prolific_Pia/things"
    assert link == f'<{here}?page=3>; rel="next", <{here}>; rel="first", <{here}?page={last}>; rel="last"'


def test_the_last_page_has_no_next(api):
    link = api.answer("/categories").headers["Link"]

    assert link == '<http://here/categories>; rel="first", <http://here/categories?page=1>; rel="last"'


def test_a_capped_category_serves_its_newest_and_states_them_all():
    capped, whole = api_of(things=1000, category_cap=40), api_of(things=1000)

    served = capped.walk("/categories/household/things")
    assert [thing["id"] for thing in served] == [
        thing["id"] for thing in whole.walk("/categories/household/things")[:40]
    ]
    stated = capped.answer("/categories/household/things").headers["total-count"]
    assert int(stated) == len(whole.walk("/categories/household/things"))
    assert 'rel="next"' not in capped.answer("/categories/household/things?page=2").headers["Link"]


def test_total_count_says_how_many_there_are(api):
    answer = api.answer("/users/prolific_Pia/things")

    assert int(answer.headers["total-count"]) == len(api.walk("/users/prolific_Pia/things"))
    assert "total-count" not in api.answer("/search/box").headers
