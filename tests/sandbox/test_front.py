import gzip
import json

import pytest

from tests.sandbox.sites import api_of
from tvspiders.sandbox.api.answers import LIMITER_TEXT
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.config import FAULTS, ConfigError, Quota, SandboxConfig
from tvspiders.sandbox.front import Front
from tvspiders.sandbox.front.faults import Faults


def front(**switches):
    return Front(SandboxConfig(things=100, control=True, **switches))


def ask(front, target="/categories", *, token="t", session="", address="127.0.0.1", now=0.0):
    question = Ask.read(target)
    question.token = token
    return front.decide(question, target, session=session, address=address, now=now)


def statuses(front, count, **details):
    return [ask(front, **details).answer.status for _ in range(count)]


def test_without_a_token_nobody_gets_in():
    assert ask(front(), token="").answer.status == 401


def test_only_the_accepted_tokens_get_in():
    guarded = front(tokens=frozenset({"good"}))

    assert ask(guarded, token="good").answer.status == 200
    assert ask(guarded, token="other").answer.body == b'{"error":"Unauthorized"}'


def test_a_token_is_refused_after_so_many_requests():
    revoking = front(revoke={"t": 3})

    assert statuses(revoking, 5) == [200, 200, 200, 401, 401]
    assert ask(revoking, token="other").answer.status == 200
    revoking.restore("t")
    assert statuses(revoking, 1) == [200]


def test_a_token_can_be_refused_from_the_start_or_at_any_time():
    revoking = front(revoke={"t": 0})
    assert statuses(revoking, 1) == [401]

    revoking.revoke("u")
    assert statuses(revoking, 1, token="u") == [401]


@pytest.mark.parametrize("status", [429, 200, 403])
def test_the_limiter_s_text_comes_with_any_status(status):
    limited = front(quota=Quota(1, 60), limit_status=status)

    ask(limited)
    refused = ask(limited).answer

    assert (refused.status, refused.body.decode()) == (status, LIMITER_TEXT)
    assert "Retry-After" not in refused.headers
    assert limited.journal.limited == 1


def test_refusals_say_how_long_only_when_told_to():
    seconds = front(quota=Quota(1, 60), retry_after="seconds", rate_headers=True)
    first = ask(seconds, now=10).answer.headers
    assert "Retry-After" not in first
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"], first["X-RateLimit-Reset"]) == (
        "1",
        "0",
        "60",
    )
    headers = ask(seconds, now=15).answer.headers
    assert headers["Retry-After"] == "45"
    assert headers["X-RateLimit-Remaining"] == "0"

    date = front(quota=Quota(1, 60), retry_after="date")
    ask(date, now=0)
    assert ask(date, now=1).answer.headers["Retry-After"] == "Thu, 01 Jan 1970 00:01:00 GMT"


def test_a_blocked_source_is_never_answered():
    blocking = front(block=frozenset({"127.0.0.9", "session-3"}))

    assert ask(blocking, address="127.0.0.9").manner == "stall"
    assert ask(blocking, session="session-3").manner == "stall"
    assert ask(blocking).manner == ""
    assert blocking.counters()["by_fault"] == {"block": 2}


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [("500", 500, None), ("502", 502, b""), ("null", 200, b"null"), ("empty", 200, b"")],
)
def test_a_spoilt_answer_looks_as_it_should(fault, status, body):
    answer = ask(front(**{f"rate_{fault}": 1.0})).answer

    assert answer.status == status
    assert body is None or answer.body == body


def test_garbled_json_comes_in_forms_that_do_not_parse_to_a_thing():
    garbling = front(rate_garbled=1.0)
    bodies = {ask(garbling, "/things/2").answer.body for _ in range(60)}

    assert len(bodies) == 7
    for body in bodies:
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError):
            continue
        assert parsed == "text" or parsed["id"] != 2


def test_mistyped_answers_tell_the_same_in_other_types():
    plain = api_of(things=100).get("/things/2")
    mistyped = json.loads(ask(front(rate_mistyped=1.0), "/things/2").answer.body)

    assert mistyped["like_count"] == str(plain["like_count"])
    assert mistyped["is_liked"] == 0
    assert type(mistyped["is_liked"]) is int
    assert mistyped["is_published"] is True
    assert mistyped["education"] == {"grades": {}, "subjects": {}}
    assert mistyped["id"] == 2
    assert mistyped.keys() == plain.keys()
    empty = json.loads(ask(front(rate_mistyped=1.0), "/search/zzqx").answer.body)
    assert empty["hits"] == []


def test_mistyping_leaves_errors_alone():
    answer = ask(front(rate_mistyped=1.0), "/things/99999").answer

    assert (answer.status, answer.body) == (404, b'{"error":"Thing 99999 does not exist"}')


