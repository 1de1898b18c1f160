"""Requests for pages are answered by Splash; all others pass."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadConnectionRefusedError

from tests.support.crawler import API
from tvspiders.extras.pages.middleware import PageLost, PageMiddleware
from tvspiders.extras.pages.parsing import PNG
from tvspiders.extras.pages.splash import SplashTrouble
from tvspiders.meta import RENDERED, RETRY
from tvspiders.middlewares.quota import CrawlStopping, quota_of
from tvspiders.middlewares.retry import TvRetryMiddleware

PAGE = {
    "url": "https://www.thingiverse.com/thing:7",
    "status": 200,
    "mitigated": None,
    "title": "Gear",
    "html": "<p>write to pia@example.org</p>",
    "png": base64.b64encode(PNG).decode(),
}
SETTINGS = {
    "THINGIVERSE_WWW_URL": "https://www.thingiverse.com",
    "TV_PAGE_SECONDS": 10,
    "TV_MAX_ATTEMPTS": 3,
    "TV_RETRY_BASE": 2.0,
    "TV_RETRY_CAP": 300.0,
    "TV_BLOCK_LIMIT": 2,
}


class FakeSplash:
    """Gives what it was told to, the last one again and again."""

    def __init__(self, *given):
        self.given = list(given)
        self.asked = []
        self.at_once = self.most_at_once = 0

    async def render(self, url):
        self.asked.append(url)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        given = self.given.pop(0) if len(self.given) > 1 else self.given[0]
        if isinstance(given, Exception):
            raise given
        if given == "hang":
            await asyncio.sleep(3600)
        return given


@pytest.fixture
def make(crawler):
    def build(*given, **settings):
        slept = []

        async def sleep(seconds):
            slept.append(seconds)

        made = crawler(**(SETTINGS | settings))
        middleware = PageMiddleware(made, FakeSplash(*given), sleep)
        middleware.slept = slept
        return middleware

    return build


def page(number=7, **meta):
    arguments = {"thing_id": number, "page": f"/thing:{number}", "license": "GPL"}
    return Request(f"{API}/_page/{number}", cb_kwargs=arguments, meta=meta)


def run(middleware, *requests):
    async def all_of_them():
        return await asyncio.gather(*(middleware.process_request(request) for request in requests))

    return asyncio.run(all_of_them())


def test_other_requests_pass(make):
    middleware = make(PAGE)

    assert run(middleware, Request(f"{API}/things/7"), Request(f"{API}/_page/7")) == [None, None]
    assert middleware.splash.asked == []


def test_a_page_is_answered_with_its_rendering_and_without_addresses_of_people(make):
    middleware = make(PAGE)

    [response] = run(middleware, page())

    told = json.loads(response.body)
    assert middleware.splash.asked == ["https://www.thingiverse.com/thing:7"]
    assert (told["thing_id"], told["asked"], told["png"]) == (7, PAGE["url"], PAGE["png"])
    assert "pia@example.org" not in told["html"]
    assert RENDERED in response.flags
    assert middleware.crawler.stats == {"tv/pages/stored": 1}


def test_pages_are_rendered_one_at_a_time_and_not_too_often(make):
    middleware = make(PAGE)

    run(middleware, page(1), page(2), page(3))

    assert middleware.splash.most_at_once == 1
    assert [round(seconds) for seconds in middleware.slept] == [10, 20]


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (SplashTrouble("splash-504"), "splash-504"),
        (DownloadConnectionRefusedError("away"), "splash-refused"),
        (OSError("away"), "splash-connection"),
    ],
)
def test_a_failure_of_splash_is_tried_again_later(make, failure, reason):
    [again] = run(make(failure), page(tv_id=5, tv_attempts=1))

    assert again.meta[RETRY]["reason"] == reason
    assert again.meta[RETRY]["attempt"]
    assert 2 <= again.meta[RETRY]["delay"] <= 4
    assert again.meta["tv_id"] == 5


@pytest.mark.parametrize(
    ("failure", "attempts"), [(SplashTrouble("splash-504"), 2), (SplashTrouble("splash-400", again=False), 0)]
)
def test_a_page_is_given_up_for_this_run(make, failure, attempts):
    with pytest.raises(PageLost):
        run(make(failure), page(tv_attempts=attempts))


def test_an_error_of_ours_is_not_blamed_on_splash(make):
    with pytest.raises(KeyError):
        run(make(KeyError("a bug")), page())


def test_a_stop_ends_the_wait_for_a_page(make):
    middleware = make("hang")

    async def stopped():
        waiting = asyncio.ensure_future(middleware.process_request(page()))
        await asyncio.sleep(0.01)
        quota_of(middleware.crawler).pool.stop()
        await waiting

    with pytest.raises(CrawlStopping):
        asyncio.run(stopped())


def test_challenges_in_a_row_end_the_crawl_and_one_in_between_does_not(make):
    blocked = PAGE | {"status": 403}
    middleware = make(blocked, PAGE, blocked, blocked)

    async def all_of_them():
        reasons = []
        for number in range(1, 5):
            await middleware.process_request(page(number))
            await asyncio.sleep(0)
            reasons.append(list(middleware.crawler.engine.reasons))
        return reasons

    assert asyncio.run(all_of_them()) == [[], [], [], ["blocked"]]


def test_a_rendering_says_nothing_about_the_api(make):
    middleware = make(PAGE)
    [response] = run(middleware, page())
    retry = TvRetryMiddleware(middleware.crawler)

    assert asyncio.run(retry.process_response(page(), response)) is response
    assert not retry.answered
