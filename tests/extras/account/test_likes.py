"""One POST for each like, and a look before any repetition."""

from __future__ import annotations

import asyncio
import json

import pytest

from tvspiders.api.answers import read
from tvspiders.errors import AccountProblem, NoReply, NotSent
from tvspiders.extras.account.likes import Liker, ReadOnlyToken
from tvspiders.extras.account.likes_sent import SentLike

ME, OTHER, THING = 7, 8, 763622
PAGE, LIKES = f"/things/{THING}", f"/things/{THING}/likes"
NOW = "2026-11-21T10:00:00.000+00:00"
OK = (200, {"ok": "ok"})
CHALLENGE = (403, "<html><title>Just a moment...</title></html>")


def page(liked, creator=OTHER, number=THING):
    return 200, {"id": number, "name": "3DBenchy", "is_liked": liked, "creator": {"id": creator}}


class Rows(dict):
    def find(self, thing_id):
        return self.get(thing_id)

    def intend(self, thing_id, action, at):
        known = self.get(thing_id)
        attempts = known.attempts + 1 if known and known.action == action else 1
        self[thing_id] = SentLike(action, "sending", attempts, at, None, None, None)

    def settle(self, thing_id, action, state, at, status, message):
        if thing_id in self:
            old = self[thing_id]
            self[thing_id] = SentLike(action, state, old.attempts, old.sent_at, at, status, message)


class Site:
    """Answers in the order given; keeps what was asked, and what was written down at that moment."""

    def __init__(self, *answers, rows=None):
        self.answers = list(answers)
        self.rows = Rows() if rows is None else rows
        self.seen = []
        self.written = []

    async def ask(self, method, path):
        self.seen.append(f"{method} {path}")
        self.written.append(self.rows[THING].state if THING in self.rows else None)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        status, body = answer
        return read(status, {}, body.encode() if isinstance(body, str) else json.dumps(body).encode())

    def run(self, action="like", how="apply"):
        liker = Liker(action, ME, self.rows, self.ask, lambda: NOW)
        return asyncio.run(getattr(liker, how)(THING))

    @property
    def state(self):
        return self.rows[THING].state


def row(state, action="like", attempts=1):
    return Rows({THING: SentLike(action, state, attempts, NOW, None, None, None)})


@pytest.mark.parametrize(
    ("action", "method", "said"), [("like", "POST", "liked"), ("unlike", "DELETE", "not liked any more")]
)
def test_the_first_time_one_request_is_sent_after_it_was_written_down(action, method, said):
    site = Site(OK)

    outcome = site.run(action)

    assert site.seen == [f"{method} {LIKES}"]
    assert site.written == ["sending"]
    assert (outcome.good, outcome.text) == (True, said)
    assert (site.state, site.rows[THING].status, site.rows[THING].attempts) == ("done", 200, 1)


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_after_an_unknown_outcome_the_page_is_read_and_nothing_repeated_that_had_worked(state):
    site = Site(page(liked=True), rows=row(state))

    outcome = site.run()

    assert site.seen == [f"GET {PAGE}"]
    assert outcome.good
    assert "an earlier run had done it" in outcome.text
    assert (site.state, site.rows[THING].attempts) == ("done", 1)


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_after_an_unknown_outcome_that_had_not_worked_it_is_sent_again(state):
    site = Site(page(liked=False), OK, rows=row(state))

    assert site.run().good
    assert site.seen == [f"GET {PAGE}", f"POST {LIKES}"]
    assert (site.state, site.rows[THING].attempts) == ("done", 2)


def test_a_page_that_does_not_say_ends_in_nothing_being_sent():
    for answer in ((200, {"id": THING}), (500, ""), (200, "null"), page(True, number=1), page(None)):
        site = Site(answer, rows=row("sending"))

        assert not site.run().good
        assert site.seen == [f"GET {PAGE}"]
        assert site.state == "sending"


def test_what_was_liked_before_is_looked_at_and_left_alone():
    site = Site(page(liked=True), rows=row("done"))

    outcome = site.run()

    assert site.seen == [f"GET {PAGE}"]
    assert (outcome.good, outcome.text) == (True, "is liked already: nothing was sent")