def test_a_redirect_leads_to_another_host():
    question = Ask.read("/things/2?x=1")
    question.token, question.base = "t", "http://127.0.0.1:8123"
    answer = front(rate_redirect=1.0).decide(question, "", session="", address="", now=0).answer

    assert (answer.status, answer.headers["Location"]) == (302, "http://127.0.0.2:8123/things/2")


def test_a_bomb_is_small_and_unpacks_to_64_mb():
    answer = ask(front(rate_bomb=1.0)).answer

    assert len(answer.body) < 100_000
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(answer.body)) == 64 * 1024 * 1024 + 2


@pytest.mark.parametrize("fault", ["stall", "reset", "truncated", "slow"])
def test_some_faults_are_left_to_the_socket(fault):
    assert ask(front(**{f"rate_{fault}": 1.0})).manner == fault


def test_the_challenge_page_comes_with_403_and_with_200():
    challenged = front(rate_html=1.0)
    answers = [ask(challenged).answer for _ in range(30)]

    assert {answer.status for answer in answers} == {200, 403}
    assert all(b"<title>Just a moment...</title>" in answer.body for answer in answers)


def test_a_crossed_answer_is_about_another_thing():
    crossed, plain = front(rate_crossed=1.0), api_of(things=100)
    thing = plain.catalogue.visible(range(1, 100), 0)[0]

    answer = ask(crossed, f"/things/{thing}").answer

    assert answer.status == 200
    assert answer.body != plain.answer(f"/things/{thing}").body
    assert b'"id":%d,' % thing not in answer.body[:30]
    for target in ("/categories", f"/things/{thing}/derivatives"):  # a list does not say whose it is
        assert ask(crossed, target).answer.body == plain.answer(target).body


def test_faults_are_drawn_by_the_number_of_the_request():
    rates = dict.fromkeys(FAULTS, 0.05)
    drawn = [Faults(rates, seed=1).drawn(number) for number in range(4000)]

    assert drawn == [Faults(rates, seed=1).drawn(number) for number in range(4000)]
    assert drawn != [Faults(rates, seed=2).drawn(number) for number in range(4000)]
    for fault in FAULTS:
        assert 120 < drawn.count(fault) < 280


def test_rates_can_change_but_never_add_up_to_more_than_one():
    faults = Faults({"500": 0.5}, seed=1)
    faults.set("html", 0.5)

    with pytest.raises(ConfigError, match="accepted: 0 to"):
        faults.set("null", 0.1)
    with pytest.raises(ConfigError, match="accepted: 500, 502"):
        faults.set("nonsense", 0.1)


def test_a_fault_can_begin_at_a_request_that_is_named():
    faults = Faults({}, seed=1)
    faults.set("stall", 1.0, after=2)

    assert [faults.drawn(number) for number in range(4)] == [None, None, "stall", "stall"]


def test_the_books_tell_repetitions_from_retries():
    books = front(quota=Quota(2, 60))
    for target in ("/categories", "/newest", "/newest", "/categories"):
        ask(books, target)

    counters = books.counters()
    assert counters["requests"] == 4
    assert counters["limited"] == 2
    assert counters["duplicates"] == 2
    assert counters["repeated"] == 2
    assert counters["by_status"] == {"200": 2, "429": 2}
    assert list(counters["while_closed"].values()) == [1]


def test_asking_again_after_a_fault_is_no_repetition():
    books = front(rate_500=1.0)
    ask(books)
    books.faults.set("500", 0)
    ask(books)

    assert books.counters()["duplicates"] == 1
    assert books.counters()["repeated"] == 0


def test_the_journal_keeps_the_order_and_no_token():
    books = front(journal=3)
    for number in range(5):
        ask(books, f"/things/{number}", token="secret", now=float(number))

    entries = books.journal.entries()
    assert [(number, entry.target) for number, entry in entries] == [(n, f"/things/{n}") for n in (2, 3, 4)]
    assert [number for number, _ in books.journal.entries(since=4)] == [4]
    assert "secret" not in repr(entries) + repr(books.counters())
    assert books.counters()["by_path"] == {"/things/{id}": 5}


def test_a_reset_sets_everything_to_nothing():
    books = front(quota=Quota(1, 60), revoke={"t": 2}, rate_html=0.5)
    statuses(books, 2)
    books.reset()
    assert books.faults.drawn(0) is None, "so that the next answer shows whether counting starts at 0"

    assert books.counters()["requests"] == 0
    assert statuses(books, 1) == [200]
    assert books.journal.entries()[0][0] == 0


def test_the_clock_goes_forward_only():
    clock = front()

    assert clock.advance(3) == clock.day == 3
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)
