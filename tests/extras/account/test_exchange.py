"""Codes for tokens, and the check that a token was made for this app."""

from __future__ import annotations

import json

import pytest

from tvspiders.errors import AccountProblem
from tvspiders.extras.account.exchange import check_audience, exchange_form, read_token

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"


def test_secret_and_code_are_posted_with_the_address_that_was_asked_with():
    form = exchange_form("4322", "s3cret", "c0de", "http://127.0.0.1:8323/callback/once")

    assert form == {
        "client_id": "4322",
        "client_secret": "s3cret",
        "code": "c0de",
        "redirect_uri": "http://127.0.0.1:8323/callback/once",
        "grant_type": "authorization_code",
    }


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (FORM, b"access_token=abc%2Fd&token_type=bearer"),
        ({}, b"access_token=abc%2Fd&token_type=Bearer&expires_in=3600\n"),
        ({"Content-Type": "text/html"}, b"access_token=abc%2Fd"),
        (JSON, b'{"access_token": "abc/d", "token_type": "bearer"}'),
    ],
)
def test_the_token_is_read_out_of_a_form_whatever_its_type_is_called(headers, body):
    assert read_token(200, headers, body) == "abc/d"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, b"error=bad_verification_code&error_description=The+code+has+expired", "The code has expired"),
        (200, b"error=bad_verification_code", r"not exchanged \(bad_verification_code\)"),
        (400, b'{"error": "Invalid code"}', r"not exchanged \(Invalid code\)"),
        (401, b"access_token=abc", r"not exchanged \(status 401\)"),
        (302, b"", r"not exchanged \(status 302\)"),
        (200, b"", r"not exchanged \(status 200\)"),
        (200, b"null", "not exchanged"),
        (200, b"[1]", "not exchanged"),
        (200, b"\xff\xfe", "not exchanged"),
        (200, b"access_token=a&access_token=b", "not exchanged"),
        (200, b"access_token=", "cannot be a token"),
        (200, b"access_token=abc", "cannot be a token"),
        (200, b"access_token=a%0Ab", "cannot be a token"),
        (200, b"access_token=a%23b", "cannot be a token"),
        (200, b"access_token=abcd&token_type=mac", "another kind than bearer"),
        (403, CHALLENGE, "bot challenge"),
        (200, CHALLENGE, "bot challenge"),
        (503, b"<html><body>Down for maintenance</body></html>", "for browsers only"),
        (429, b"You can only send 300 requests per 5 minutes.", "refuses more requests"),
        (200, b"You can only send 300 requests per 5 minutes.", "refuses more requests"),
    ],
)
def test_no_token_is_told_in_one_line(status, body, said):
    with pytest.raises(AccountProblem, match=said) as refused:
        read_token(status, FORM, body)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("audience", "client_id"),
    [("4322", "4322"), (4322, "4322"), ("e0fd41a2", "e0fd41a2"), ("04322", "04322")],
)
def test_a_token_for_this_app_is_accepted_whether_its_audience_is_text_or_number(audience, client_id):
    check_audience(200, JSON, json.dumps({"audience": audience, "user_id": "244"}).encode(), client_id)


@pytest.mark.parametrize(
    ("audience", "client_id"),
    [
        ("4323", "4322"),
        ("43220", "4322"),
        ("4322 ", "4322"),
        (4322, "04322"),
        (4322.0, "4322"),
        ("E0FD", "e0fd"),
        (True, "True"),
        (["4322"], "4322"),
        ({"4322": 1}, "4322"),
        (None, "None"),
        ("", "4322"),
    ],
)
def test_a_token_for_any_other_app_is_refused(audience, client_id):
    with pytest.raises(AccountProblem, match="made for another app"):
        check_audience(200, JSON, json.dumps({"audience": audience}).encode(), client_id)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b'{"error": "Invalid token"}', r"did not confirm the token \(Invalid token\)"),
        (400, b'{"audience": "4322"}', r"did not confirm the token \(status 400\)"),
        (200, b'{"user_id": "244"}', "did not confirm"),
        (200, b"", "did not confirm"),
        (200, b"null", "did not confirm"),
        (200, b"[]", "did not confirm"),
        (200, b"audience=4322", "did not confirm"),
        (403, CHALLENGE, "bot challenge"),
        (200, CHALLENGE, "bot challenge"),
    ],
)
def test_a_site_that_does_not_say_whose_the_token_is_is_not_believed(status, body, said):
    with pytest.raises(AccountProblem, match=said):
        check_audience(status, JSON, body, "4322")
