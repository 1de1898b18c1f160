"""A sandbox on plain http is its own proxy: the one case in which a proxy sees what is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.crawling import QUERY, Place
from tests.support.truth import Truth, flaws_of_database
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running


@pytest.fixture
def plain() -> Iterator[RunningSandbox]:
    with running(SandboxConfig(things=1000)) as sandbox:
        yield sandbox


@pytest.mark.parametrize(("mode", "sessions"), [("rotate", None), ("sticky", 2)])
def test_its_counters_know_the_sessions(mode, sessions, plain, tmp_path):
    truth = Truth.of_search(plain.oracle, QUERY, 1)
    proxy = plain.url.replace("://", "://acme-{session}:secret-of-it@")
    place = Place(tmp_path / "place", plain.url, THINGIVERSE_PROXY=proxy, THINGIVERSE_TOKEN="one-1 two-2")

    run = place.crawl(pages=1, TV_PROXY_MODE=mode, TV_QUOTA="5/1s")

    assert run.wait() == 0, run.line
    counted = plain.counters["by_session"]
    assert all(name.startswith("acme-") for name in counted)
    assert len(counted) == (sessions or truth.requests)
    assert flaws_of_database(place.database, truth) == []


def test_off_goes_directly(plain, tmp_path):
    proxy = plain.url.replace("://", "://acme-{session}:secret-of-it@")
    place = Place(tmp_path / "place", plain.url, THINGIVERSE_PROXY=proxy)

    run = place.crawl(pages=1, TV_PROXY_MODE="off")

    assert run.wait() == 0, run.line
    assert list(plain.counters["by_session"]) == ["127.0.0.1"]
