"""Public pages of the sandbox."""

from __future__ import annotations

import pytest

from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.front import Front


@pytest.fixture(scope="module")
def front():
    return Front(SandboxConfig(things=500))


def ask(front, path):
    return front.decide(Ask.read(path), path, session="", address="127.0.0.1", now=0.0).answer


def test_a_page_needs_no_token_and_no_quota(front):
    thing = front.oracle().search("", limit=20)["visible"][0]

    answer = ask(front, f"/thing:{thing}")

    assert answer.status == 200
    assert answer.content_type.startswith("text/html")
    assert front.oracle().thing(thing)["license"].split(" - ")[0] in answer.body.decode()
    assert b"<h1" not in answer.body  # a script writes it
    assert front.counters()["windows"] == {}


def test_what_is_not_visible_has_no_page(front):
    gone = next(thing for thing in range(1, 500) if front.oracle().state(thing) != "visible")

    for path in (f"/thing:{gone}", "/thing:0", "/thing:x", "/thing:", "/thing:99999999999999"):
        assert ask(front, path).status == 404


def test_a_challenge_is_shown_when_it_is_asked_for():
    answer = ask(Front(SandboxConfig(things=500, public_challenge=True)), "/thing:5")

    assert answer.status == 403
    assert b"Just a moment" in answer.body
