import asyncio

import pytest
from scrapy.exceptions import DownloadConnectionRefusedError, DownloadTimeoutError, IgnoreRequest

from tests.middlewares.crawling import crawl
from tests.support.api_server import serving
from tests.support.crawler import CHALLENGE, LIMITER, THING, make_request, make_response
from tvspiders.crawl import context_of
from tvspiders.errors import ConfigProblem, GivenBack
from tvspiders.middlewares.answers import AnswerMiddleware
from tvspiders.middlewares.quota import CrawlStopping, QuotaMiddleware, quota_of


async def granted(crawler, leave=True):
    """A middleware, and a request that was granted a slot and left."""
    middleware = QuotaMiddleware.from_crawler(crawler)
    request = make_request()
    await middleware.process_request(request)
    if leave:
        middleware.quota.pool.depart(middleware.quota.grants[request])
    return middleware, request


async def answer(middleware, request, status=200, body=THING, headers=None):
    response = make_response(status, body, headers)
    AnswerMiddleware().process_response(request, response)
    return await middleware.process_response(request, response)


def test_a_request_carries_only_the_label_of_its_token(crawler):
    async def case():
        _, request = await granted(crawler())
        return request

    request = asyncio.run(case())

    assert request.meta == {"tv_token": "token-1"}
    assert b"Authorization" not in request.headers


@pytest.mark.parametrize(
    ("status", "body", "label"),
    [(200, THING, "token-1"), (429, b"", "token-2"), (200, LIMITER, "token-2"), (403, CHALLENGE, "token-1")],
)
def test_a_refusal_for_quota_lets_the_token_rest_and_the_next_one_go_on(crawler, status, body, label):
    async def case():
        middleware, request = await granted(crawler())
        await answer(middleware, request, status, body)
        following = make_request()
        await middleware.process_request(following)
        return following.meta["tv_token"]

    assert asyncio.run(case()) == label


def test_a_probe_whose_answer_cannot_be_unpacked_holds_nobody_up():
    with serving() as api:
        api.planned.update({"/things/1": ["challenge"], "/things/2": ["garbled"]})
        urls = [f"{api.url}/things/{number}" for number in (1, 2, 3)]
        crawled = crawl(api.url, *urls, CONCURRENT_REQUESTS=1, TV_BLOCK_PAUSE=0.1)

    assert crawled["reason"] == "finished"
    assert crawled["answers"] == ["ok", "ok"]
    assert crawled["errors"] == ["BadGzipFile"]


def test_a_401_retires_the_token(crawler):
    async def case():
        middleware, request = await granted(crawler())
        await answer(middleware, request, 401, b'{"error":"Unauthorized"}')
        return [token.label for token in middleware.quota.pool.live()]

    assert asyncio.run(case()) == ["token-2"]


def test_a_named_remaining_of_zero_is_obeyed(crawler):
    async def case():
        middleware, request = await granted(crawler())
        rate = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "100"}
        await answer(middleware, request, headers=rate)
        following = make_request()
        await middleware.process_request(following)
        return following.meta["tv_token"]

    assert asyncio.run(case()) == "token-2"


@pytest.mark.parametrize(("dated", "token"), [(True, "token-2"), (False, "token-1")])
def test_a_reset_that_is_a_moment_counts_from_the_answers_own_date(crawler, dated, token):
    async def case():
        middleware, request = await granted(crawler())
        rate = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1000000100"}
        date = {"Date": "Sun, 09 Sep 2001 01:46:40 GMT"} if dated else {}
        await answer(middleware, request, headers=rate | date)
        following = make_request()
        await middleware.process_request(following)
        return following.meta["tv_token"]

    assert asyncio.run(case()) == token


@pytest.mark.parametrize("value", ["", "abc", "-1", "9" * 50, "1e9"])
def test_nonsense_in_the_rate_headers_is_ignored(crawler, value):
    async def case():
        middleware, request = await granted(crawler())
        rate = dict.fromkeys(("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"), value)
        await answer(middleware, request, headers=rate)
        following = make_request()
        await middleware.process_request(following)
        return following.meta["tv_token"]

    assert asyncio.run(case()) == "token-1"


@pytest.mark.parametrize(
    ("leave", "error", "waits"),
    [
        (False, IgnoreRequest(), False),
        (True, DownloadConnectionRefusedError(), False),
        (True, DownloadTimeoutError(), True),
    ],
)
def test_only_a_slot_whose_request_never_left_is_given_back(crawler, leave, error, waits):
    async def case():
        middleware, request = await granted(crawler(TV_QUOTA="1/1h"), leave)
        middleware.process_exception(request, error)
        following = make_request()
        await middleware.process_request(following)
        return following.meta["tv_token"]

    assert asyncio.run(case()) == ("token-2" if waits else "token-1")


def test_stopping_ends_the_wait_with_an_error_that_scrapy_ignores(crawler):
    async def case():
        middleware, _ = await granted(crawler(TV_QUOTA="1/1h"))
        await middleware.process_request(make_request())
        waiting = asyncio.ensure_future(middleware.process_request(make_request()))
        await asyncio.sleep(0.01)
        middleware.quota.pool.stop()
        with pytest.raises(CrawlStopping):
            await waiting

    asyncio.run(case())

    assert issubclass(CrawlStopping, IgnoreRequest)
    assert issubclass(CrawlStopping, GivenBack)


def test_the_crawl_is_ended_once_and_without_waiting_for_it(crawler):
    made = crawler()

    async def case():
        context_of(made).end("blocked")
        context_of(made).end("no_token")
        await asyncio.sleep(0)

    asyncio.run(case())

    assert made.engine.reasons == ["blocked"]


def test_the_final_figures_are_in_the_statistics(crawler):
    made = crawler()

    async def case():
        middleware, request = await granted(made)
        await answer(middleware, request)
        await middleware.spider_closed()

    asyncio.run(case())

    assert made.stats["tv/quota/token-1/limit"] == 300
    assert made.stats["tv/quota/token-1/sent"] == 1


def test_without_a_token_the_crawl_does_not_begin(crawler, monkeypatch):
    monkeypatch.delenv("THINGIVERSE_TOKEN")

    with pytest.raises(ConfigProblem, match="THINGIVERSE_TOKEN"):
        quota_of(crawler())


def test_a_quota_that_cannot_be_read_is_said(crawler):
    with pytest.raises(ValueError, match="300/5m"):
        quota_of(crawler(TV_QUOTA="many"))