def test_what_was_taken_back_on_the_site_is_liked_again():
    site = Site(page(liked=False), OK, rows=row("done"))

    assert site.run().good
    assert site.seen == [f"GET {PAGE}", f"POST {LIKES}"]


def test_the_opposite_of_a_known_outcome_needs_no_look():
    site = Site(OK, rows=row("done"))

    assert site.run("unlike").good
    assert site.seen == [f"DELETE {LIKES}"]


def test_the_opposite_of_an_unknown_outcome_needs_one():
    site = Site(page(liked=False), rows=row("sending"))

    assert site.run("unlike").good
    assert site.seen == [f"GET {PAGE}"]
    assert (site.rows[THING].action, site.state) == ("unlike", "done")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (400, {"error": "Bad Request"}),
            "refuses it (400: Bad Request), as it does for things of one's own",
        ),
        ((404, {"error": f"Thing {THING} does not exist"}), f"Thing {THING} does not exist"),
        ((403, {"error": "Thing is private"}), "Thing is private"),
    ],
)
def test_a_refusal_is_told_and_remembered_as_certain(answer, said):
    site = Site(answer)

    outcome = site.run()

    assert not outcome.good
    assert said in outcome.text
    assert (site.state, site.rows[THING].status) == ("refused", answer[0])
    assert site.seen == [f"POST {LIKES}"]


@pytest.mark.parametrize("answer", [(403, {"error": "Forbidden"}), (401, {"error": "Unauthorized"})])
def test_a_token_that_may_only_read_is_told_apart(answer):
    site = Site(answer)

    with pytest.raises(ReadOnlyToken, match=r"may only read .*scrapy login"):
        site.run()

    assert site.state == "refused"


def test_a_challenge_page_ends_the_run_and_leaves_nothing_open():
    site = Site(CHALLENGE)

    with pytest.raises(AccountProblem, match="blocks us"):
        site.run()

    assert site.state == "refused"


LOST = [NoReply("the API did not answer"), (502, ""), (200, ""), (200, "null"), (500, {"error": "Oops"})]


@pytest.mark.parametrize("lost", LOST)
def test_a_lost_answer_is_looked_up_and_never_repeated_at_once(lost):
    worked = Site(lost, page(liked=True))
    assert worked.run().good
    assert worked.state == "done"

    failed = Site(lost, page(liked=False))
    assert "looks before it repeats" in failed.run().text
    assert failed.state == "unknown"

    silent = Site(lost, NoReply("the API did not answer"))
    assert not silent.run().good
    assert silent.state == "unknown"

    for site in (worked, failed, silent):
        assert site.seen == [f"POST {LIKES}", f"GET {PAGE}"]


def test_what_could_not_leave_is_known_not_to_have_worked():
    site = Site(NotSent("the API cannot be reached"))

    with pytest.raises(NotSent):
        site.run()

    assert site.state == "refused"


def test_the_process_may_end_at_any_moment_of_the_wait():
    site = Site(asyncio.CancelledError())

    with pytest.raises(asyncio.CancelledError):
        site.run()

    assert site.state == "sending"


def test_the_limiter_is_no_answer():
    limiter = (429, "You can only send 300 requests per 5 minutes.")
    site = Site(limiter, limiter, OK)

    assert site.run().good
    assert site.seen == [f"POST {LIKES}"] * 3

    site = Site(*[limiter] * 3)
    with pytest.raises(AccountProblem, match="refuses more requests"):
        site.run()
    assert site.state == "refused"


@pytest.mark.parametrize(
    ("action", "answer", "good", "said"),
    [
        ("like", page(False), True, f"POST {LIKES} would be sent"),
        ("unlike", page(True), True, f"DELETE {LIKES} would be sent"),
        ("like", page(True), True, "is liked already: nothing would be sent"),
        ("unlike", page(False), True, "is not liked anyway: nothing would be sent"),
        ("like", page(False, creator=ME), False, "is your own"),
        ("like", (404, {"error": "Thing 763622 does not exist"}), False, "does not exist"),
    ],
)
def test_a_rehearsal_reads_and_writes_nothing(action, answer, good, said):
    site = Site(answer)

    outcome = site.run(action, "rehearse")

    assert site.seen == [f"GET {PAGE}"]
    assert outcome.good is good
    assert said in outcome.text
    assert site.rows == {}
