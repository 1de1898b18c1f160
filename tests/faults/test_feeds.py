"""A feed holds each item of its crawl once, whatever happened to the process or to the file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.crawling import Place, until
from tests.support.truth import Truth, flaws_of_feeds
from tvspiders.sandbox.running import RunningSandbox


def delete(content: bytes) -> bytes | None:
    return None


def shorten(content: bytes) -> bytes:
    return content[: len(content) // 2]


def tear(content: bytes) -> bytes:
    return content + b'{"kind": "thing", "name": "caf\xc3'


@pytest.mark.parametrize(
    "damage",
    [delete, pytest.param(shorten, marks=pytest.mark.long), pytest.param(tear, marks=pytest.mark.long)],
)
def test_a_feed_is_whole_again_after_a_kill(
    place: Place, sandbox: RunningSandbox, damage: Callable[[bytes], bytes | None]
) -> None:
    sandbox.hold(after=100)
    run = place.crawl(pages=4)
    until(lambda: place.feed.exists() and place.feed.stat().st_size > 20_000)
    run.kill()
    sandbox.release()
    content = damage(place.feed.read_bytes())
    place.feed.unlink()
    if content is not None:
        place.feed.write_bytes(content)

    again = place.crawl(pages=4)

    assert again.wait() == 0, again.line
    assert flaws_of_feeds([place.feed], Truth.of_search(sandbox.oracle, "box", 4)) == []


@pytest.mark.long
def test_what_was_in_a_file_before_stays_with_a_small_o(place: Place, sandbox: RunningSandbox) -> None:
    earlier = b'{"kind": "note", "text": "of another crawl"}\n'
    place.feed.write_bytes(earlier)
    sandbox.hold(after=100)
    run = place.crawl("-o", "out.jsonl", pages=4, feed=None)
    until(lambda: place.feed.stat().st_size > 20_000)
    run.kill()
    sandbox.release()

    again = place.crawl("-o", "out.jsonl", pages=4, feed=None)

    assert again.wait() == 0, again.line
    assert place.feed.read_bytes().startswith(earlier)
    place.feed.write_bytes(place.feed.read_bytes()[len(earlier) :])
    assert flaws_of_feeds([place.feed], Truth.of_search(sandbox.oracle, "box", 4)) == []
