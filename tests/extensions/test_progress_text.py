"""How the figures of a crawl read."""

from __future__ import annotations

import pytest

from tvspiders.extensions.progress.text import (
    Snapshot,
    TokenUse,
    counted,
    duration,
    one_line,
    stored_text,
    token_text,
)


def use(label="token-1", used=180, limit=300, period=300.0, wait=0.0, reset=120.0, retired=False):
    return TokenUse(label, used, limit, period, wait, reset, retired)


def snapshot(**figures):
    given = {"done": 0, "known": 0, "stored": {}, "refused": 0, "seconds": 0.0, "answered": 0, "tokens": []}
    return Snapshot(**(given | figures))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "?"),
        (0, "0 s"),
        (4.4, "4 s"),
        (59.4, "59 s"),
        (59.5, "1 min"),
        (90, "2 min"),
        (3569, "59 min"),
        (3570, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (47.9 * 3600, "47 h 54 min"),
        (48 * 3600, "2 d 0 h"),
        (6.2 * 86400, "6 d 4 h"),
    ],
)
def test_a_duration_is_as_exact_as_one_needs_it(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (1, "thing", "1 thing"),
        (0, "edge", "0 edges"),
        (2, "category", "2 categories"),
        (1, "category", "1 category"),
        (1200, "collection_member", "1,200 collection members"),
    ],
)
def test_things_are_counted_in_words(number, kind, text):
    assert counted(number, kind) == text


def test_what_is_new_does_not_speak_of_the_notes_of_the_ledger():
    assert stored_text({"thing": 2, "list": 3, "creator": 1}) == "1 creator, 2 things"
    assert stored_text({"list": 3}) == ""


@pytest.mark.parametrize(
    ("token", "text"),
    [
        (use(), "token-1: 180 of 300/5m used, next reset in 2 min"),
        (use(used=0, reset=None), "token-1: 0 of 300/5m used"),
        (use(wait=0.9), "token-1: 180 of 300/5m used, next reset in 2 min"),
        (use(used=300, wait=61, reset=61), "token-1: 300 of 300/5m used, next reset in 1 min"),
        (use(wait=600, reset=30), "token-1: 180 of 300/5m used, next reset in 30 s, next request in 10 min"),
        (use(retired=True), "token-1: refused by the API"),
    ],
)
def test_a_token_says_what_is_used_and_when_the_window_ends(token, text):
    assert token_text(token) == text


def test_time_to_finish_follows_the_quota_of_the_tokens_that_work():
    tokens = [use(), use("token-2"), use("token-3", retired=True)]

    now = snapshot(done=100, known=700, tokens=tokens)

    assert now.left == 600
    assert now.per_second == 2.0
    assert now.to_finish == 300.0


def test_a_crawl_slower_than_its_quota_is_taken_at_its_own_pace():
    now = snapshot(done=50, known=150, seconds=100, answered=50, tokens=[use()])

    assert now.to_finish == 200.0


@pytest.mark.parametrize(("seconds", "answered"), [(4.9, 50), (100, 4)])
def test_a_pace_is_not_believed_before_it_is_seen(seconds, answered):
    assert snapshot(known=300, seconds=seconds, answered=answered, tokens=[use()]).to_finish == 300.0


def test_nothing_known_is_no_end_in_sight():
    assert snapshot(tokens=[use()]).to_finish is None
    assert snapshot(known=3).to_finish is None
    assert snapshot(known=3, done=3, tokens=[use()]).to_finish == 0.0
    assert snapshot(known=3, done=5).left == 0


def test_one_line_holds_the_whole_picture():
    now = snapshot(
        done=1200,
        known=3400,
        stored={"thing": 1100, "category": 1},
        refused=2,
        tokens=[use(), use("token-2", retired=True)],
    )

    assert one_line(now) == (
        "1,200 of 3,400 known requests answered; new: 1 category, 1,100 things; "
        "token-1: 180 of 300/5m used, next reset in 2 min; token-2: refused by the API; 2 refused for quota; "
        "about 37 min to finish"
    )


def test_one_line_of_a_crawl_that_has_just_begun():
    assert one_line(snapshot()) == "0 of 0 known requests answered; about ? to finish"
