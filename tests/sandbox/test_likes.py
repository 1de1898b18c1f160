"""Likes: all that can be changed in the sandbox."""

from __future__ import annotations

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.sandbox.client import fetch
from tests.support.crawling import until
from tvspiders.sandbox import SandboxConfig, running
from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.lifecycle import State
from tvspiders.sandbox.catalogue.likes import ME, Likes

CATALOGUE = Catalogue(things=1000, seed=1)
VISIBLE = CATALOGUE.visible(range(1, 1000), 0)
LIKED = CATALOGUE.liked(ME, 0)
OWN = next(thing for thing in VISIBLE if CATALOGUE.creator(thing) == ME)
OTHER = next(thing for thing in VISIBLE if CATALOGUE.creator(thing) != ME and thing not in LIKED)


@pytest.fixture(scope="module")
def serving():
    with running(SandboxConfig(things=1000, app_tokens=frozenset({"read-only"}))) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(serving):
    serving.reset()
    return serving


def test_a_like_shows_everywhere_and_can_be_taken_back(sandbox):
    before = fetch(sandbox.url, f"/things/{OTHER}").json()

    liked = fetch(sandbox.url, f"/things/{OTHER}/likes", method="POST")
    after = fetch(sandbox.url, f"/things/{OTHER}").json()

    assert (liked.status, liked.json()) == (200, {"ok": "ok"})
    assert (before["is_liked"], after["is_liked"]) == (False, True)
    assert after["like_count"] == before["like_count"] + 1 == sandbox.oracle.thing(OTHER)["like_count"]
    assert fetch(sandbox.url, "/users/me/likes").json()[0]["id"] == OTHER
    me = fetch(sandbox.url, "/users/me").json()
    assert me["id"] in [user["id"] for user in fetch(sandbox.url, f"/things/{OTHER}/likes").json()]

    assert fetch(sandbox.url, f"/things/{OTHER}/likes", method="DELETE").status == 200
    assert fetch(sandbox.url, f"/things/{OTHER}").json() == before
    assert fetch(sandbox.url, "/_sandbox/likes").json() == {"given": [], "writes": {"POST": 1, "DELETE": 1}}


def test_liking_twice_is_one_like(sandbox):
    for _ in range(2):
        fetch(sandbox.url, f"/things/{OTHER}/likes", method="POST")

    told = fetch(sandbox.url, "/_sandbox/likes").json()
    assert [like["thing"] for like in told["given"]] == [OTHER]
    assert told["writes"] == {"POST": 2}


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_cannot_be_liked_says_why(sandbox, method):
    deleted = next(t for t in range(1, 1000) if CATALOGUE.state(t, 0) is State.DELETED)
    private = next(t for t in range(1, 1000) if CATALOGUE.state(t, 0) is State.PRIVATE)
    answers = [
        fetch(sandbox.url, f"/things/{thing}/likes", method=method) for thing in (OWN, deleted, private)
    ]
    answers.append(fetch(sandbox.url, f"/things/{OTHER}/likes", method=method, token="read-only"))

    assert [(answer.status, answer.json()["error"]) for answer in answers] == [
        (400, "Bad Request"),
        (404, f"Thing {deleted} does not exist"),
        (403, "Thing is private"),
        (403, "Forbidden"),
    ]
    assert fetch(sandbox.url, "/_sandbox/likes").json() == {"given": [], "writes": {}}


def test_an_apps_token_reads_what_any_other_reads_but_not_the_account(sandbox):
    profile = fetch(sandbox.url, "/users/me", token="read-only")

    assert profile.status == 200
    assert "email" not in {key for key, value in profile.json().items() if value}
    assert fetch(sandbox.url, f"/things/{OTHER}", token="read-only").status == 200


def test_a_write_that_is_not_answered_is_carried_out_all_the_same(sandbox):
    fetch(sandbox.url, "/_sandbox/unanswered-writes?writes=1", method="POST")

    connection = HTTPConnection(urlsplit(sandbox.url).netloc)
    connection.request("POST", f"/things/{OTHER}/likes", headers={"Authorization": "Bearer t"})
    until(lambda: sandbox.waiting)
    connection.close()

    assert fetch(sandbox.url, f"/things/{OTHER}").json()["is_liked"] is True
    assert fetch(sandbox.url, f"/things/{OTHER}/likes", method="POST").status == 200


def test_what_the_catalogue_says_holds_until_it_is_changed():
    likes = Likes(CATALOGUE)
    known = LIKED[0]

    assert likes.liked(ME, known, 0)
    assert not likes.liked(ME, OTHER, 0)
    assert likes.of(ME, 0) == LIKED

    likes.write("DELETE", ME, known)
    assert likes.of(ME, 0) == LIKED[1:]
    assert likes.count(known, 0) == CATALOGUE.like_count(known, 0) - 1
    assert ME not in likes.likers(known, 0)

    likes.reset()
    assert likes.of(ME, 0) == LIKED
