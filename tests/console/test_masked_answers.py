"""Whatever an answer echoes, no client hands a secret on: headers and body are masked on entry."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest

from tests.support.api_server import answering_once
from tests.support.secret_forms import leaks, spellings
from tvspiders.console.api import http
from tvspiders.policies.security.redaction import install_redaction

SECRET = "3f7a9c0e/1b2d4f6a+8c0e2b4d6f8a0c1e"


@contextmanager
def echoing() -> Iterator[str]:
    """A server whose status line, headers and body hold the secret in every spelling; gives its address."""
    said = " ".join(spellings(SECRET).values())
    head = f"HTTP/1.1 200 {SECRET}\r\nX-Error: {said}\r\nX-{quote(SECRET, safe='')}: 1\r\nConnection: close"
    body = (
        '{"status": "ok", "node_name": "' + said.replace("\\", "\\\\").replace('"', '\\"') + '"}'
    ).encode()
    answer = f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    with answering_once(answer) as url:
        yield url


def by_commands(url: str) -> str:
    return repr(asyncio.run(http.send("GET", url, {}, what="the site/X")))


def by_the_scheduler(url: str) -> str:
    from tvspiders.extras.scheduling.scrapyd import Scrapyd
    from tvspiders.extras.scheduling.target import Target

    async def ask() -> str:
        async with Scrapyd(Target(url, "tvspiders")) as scrapyd:
            return repr(await scrapyd._fetch("GET", "listjobs.json"))

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "ask", [by_commands, pytest.param(by_the_scheduler, marks=pytest.mark.of_extra("scheduling"))]
)
def test_an_answer_is_masked_whole_before_anybody_reads_it(ask):
    install_redaction([SECRET])

    with echoing() as url:
        answer = ask(url)

    assert "[secret]" in answer
    assert leaks(SECRET, answer.encode()) == []


def test_an_answer_that_is_a_secret_itself_is_read_as_it_is():
    install_redaction([SECRET])  # a site may give the token again that we have

    with echoing() as url:
        reply = asyncio.run(http.send("GET", url, {}, what="the site/X", is_secret=True))

    assert SECRET.encode() in reply.body
