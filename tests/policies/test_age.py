"""A page is older than what is stored where something fell that never falls; a second one may prove it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tvspiders.policies.age import MAX_ATTEMPTS, AgeDecision, Outcome, Page, agrees, judge, older

NOON = "2026-11-21T12:00:00.000+00:00"
STORED_AT = "2026-11-21T06:00:00.000+00:00"
KNOWN = {
    "modified": "2026-11-01T00:00:00+00:00",
    "download_count": 100,
    "view_count": 500,
    "like_count": 9,
    "make_count": 3,
}
EARLIER = "2026-10-01T00:00:00+00:00"


def page(received_at: str = NOON, made_at: str | None = None, **facts: Any) -> Page:
    return Page(KNOWN | facts, received_at, made_at or received_at)


def weigh(said: Page, *before: Page, attempts: int = 1, others: bool = False) -> Outcome:
    return judge(said, KNOWN, STORED_AT, before, attempts, others).outcome


@pytest.mark.parametrize(
    ("facts", "is_older"),
    [
        ({}, False),
        ({"download_count": 101, "view_count": 502}, False),
        ({"download_count": 80, "view_count": 400}, True),
        ({"download_count": 99}, True),
        ({"view_count": 499}, True),
        ({"download_count": 99, "view_count": None}, True),
        # a count above what is stored is from a later time, whatever was corrected beside it
        ({"download_count": 80, "view_count": 501}, False),
        ({"modified": EARLIER}, True),
        ({"modified": EARLIER, "download_count": 101, "view_count": 502}, True),
        ({"modified": "2026-11-20T00:00:00+00:00", "download_count": 80}, False),
        ({"modified": None}, False),
        # people take back likes, makes and collects
        ({"like_count": 2}, False),
        ({"make_count": 0, "like_count": 0, "download_count": 101}, False),
    ],
)
def test_only_what_never_falls_makes_a_page_older(facts, is_older):
    assert (older(page(**facts), KNOWN, STORED_AT) is not None) is is_older


def test_a_copy_that_was_made_before_the_stored_page_is_older_where_it_differs_at_all():
    made_at = "2026-11-21T05:00:00.000+00:00"

    assert older(page(made_at=made_at, like_count=8), KNOWN, STORED_AT) == (
        f"a copy made at {made_at}, like_count 8, stored 9"
    )
    assert older(page(made_at=made_at), KNOWN, STORED_AT) is None
    assert older(page(made_at="2026-11-21T07:00:00.000+00:00", like_count=8), KNOWN, STORED_AT) is None
    assert older(page(made_at=made_at, like_count=8, view_count=600), KNOWN, STORED_AT) is None


def test_an_answer_that_came_before_the_stored_one_is_merely_late():
    assert older(page(received_at=STORED_AT, download_count=1, view_count=1), KNOWN, STORED_AT) is None


def test_a_subject_of_which_the_date_is_all_that_is_known_is_judged_by_it():
    said = Page({"last_active": EARLIER}, NOON, NOON)

    assert older(said, {"last_active": "2026-11-01T00:00:00+00:00"}, STORED_AT)
    assert older(said, {"last_active": None}, STORED_AT) is None


FALLEN = {"download_count": 60, "view_count": 300}
LATER = "2026-11-21T12:30:00.000+00:00"


def test_an_older_page_is_asked_again_and_after_so_many_looks_left_for_the_next_run():
    assert weigh(page(**FALLEN)) is Outcome.RETRY
    assert weigh(page(**FALLEN), attempts=MAX_ATTEMPTS) is Outcome.NEXT_RUN
    assert weigh(page()) is Outcome.ACCEPT


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        ({}, Outcome.ACCEPT),
        # a thing that is looked at while it is corrected
        ({"download_count": 63, "view_count": 310}, Outcome.ACCEPT),
        # on its way back to what is stored: a replica that catches up
        ({"download_count": 90}, Outcome.RETRY),
        # older still
        ({"download_count": 50, "view_count": 250}, Outcome.RETRY),
        ({"modified": EARLIER}, Outcome.RETRY),
    ],
)
def test_an_older_page_is_believed_when_the_second_one_agrees(second, outcome):
    assert weigh(page(LATER, **FALLEN | second), page(**FALLEN)) is outcome


def test_a_copy_of_the_time_before_the_first_answer_proves_nothing():
    first = page(modified=EARLIER)
    copy = page(LATER, "2026-11-21T11:30:00.000+00:00", modified=EARLIER)

    assert not agrees(copy, first, KNOWN)
    assert agrees(replace(copy, made_at="2026-11-21T12:15:00.000+00:00"), first, KNOWN)


def test_counts_that_fell_on_several_things_at_a_time_are_believed_a_day_later():
    first, second = page(**FALLEN), page(LATER, **FALLEN)

    assert judge(second, KNOWN, STORED_AT, [first], 2, True) == AgeDecision(
        Outcome.NEXT_RUN,
        "download_count 60, stored 100; view_count 300, stored 500; so are others: "
        f"believed if it says so a day after {NOON}",
    )
    assert weigh(page("2026-11-22T12:00:00.000+00:00", **FALLEN), first, others=True) is Outcome.ACCEPT


@pytest.mark.parametrize("downloads", [100, 101, 60])
def test_a_date_that_was_set_back_is_believed_whatever_becomes_of_others(downloads):
    first = page(modified=EARLIER, download_count=downloads, view_count=503)
    second = page(LATER, modified=EARLIER, download_count=downloads, view_count=503)

    assert weigh(second, first, others=True) is Outcome.ACCEPT
