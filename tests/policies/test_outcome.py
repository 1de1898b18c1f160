"""What becomes of a response or a failure: one decision, by table."""

from dataclasses import FrozenInstanceError

import pytest

from tvspiders.api.answers import Answer, Verdict, read
from tvspiders.policies.backoff import Backoff
from tvspiders.policies.outcome import (
    Cause,
    Done,
    Failed,
    Limits,
    Park,
    Quarantine,
    Received,
    Refused,
    Retry,
    decide,
)

LIMITS = Limits(max_attempts=5, backoff=Backoff(base=2, cap=300, jitter=max))
LAST = LIMITS.max_attempts - 1
"""Attempts that were counted before the last one."""
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
GONE = b'{"error":"Thing 1 does not exist"}'


def received(status, body, **more):
    return Received(read(status, {}, body), **more)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'{"id": 1}', Done()),
        (404, GONE, Done(gone=True, reason="Thing 1 does not exist")),
        (403, b'{"error":"Thing is private"}', Done(gone=True, reason="Thing is private")),
        (429, b"", Retry("limited")),
        (401, b'{"error":"Unauthorized"}', Retry("unauthorized")),
        (403, CHALLENGE, Retry("blocked")),
        (403, b'{"error":"Forbidden"}', Park("status-403")),
        (400, b'{"error":"Bad Request"}', Quarantine("status-400")),
        (422, b'{"error":"Unprocessable"}', Quarantine("status-422")),
        *((status, b"", Retry(f"status-{status}", 2.0, counts=True)) for status in (408, 425, 500, 502, 503)),
        (200, b"null", Retry("null", 2.0, counts=True)),
        (200, b'{"id": 1', Retry("not-json", 2.0, counts=True)),
        (302, b"", Retry("status-302", 2.0, counts=True)),
    ],
)
def test_a_response_at_the_first_attempt(status, body, outcome):
    assert decide(received(status, body), 0, LIMITS) == outcome


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (503, b"", Park("status-503")),
        (408, b"", Park("status-408")),
        (425, b"", Park("status-425")),
        (200, b"null", Quarantine("null")),
        (302, b"", Quarantine("status-302")),
        (404, b"<html>", Quarantine("status-404")),
    ],
)
def test_a_broken_response_at_the_last_attempt_is_parked_where_it_is_the_servers_fault(status, body, outcome):
    assert decide(received(status, body), LAST, LIMITS) == outcome


@pytest.mark.parametrize(("attempts", "pause"), [(0, 2.0), (1, 4.0), (2, 8.0), (3, 16.0)])
def test_the_pause_doubles_with_each_attempt(attempts, pause):
    assert decide(received(503, b""), attempts, LIMITS) == Retry("status-503", pause, counts=True)


def test_a_503_waits_as_long_as_it_asks_for_if_that_is_longer():
    assert decide(received(503, b"", wait=7.0), 0, LIMITS) == Retry("status-503", 7.0, counts=True)
    assert decide(received(503, b"", wait=7.0), 3, LIMITS) == Retry("status-503", 16.0, counts=True)


@pytest.mark.parametrize("attempts", [0, LAST, 100])
@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (429, b"", Retry("limited")),
        (403, CHALLENGE, Retry("blocked", 60.0)),
        (401, b"", Retry("unauthorized")),
    ],
)
def test_what_blames_neither_subject_nor_api_counts_no_attempt(attempts, status, body, outcome):
    assert decide(received(status, body, wait=60.0), attempts, LIMITS) == outcome


def test_a_401_with_a_verified_token_is_parked():
    assert decide(received(401, b"", token_verified=True), 0, LIMITS) == Park("unauthorized")


def test_a_list_that_is_missing_below_a_living_subject_is_done_and_not_gone():
    assert decide(received(404, b'{"error":"Not Found"}', part_only=True), 0, LIMITS) == Done(
        reason="Not Found"
    )


BROKEN, OK = Verdict.BROKEN, Verdict.OK
COUNTED = {"pause": 2.0, "counts": True}


