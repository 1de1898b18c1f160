"""What ``scrapy probe`` finds out in 24 worlds: right, in few requests, and all that can be known."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tvspiders.api import answers
from tvspiders.console.api.client import Reply
from tvspiders.console.probe import probe as module
from tvspiders.console.probe.probe import MAX_REQUESTS, QUESTIONS, Probe
from tvspiders.console.probe.questions import ask_all
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.config import GUIDE, VOCABULARY, Quota, SandboxConfig
from tvspiders.sandbox.front import Front

NOON = 1_900_001_900.0
"""A moment at which neither a window of five minutes nor one of an hour begins."""
HOUR = 1_900_004_400.0
"""A moment at which both begin."""
SMALL, LARGE = 2000, 14_000
"""Things: too few for 10,000 results, and enough."""


def world(number: int) -> SandboxConfig:
    """One of 24: each switch changes at a pace of its own."""
    words = frozenset(word for bit, word in enumerate(VOCABULARY) if number * 5 + 1 >> bit & 1)
    return SandboxConfig(
        things=SMALL if number % 6 == 5 else LARGE,
        vintage=(2026, 2025, 2022, 2021)[number % 4],
        vocabulary=GUIDE if number == 3 else words,
        page_cap=(30, 100, 50)[number % 3],
        search_page_cap=(30, 50, 100, 30, 500)[number % 5],
        window_status=(200, 400, 500)[number % 3],
        null_hits=number % 4 == 1,
        plain_list=number % 8 == 7,
        heeds=frozenset(("dates", "category-sort")[bit] for bit in (0, 1) if number >> bit & 1),
        old_listings=number % 3 != 2,
        quota=Quota(300, (300, 3600)[number % 2]) if number % 4 else None,
        quota_align=("clock", "first")[number // 2 % 2],
        rate_headers=number % 8 < 6,
    )


WORLDS = [world(number) for number in range(24)]
FEW = (0, 3, 5, 7, 10, 13)
"""In the short form: each switch in each position."""


def probed(config: SandboxConfig, now: float = NOON, **changes):
    """Findings by topic, the probe, and the front that it asked."""
    front = Front(config)

    async def ask(path: str) -> Reply:
        nonlocal now
        now += 0.4
        asked = replace(Ask.read(path), token="t", base="http://127.0.0.1")
        decision = front.decide(asked, path, session="", address="", now=now)
        assert decision.answer is not None
        found = decision.answer
        return Reply(answers.read(found.status, found.headers, found.body), found.headers)

    probe = Probe(ask, clock=lambda: now, **changes)
    findings = asyncio.run(ask_all(probe))
    return {finding.topic: finding for finding in findings}, probe, front


def expected(config: SandboxConfig, front: Front) -> dict[str, str]:
    """The true answers, with - where the world makes the question one that cannot be answered."""
    words, told = config.words, not config.plain_list
    quota = config.quota if config.rate_headers else None
    past = str(config.window_status) if config.window_status != 200 else "an empty page"
    if config.null_hits and config.window_status == 200:
        past = "null"
    length = {300.0: "300 in 5 m", 3600.0: "300 in 1 h"}
    heeded = {True: "heeded", False: "ignored"}
    return {
        "quota": length[quota.period] if quota else "-",
        "window": {"clock": "by the clock", "first": "at the first request"}[config.quota_align]
        if quota
        else "-",
        "thing/derivatives": "remixes" if "remixes" in words else "derivatives",
        "thing/copies": "makes" if "makes" in words else "copies",
        "user/copies": "makes" if "makes" in words else "copies",
        "user/likes": "likes and favorites",
        "detail/categories": "yes" if "categories" in words else "no",
        "search/per_page": str(config.search_page_cap),
        "list/per_page": str(config.page_cap),
        "search/past 10000": past if told and config.things == LARGE else "-",
        "search/posted_after": heeded["dates" in config.heeds],
        "search/posted_before": heeded["dates" in config.heeds],
        "category/sort": heeded["category-sort" in config.heeds],
        "old listings": "newest, popular, featured, verified" if config.old_listings else "none",
        "newest": str(front.oracle().search(sort="newest", show_customized="1")["ids"][0]),
        "deleted": "404 Thing N does not exist",
    }


@pytest.mark.parametrize(
    "number", [pytest.param(number, marks=() if number in FEW else pytest.mark.long) for number in range(24)]
)
def test_every_answer_is_right_in_sixty_requests_and_no_limit_is_met(number):
    config = WORLDS[number]

    found, probe, front = probed(config)

    wanted = expected(config, front)
    assert {topic: found[topic].answer for topic in wanted} == wanted
    assert found["hidden"].answer.startswith("403 Thing ")
    for topic in ("search/counts", "list/counts"):
        assert ("download_count" in found[topic].value) is ("row-counts" in config.words)
    assert set(found) == set(QUESTIONS)
    unknown = {topic for topic, finding in found.items() if finding.sure == "not known"}
    assert unknown == {topic for topic, answer in wanted.items() if answer == "-"}
    assert probe.asked <= MAX_REQUESTS
    assert front.counters()["limited"] == 0


def test_what_the_requests_do_not_suffice_for_is_not_known(monkeypatch):
    monkeypatch.setattr(module, "MAX_REQUESTS", 6)

    found, probe, _ = probed(SandboxConfig(things=1000))

    assert probe.asked == 6
    assert set(found) == set(QUESTIONS)
    assert found["newest"].sure == "not known"
    assert "requests are spent" in found["newest"].why


def test_a_limit_that_is_met_is_taken_from_the_limiters_words_and_ends_the_questions():
    found, _, front = probed(SandboxConfig(things=1000, quota=Quota(4, 300.0)))

    assert (found["quota"].answer, found["quota"].sure) == ("300 in 5 m", "seen")
    assert found["newest"].sure == "not known"
    assert front.counters()["limited"] == 1


def test_a_window_that_fits_both_documents_is_not_guessed():
    config = SandboxConfig(things=1000, quota=Quota(300, 300.0), rate_headers=True)

    found, _, _ = probed(config, now=HOUR - 60)

    assert found["quota"].answer == "300 in 5 m or 300 in 1 h"
    assert found["quota"].sure == "not known"
    assert found["window"].answer == "by the clock"


def test_of_a_window_as_long_as_no_document_says_the_beginning_is_not_guessed():
    config = SandboxConfig(things=1000, quota=Quota(300, 40.0), rate_headers=True, quota_align="clock")

    found, _, _ = probed(config)

    assert (found["window"].answer, found["window"].sure) == ("-", "not known")


def test_known_things_that_are_gone_and_hidden_are_asked_first():
    oracle = Front(SandboxConfig(things=1000)).oracle()
    gone, hidden = (
        next(n for n in range(1, 1000) if oracle.state(n) == state) for state in ("gone", "hidden")
    )

    found, probe, _ = probed(SandboxConfig(things=1000), missing=[gone, hidden])

    assert (found["deleted"].sure, found["hidden"].sure) == ("seen", "seen")
    assert probe.asked <= 40
