"""The components of a crawl find each other in one place."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from tests.support.crawler import FakeCrawler, make_request
from tvspiders.close_reasons import CLOSE_REASONS
from tvspiders.crawl import context_of


def crawler(engine: Any = None) -> Any:
    return SimpleNamespace(engine=engine, stats=None)


def test_a_crawl_has_one_context_and_each_crawl_its_own():
    one, other = crawler(), crawler()

    assert context_of(one) is context_of(one)
    assert context_of(one) is not context_of(other)


def test_nothing_is_downloaded_before_there_is_an_engine():
    assert list(context_of(crawler()).downloading) == []


def test_what_the_downloader_works_on_is_seen_until_it_is_through():
    here, gone = make_request(), make_request()
    engine = SimpleNamespace(downloader=SimpleNamespace(active={here, gone}))
    downloading = context_of(crawler(engine)).downloading

    engine.downloader.active.discard(gone)

    assert list(downloading) == [here]


def test_a_crawl_that_two_components_end_is_closed_once_and_says_why_once(caplog, monkeypatch):
    monkeypatch.setenv("THINGIVERSE_TOKEN", "tok-1")
    made: Any = FakeCrawler()
    from tvspiders.middlewares.quota import quota_of

    async def case():
        pool = quota_of(made).pool
        context_of(made).end("unreachable", "dns")
        context_of(made).end("blocked")
        await asyncio.sleep(0)
        return pool.stopping.is_set()

    assert asyncio.run(case())
    assert made.engine.reasons == ["unreachable"]
    assert [record.message for record in caplog.records] == [f"{CLOSE_REASONS['unreachable']} (dns)"]