@pytest.mark.parametrize(
    ("verdict", "status", "reason", "attempts", "outcome"),
    [
        (OK, 200, "wrong-id", 0, Retry("wrong-id", **COUNTED)),
        (OK, 200, "wrong-id", 3, Retry("wrong-id", 16.0, counts=True)),
        (OK, 200, "wrong-id", LAST, Quarantine("wrong-id")),
        (OK, 200, "shape", 0, Retry("shape", **COUNTED)),
        (OK, 200, "shape", 1, Quarantine("shape")),
        *((OK, 200, why, 0, Quarantine(why)) for why in ("pipeline", "item", "request", "unread", "bug")),
        (BROKEN, 503, "status-503", 0, Retry("status-503", **COUNTED)),
        (BROKEN, 503, "status-503", LAST, Park("status-503")),
        (BROKEN, 200, "null", LAST, Quarantine("null")),
        (BROKEN, 200, "bug", 0, Retry("bug", **COUNTED)),
        (Verdict.FORBIDDEN, 403, "status-403", 0, Park("status-403")),
        (Verdict.UNAUTHORIZED, 401, "status-401", 0, Park("status-401")),
        (Verdict.BLOCKED, 403, "challenge", 0, Park("challenge")),
        (Verdict.LIMITED, 429, "status-429", 0, Park("status-429")),
        (Verdict.BAD_REQUEST, 400, "status-400", 0, Quarantine("status-400")),
    ],
)
def test_a_response_whose_output_is_refused(verdict, status, reason, attempts, outcome):
    assert decide(Refused(verdict, status, reason), attempts, LIMITS) == outcome


@pytest.mark.parametrize(
    ("came", "attempts", "outcome"),
    [
        (Failed(Cause.NETWORK, "timeout"), 0, Retry("timeout", 2.0, counts=True)),
        (Failed(Cause.NETWORK, "timeout"), LAST, Park("timeout")),
        (Failed(Cause.NETWORK), 0, Retry("network", 2.0, counts=True)),
        (Failed(Cause.NETWORK), LAST, Park("network")),
        (Failed(Cause.OTHER), 0, Park("failed")),
        (Failed(Cause.OURS, "no-token"), LAST, Retry("no-token")),
        (Failed(Cause.OURS), 100, Retry(None)),
        (Failed(Cause.OTHER, "MemoryError"), 0, Park("MemoryError")),
    ],
)
def test_a_request_without_a_response(came, attempts, outcome):
    assert decide(came, attempts, LIMITS) == outcome


@pytest.mark.parametrize("verdict", Verdict)
def test_each_kind_of_answer_has_an_outcome(verdict):
    assert decide(Received(Answer(verdict, 200)), 0, LIMITS) is not None
    assert decide(Refused(verdict, 200, "shape"), 0, LIMITS) is not None


def test_a_pause_below_a_second_is_not_lengthened():
    short = Limits(5, Backoff(base=0.25, jitter=max))

    assert decide(Failed(Cause.NETWORK, "timeout"), 0, short) == Retry("timeout", 0.25, counts=True)


def test_with_one_attempt_nothing_is_retried_for_the_apis_sake():
    once = Limits(1, LIMITS.backoff)

    assert decide(received(503, b""), 0, once) == Park("status-503")
    assert decide(Refused(OK, 200, "wrong-id"), 0, once) == Quarantine("wrong-id")


def test_a_refusal_for_quota_counts_no_attempt():
    assert decide(received(429, b""), 0, LIMITS).counts is False


@pytest.mark.parametrize(("most", "attempts"), [(2, 1), (5, 5), (5, 100)])
def test_more_attempts_than_are_allowed_are_the_last_one_too(most, attempts):
    assert decide(received(503, b""), attempts, Limits(most, LIMITS.backoff)) == Park("status-503")


@pytest.mark.parametrize(("status", "outcome"), [(499, Quarantine("odd")), (500, Park("odd"))])
def test_what_is_the_servers_fault_begins_at_500(status, outcome):
    assert decide(Refused(BROKEN, status, "odd"), LAST, LIMITS) == outcome


def test_each_strange_shape_is_retried_once_only():
    assert decide(Refused(OK, 200, "xml"), 1, LIMITS) == Quarantine("xml")


@pytest.mark.parametrize(
    "value",
    [
        Retry("limited"),
        Park("status-403"),
        Quarantine("null"),
        Done(),
        received(200, b"{}"),
        Refused(OK, 200, "xml"),
        Failed(Cause.OURS),
        LIMITS,
    ],
)
def test_neither_what_came_nor_its_outcome_can_be_changed(value):
    with pytest.raises(FrozenInstanceError):
        setattr(value, next(iter(vars(value))), None)
