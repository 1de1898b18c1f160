"""Signing in: consent, code, token, and whose token it is."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.client import fetch
from tvspiders.sandbox import SandboxConfig, running
from tvspiders.sandbox.front.sign_in import CODE_SECONDS

BACK = "http://127.0.0.1:9/callback/once"
APP = {"client_id": "4322", "redirect_uri": BACK, "state": "s t"}
SECRET = {"client_id": "4322", "client_secret": "sandbox-secret"}


@pytest.fixture(scope="module")
def serving():
    with running(SandboxConfig(things=100, tokens=frozenset({"only-this"}))) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(serving):
    serving.reset()
    serving.front.sign_in.oddities = set()
    return serving


def post(sandbox, path, **form):
    return fetch(sandbox.url, f"/login/oauth/{path}", token=None, method="POST", form=form)


def decided(sandbox, **more):
    """What came back to the app, from the query or the fragment."""
    reply = post(sandbox, "authorize", **{**APP, "decision": "allow", **more})
    assert reply.status == 303
    parts = urlsplit(reply.headers["location"])
    assert reply.headers["location"].startswith(BACK)
    return {name: values[0] for name, values in parse_qs(parts.query or parts.fragment).items()}


def test_the_page_names_the_app_and_the_user_and_asks(sandbox):
    page = fetch(
        sandbox.url,
        "/login/oauth/authorize?client_id=4322&state=%22%3E%3Cb%3E&redirect_uri=http://127.0.0.1:9/x",
        token=None,
    )

    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    assert b'id="allow"' in page.body
    assert b'id="deny"' in page.body
    assert b"<b>" not in page.body


@pytest.mark.parametrize(
    "query",
    ["", "client_id=1&redirect_uri=http://127.0.0.1/", "client_id=4322", "client_id=4322&redirect_uri=x"],
)
def test_an_app_that_is_not_known_or_gives_no_address_is_turned_away(sandbox, query):
    assert fetch(sandbox.url, f"/login/oauth/authorize?{query}", token=None).status == 400


def test_a_code_is_exchanged_once_for_a_token_that_the_api_takes(sandbox):
    back = decided(sandbox)
    reply = post(sandbox, "access_token", **SECRET, code=back["code"], redirect_uri=BACK)
    again = post(sandbox, "access_token", **SECRET, code=back["code"], redirect_uri=BACK)

    assert back["state"] == "s t"
    assert reply.status == 200
    given = {name: values[0] for name, values in parse_qs(reply.body.decode()).items()}
    assert given["token_type"] == "bearer"
    assert again.status == 400
    assert b"bad_verification_code" in again.body
    info = post(sandbox, "tokeninfo", access_token=given["access_token"]).json()
    me = fetch(sandbox.url, "/users/me", token=given["access_token"])
    assert info == {"audience": "4322", "user_id": str(me.json()["id"])}
    assert fetch(sandbox.url, "/users/me", token="never-issued").status == 401


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"client_secret": "wrong"}, b"invalid_client"),
        ({"client_id": "other"}, b"invalid_client"),
        ({"code": "made-up"}, b"bad_verification_code"),
        ({"redirect_uri": "http://127.0.0.1:9/else"}, b"redirect_uri_mismatch"),
    ],
)
def test_a_wrong_exchange_gives_no_token(sandbox, changed, said):
    code = decided(sandbox)["code"]

    reply = post(sandbox, "access_token", **{**SECRET, "code": code, "redirect_uri": BACK, **changed})

    assert 400 <= reply.status < 500
    assert said in reply.body
    assert b"access_token" not in reply.body


def test_the_secret_is_not_taken_from_the_address(sandbox):
    code = decided(sandbox)["code"]
    query = f"client_id=4322&client_secret=sandbox-secret&code={code}"

    reply = fetch(sandbox.url, f"/login/oauth/access_token?{query}", token=None, method="POST", form={})

    assert reply.status == 401


def test_a_code_lasts_ten_minutes(sandbox):
    from tvspiders.sandbox.api.routing import Ask

    sign_in = sandbox.front.sign_in

    def asked(path, form):
        ask = Ask.read(f"/login/oauth/{path}", method="POST")
        ask.form = form
        return ask

    for wait, status in ((CODE_SECONDS, 200), (CODE_SECONDS + 1, 400)):
        back = sign_in.answer(asked("authorize", {**APP, "decision": "allow"}), 0.0).headers["Location"]
        code = parse_qs(urlsplit(back).query)["code"][0]
        assert sign_in.answer(asked("access_token", {**SECRET, "code": code}), wait).status == status


def test_a_token_comes_back_in_the_fragment_when_that_was_asked_for(sandbox):
    reply = post(sandbox, "authorize", **APP, decision="allow", response_type="token")

    address, _, fragment = reply.headers["location"].partition("#")
    assert address == BACK
    given = parse_qs(fragment)
    assert post(sandbox, "tokeninfo", access_token=given["access_token"][0]).json()["audience"] == "4322"


@pytest.mark.parametrize("response_type", ["code", "token"])
def test_a_refusal_comes_back_as_an_error(sandbox, response_type):
    back = decided(sandbox, decision="deny", response_type=response_type)

    assert back["error"] == "access_denied"
    assert {"code", "access_token"} & back.keys() == set()


def test_each_oddity_does_what_it_says(sandbox):
    def with_oddity(word):
        told = fetch(sandbox.url, f"/_sandbox/sign-in?oddities={word}", method="POST")
        assert told.json() == {"oddities": [word]}

    with_oddity("drop-state")
    assert "state" not in decided(sandbox)
    with_oddity("wrong-state")
    assert decided(sandbox)["state"] == "another"
    with_oddity("expired")
    assert post(sandbox, "access_token", **SECRET, code=decided(sandbox)["code"]).status == 400
    with_oddity("challenge")
    assert b"Just a moment" in post(sandbox, "access_token", **SECRET, code=decided(sandbox)["code"]).body
    with_oddity("stall")
    with pytest.raises(TimeoutError):
        fetch(sandbox.url, "/login/oauth/tokeninfo", method="POST", form={}, timeout=0.3)
    for word, audience in (("number", 4322), ("foreign", "another-app")):
        with_oddity(word)
        token = decided(sandbox, response_type="token")["access_token"]
        assert post(sandbox, "tokeninfo", access_token=token).json()["audience"] == audience
    assert fetch(sandbox.url, "/_sandbox/sign-in?oddities=strange", method="POST").status == 400


def test_nothing_that_was_handed_out_is_in_the_books(sandbox):
    code = decided(sandbox)["code"]
    token = parse_qs(post(sandbox, "access_token", **SECRET, code=code).body.decode())["access_token"][0]
    fetch(sandbox.url, "/users/me", token=token)

    books = fetch(sandbox.url, "/_sandbox/journal").body + fetch(sandbox.url, "/_sandbox/counters").body
    books += fetch(sandbox.url, "/_sandbox").body

    for secret in (code, token, "sandbox-secret"):
        assert secret.encode() not in books
