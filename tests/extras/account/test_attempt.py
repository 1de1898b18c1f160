"""What is asked of the site, and what is believed of its answer."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tvspiders.errors import AccountProblem
from tvspiders.extras.account.attempt import Attempt, one_line

BACK = "http://127.0.0.1:8323/callback/once"
CODE = Attempt("4322", False, "st4te", "/callback/once")
TOKEN = Attempt("4322", True, "st4te", "/callback/once")


def test_the_address_asks_for_a_code_and_says_where_to_come_back():
    address = urlsplit(CODE.address("https://www.thingiverse.com/", BACK))

    assert address._replace(query="").geturl() == "https://www.thingiverse.com/login/oauth/authorize"
    assert parse_qs(address.query) == {
        "client_id": ["4322"],
        "response_type": ["code"],
        "redirect_uri": [BACK],
        "state": ["st4te"],
    }
    assert "response_type=token" in TOKEN.address("https://www.thingiverse.com", BACK)


def test_state_and_path_are_new_each_time_and_not_shown():
    first, second = Attempt.begin("4322", False), Attempt.begin("4322", False)

    assert first.state != second.state
    assert first.path != second.path
    assert min(len(first.state), len(first.path)) >= 32
    assert first.state not in repr(first)
    assert first.path not in repr(first)


@pytest.mark.parametrize(
    ("attempt", "encoded", "found"),
    [
        (CODE, "code=a%2Fb&state=st4te", "a/b"),
        (CODE, "state=st4te&code=abc&scope=x", "abc"),
        (TOKEN, "access_token=abc&token_type=bearer&state=st4te", "abc"),
    ],
)
def test_what_was_asked_for_is_found(attempt, encoded, found):
    assert attempt.read(encoded, at_path=True) == found
    assert attempt.read(encoded, at_path=False) == found


def test_without_the_state_the_one_time_path_protects():
    assert CODE.read("code=abc", at_path=True) == "abc"

    with pytest.raises(AccountProblem, match="neither the state nor the address"):
        CODE.read("code=abc", at_path=False)


@pytest.mark.parametrize(
    ("attempt", "encoded", "said"),
    [
        (CODE, "code=abc&state=other", "belongs to another sign-in"),
        (CODE, "code=abc&state=st4t%C3%A9", "belongs to another sign-in"),
        (CODE, "error=access_denied&state=other", "belongs to another sign-in"),
        (CODE, "error=access_denied&state=st4te", "access was declined"),
        (CODE, "error=access_denied&error_description=Not%0Atoday", r"access was declined \(Not today\)"),
        (CODE, "error=server_error", "the site refused: server_error"),
        (CODE, "error=x%1B%5B2J&error_description=%0D%0Ay", r"the site refused: x \[2J \(y\)"),
        (CODE, "", "sent no code back"),
        (CODE, "code=&state=st4te", "sent no code back"),
        (CODE, "access_token=abc", "sent no code back"),
        (TOKEN, "code=abc", "sent no access token back"),
        (CODE, "code=a&code=b", "names something twice"),
        (CODE, "code=a%20b", "cannot be one"),
        (TOKEN, "access_token=a%23b", "cannot be one"),
        (TOKEN, f"access_token={'a' * 513}", "cannot be one"),
        (TOKEN, "access_token=a%0Ab", "cannot be one"),
        (CODE, "&".join(f"a{n}=1" for n in range(30)), "more parts than"),
    ],
)
def test_anything_else_is_refused_in_one_line(attempt, encoded, said):
    with pytest.raises(AccountProblem, match=said) as refused:
        attempt.read(encoded, at_path=True)

    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(
    ("attempt", "text", "found"),
    [
        (CODE, f"{BACK}?code=abc&state=st4te", "abc"),
        (CODE, f"  '{BACK}?code=abc'\n", "abc"),
        (CODE, "https://elsewhere.example/?code=abc&state=st4te", "abc"),
        (TOKEN, f"{BACK}#access_token=abc&token_type=bearer", "abc"),
        (TOKEN, "#access_token=abc&state=st4te", "abc"),
        (TOKEN, "access_token=abc&state=st4te", "abc"),
    ],
)
def test_a_pasted_address_is_read(attempt, text, found):
    assert attempt.read_pasted(text, BACK) == found


@pytest.mark.parametrize("text", ["", "hello", "https://www.thingiverse.com/", "http://[", BACK, "a=b", "#"])
def test_something_else_that_was_pasted_is_no_answer(text):
    assert CODE.read_pasted(text, BACK) is None
    assert TOKEN.read_pasted(text, BACK) is None


@pytest.mark.parametrize(
    ("attempt", "text"),
    [
        (CODE, "http://127.0.0.1:8323/callback/another?code=abc"),
        (TOKEN, "#access_token=abc"),
        (CODE, f"{BACK}?code=abc&state=other"),
    ],
)
def test_a_pasted_answer_that_is_not_to_be_trusted_is_refused(attempt, text):
    with pytest.raises(AccountProblem):
        attempt.read_pasted(text, BACK)


def test_text_of_the_site_is_shown_on_one_line_without_control_signs():
    assert one_line("a\r\n\x1b[31mb\u202e\x00c" + "x" * 900).startswith("a [31mb cxxx")
    assert len(one_line("x" * 900)) == 200
