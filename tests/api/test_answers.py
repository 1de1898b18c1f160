"""Answers: what they are, judged by status, headers and body together."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recordings import FOLDER, body, headers, load
from tvspiders.api.answers import Verdict, classify, read, tombstone
from tvspiders.items import Tombstone

LIMITER = load("error-rate-limit-body")["body"].encode()
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
HTML = b"<html><head><title>502 Bad Gateway</title></head></html>"
DATA = [
    path.stem
    for path in sorted(FOLDER.glob("*.json"))
    if not path.stem.startswith(("error", "headers")) and not path.stem.endswith("headers")
]


def error(message: object) -> bytes:
    return json.dumps({"error": message}).encode()


@pytest.mark.parametrize("name", DATA)
def test_every_recorded_answer_is_ok_and_decoded_once(name):
    answer = read(200, {"content-type": "application/json"}, body(name))

    assert (answer.verdict, answer.document, answer.reason) == (Verdict.OK, load(name), "")


@pytest.mark.parametrize(
    ("status", "content", "verdict", "reason"),
    [
        (404, body("error-404-thing-2025"), "gone", "gone"),
        (404, body("error-404-collection-2025"), "gone", "gone"),
        (404, error(""), "gone", "gone"),
        (404, error("Not Found"), "gone", "gone"),
        (404, b"{}", "gone", "gone"),
        (410, error("Thing 5 does not exist"), "gone", "gone"),
        (404, HTML, "broken", "status-404"),
        (404, CHALLENGE, "blocked", "challenge"),
        (404, b"", "broken", "status-404"),
        (404, b'{"message": "no Route matched"}', "broken", "status-404"),
        (404, b"[]", "broken", "status-404"),
        (403, error("Thing has not been published"), "hidden", "hidden"),
        (403, error("Thing is private"), "hidden", "hidden"),
        (403, error("Thing is under moderation"), "hidden", "hidden"),
        (403, error("Forbidden"), "forbidden", "status-403"),
        (403, error("something new"), "forbidden", "status-403"),
        (403, error(["Forbidden"]), "forbidden", "status-403"),
        (451, error("Unavailable for legal reasons"), "forbidden", "status-451"),
        (451, b'{"message": "taken down"}', "forbidden", "status-451"),
        (451, HTML, "broken", "status-451"),
        (403, CHALLENGE, "blocked", "challenge"),
        (403, HTML, "blocked", "html"),
        (403, b"", "blocked", "empty"),
        (403, b"error code: 1020", "blocked", "challenge"),
        (401, body("error-401-no-token-2026"), "unauthorized", "status-401"),
        (401, error("Unauthorized"), "unauthorized", "status-401"),
        (401, b"", "unauthorized", "status-401"),
        (401, HTML, "blocked", "html"),
        (407, b"", "blocked", "status-407"),
        (429, b"", "limited", "status-429"),
        (429, LIMITER, "limited", "status-429"),
        (429, CHALLENGE, "limited", "status-429"),
        (429, b"[]", "limited", "status-429"),
        (200, LIMITER, "limited", "limiter"),
        (403, LIMITER, "limited", "limiter"),
        (503, b"\xef\xbb\xbf " + LIMITER, "limited", "limiter"),
        (200, error(LIMITER.decode()), "limited", "limiter"),
        (401, json.dumps(LIMITER.decode()).encode(), "limited", "limiter"),
        (400, error("Bad Request"), "bad_request", "status-400"),
        (400, b'{"errors": ["name"]}', "bad_request", "status-400"),
        (400, HTML, "broken", "status-400"),
        (405, error("Method Not Allowed"), "bad_request", "status-405"),
        (408, error("Timeout"), "broken", "status-408"),
        (500, error("oops"), "broken", "status-500"),
        (502, b"", "broken", "status-502"),
        (502, HTML, "broken", "status-502"),
        (503, CHALLENGE, "blocked", "challenge"),
        (522, b'<div id="cf-error-details">Connection timed out</div>', "broken", "status-522"),
        (300, b"[]", "broken", "status-300"),
        (302, b"", "broken", "status-302"),
        (200, b"", "broken", "empty"),
        (204, b"", "broken", "empty"),
        (200, b"null", "broken", "null"),
        (200, b'"text"', "broken", "shape"),
        (200, b"5", "broken", "shape"),
        (200, HTML, "broken", "html"),
        (200, CHALLENGE, "blocked", "challenge"),
        (200, b'{"total": 5, "hits": [', "broken", "not-json"),
        (200, b'[{"id": NaN}]', "broken", "nan"),
        (200, b"[" * 200_000, "broken", "too-deep"),
        (200, error("Thing is private"), "broken", "error"),
        (206, b"[1]", "broken", "status-206"),
        (200, b"[]", "ok", ""),
        (200, b"{}", "ok", ""),
        (200, b'{"total": 0, "hits": null}', "ok", ""),
        (200, b'[{"name": "Just a moment..."}]', "ok", ""),
    ],
)
def test_an_answer_is_judged_by_status_and_body(status, content, verdict, reason):
    answer = read(status, {}, content)

    assert (answer.verdict.value, answer.reason, answer.status) == (verdict, reason, status)
    assert classify(status, {}, content) is answer.verdict


def test_cloudflare_says_itself_that_it_challenges():
    assert classify(403, {"CF-Mitigated": "challenge"}, b"{}") is Verdict.BLOCKED


@pytest.mark.parametrize(
    ("status", "content", "message"),
    [
        (404, body("error-404-thing-2025"), "Thing 7075185 does not exist"),
        (404, error(""), ""),
        (429, LIMITER, LIMITER.decode()),
        (429, CHALLENGE, ""),
        (500, error("a\nb" * 500), ("a " + "ba " * 500)[:200]),
        (502, HTML, ""),
    ],
)
def test_the_message_is_what_the_site_said_on_one_line(status, content, message):
    assert read(status, {}, content).message == message


def test_the_old_error_header_serves_where_the_body_says_nothing():
    assert read(500, {"X-Error": "Database down"}, b"").message == "Database down"


def test_the_wait_asked_for_is_kept():
    assert read(429, {"Retry-After": "120"}, b"").retry_after == 120
    assert read(503, {"Retry-After": "-1"}, b"").retry_after is None


def test_recorded_headers_change_nothing():
    assert (
        classify(200, headers("thing-detail-4049220-2025"), body("thing-detail-4049220-2025")) is Verdict.OK
    )
    assert classify(404, headers("error-404-thing-2025"), body("error-404-thing-2025")) is Verdict.GONE
    assert (
        classify(401, headers("error-401-no-token-2026"), body("error-401-no-token-2026"))
        is Verdict.UNAUTHORIZED
    )


def test_a_tombstone_says_what_is_gone_and_why():
    assert tombstone(read(404, {}, error("")), "user", "nobody") == Tombstone(
        subject="user", subject_id="nobody", reason="gone", status=404, message=""
    )
    assert tombstone(read(403, {}, error("Thing is private")), "thing", 5).reason == "hidden"


def test_an_answer_that_proves_nothing_is_no_tombstone():
    with pytest.raises(ValueError, match="proves nothing about thing 5"):
        tombstone(read(404, {}, HTML), "thing", 5)


@given(
    st.integers(-1, 1000),
    st.dictionaries(st.sampled_from(["Retry-After", "Date", "Link", "X-Error", "cf-mitigated"]), st.text()),
    st.binary() | st.sampled_from([LIMITER, CHALLENGE, HTML, b"\xff", b"[" * 5000, b"9" * 5000]),
)
def test_no_answer_raises_and_no_html_is_data(status, given_headers, content):
    answer = read(status, given_headers, content)

    assert answer.verdict is not Verdict.OK or content.strip()[:1] in (b"[", b"{", b"\xef")
    answer.message.encode("utf-8")
    assert len(answer.message) <= 200
