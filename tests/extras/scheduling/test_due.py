"""A job is sent once in its period, and again when it did not come to its end."""

from datetime import UTC, datetime, timedelta

import pytest

from tvspiders.extras.scheduling.due import Ended, crawl_prefix, decide, identity_in, moment
from tvspiders.extras.scheduling.scrapyd import Listed

TODAY = datetime(2026, 11, 21, tzinfo=UTC)
NOON = TODAY + timedelta(hours=12)
YESTERDAY = TODAY - timedelta(hours=20)
PREFIX = crawl_prefix("things", "0123456789abcdef0123")
ID = f"{PREFIX}20261121T000000Z"


def ended(verdict, began=TODAY, at=NOON, goes_on=True):
    return Ended(verdict, began, at, goes_on)


def send(listed=(), ends=(), since=TODAY, budget=False):
    return decide(PREFIX, listed, ends, since, budget)


def test_what_was_never_run_is_sent():
    assert send().send


@pytest.mark.parametrize("state", ["pending", "running"])
@pytest.mark.parametrize("since", [TODAY, None])
def test_what_is_there_already_is_not_sent(state, since):
    decision = send([Listed(ID, "things", state)], since=since)

    assert (decision.send, decision.why) == (False, f"{state} as {ID}")


def test_a_job_of_an_earlier_period_that_still_runs_counts():
    assert not send([Listed(f"{PREFIX}20261119T000000Z", "things", "running")]).send


def test_other_crawls_do_not_count():
    others = [Listed("things-ffffffffffffffffffff-20261121T000000Z", "things", "running")]

    assert send(others).send


@pytest.mark.parametrize(
    ("end", "budget", "sent"),
    [
        (ended("complete", goes_on=False), False, False),
        (ended("complete", began=YESTERDAY, goes_on=False), False, True),
        (ended("complete", began=YESTERDAY, at=YESTERDAY, goes_on=False), False, True),
        (ended("partial"), False, True),
        (ended("partial", goes_on=False), False, False),
        (ended("paused"), False, True),
        (ended("paused"), True, False),
        (ended("paused", began=YESTERDAY), True, False),
        (ended("paused", began=YESTERDAY, at=YESTERDAY), True, True),
        (ended("interrupted"), True, True),
        (ended("failed"), False, True),
    ],
)
def test_how_a_round_ended_says_whether_the_job_is_done(end, budget, sent):
    assert send(ends=[end], budget=budget).send is sent


def test_without_a_period_it_is_sent_again():
    assert send(ends=[ended("complete")], since=None).send


def test_a_job_that_goes_on_says_after_what():
    assert send(ends=[ended("interrupted")]).why == "goes on after interrupted"


@pytest.mark.parametrize("job", ["5b1f", "things-5b1f-20261121T000000Z", "users-0123456789abcdef0123-1"])
def test_a_foreign_job_has_no_identity(job):
    assert identity_in(job, "things") is None


def test_a_missing_time_is_none():
    assert moment(None) is None
    assert moment("2026-11-21T12:00:00.000+00:00") == NOON
