import asyncio

import pytest
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from tests.support.crawler import CHALLENGE, LIMITER, THING, make_request, make_response
from tvspiders.errors import ForeignOrigin, NoTokens, StorageProblem
from tvspiders.middlewares.answers import AnswerMiddleware
from tvspiders.middlewares.quota import CrawlStopping
from tvspiders.middlewares.retry import TvRetryMiddleware


async def no_sleep(seconds):
    return None


async def respond(middleware, request, status=200, body=THING, headers=None):
    response = make_response(status, body, headers)
    AnswerMiddleware().process_response(request, response)
    return await middleware.process_response(request, response)


async def respond_to_each(middleware, requests, status, body):
    return [await respond(middleware, request, status, body) for request in requests]


def run(crawler, work):
    async def case():
        middleware = TvRetryMiddleware(crawler, sleep=no_sleep)
        result = work(middleware)
        if asyncio.iscoroutine(result):
            result = await result
        await asyncio.sleep(0)
        return result

    return asyncio.run(case())


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, THING),
        (404, b'{"error":"Thing 1 does not exist"}'),
        (403, b'{"error":"Thing is private"}'),
        (403, b'{"error":"Forbidden"}'),
        (400, b'{"error":"Bad Request"}'),
    ],
)
def test_what_the_api_itself_says_passes_on(crawler, status, body):
    result = run(crawler(), lambda middleware: respond(middleware, make_request(), status, body))

    assert result.status == status


@pytest.mark.parametrize(("status", "body"), [(429, b""), (200, LIMITER)])
def test_a_refusal_for_quota_goes_back_without_an_attempt(crawler, status, body):
    result = run(crawler(), lambda middleware: respond(middleware, make_request(tv_attempts=4), status, body))

    assert result.meta["tv_retry"] == {"delay": 0.0, "attempt": False, "reason": "limited"}


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [(502, b"", "status-502"), (200, b"null", "null"), (200, b"", "empty"), (200, b'{"id": 1', "not-json")],
)
def test_a_broken_answer_goes_back_with_an_attempt_and_a_growing_delay(crawler, status, body, reason):
    def work(middleware):
        requests = [make_request(tv_attempts=n) for n in (0, 3)]
        return respond_to_each(middleware, requests, status, body)

    first, later = run(crawler(), work)

    assert first.meta["tv_retry"]["reason"] == reason
    assert first.meta["tv_retry"]["attempt"]
    assert 1 <= first.meta["tv_retry"]["delay"] <= 2
    assert 8 <= later.meta["tv_retry"]["delay"] <= 16


def test_the_last_attempt_passes_on_to_be_parked(crawler):
    made = crawler(TV_MAX_ATTEMPTS=3)

    result = run(made, lambda middleware: respond(middleware, make_request(tv_attempts=2), 502, b""))

    assert result.status == 502
    assert made.stats["tv/retry/given_up/status-502"] == 1


def test_a_redirect_is_not_followed(crawler):
    made = crawler()

    result = run(made, lambda middleware: respond(middleware, make_request(), 302, b""))

    assert result.url.endswith("/things/763622")
    assert result.meta["tv_retry"]["attempt"]
    assert made.stats["tv/redirects/refused"] == 1


def test_a_retry_carries_nothing_of_the_last_try(crawler):
    request = make_request(tv_token="token-1", tv_id=7, download_latency=1.0)

    result = run(crawler(), lambda middleware: respond(middleware, request, 502, b""))

    assert set(result.meta) == {"tv_id", "tv_retry"}
    assert result.dont_filter
    assert "tv_retry" not in request.meta


def test_a_401_goes_back_without_an_attempt_while_another_token_is_left(crawler):
    made = crawler()

    result = run(
        made,
        lambda middleware: respond(
            middleware, make_request(tv_token="token-1"), 401, b'{"error":"Unauthorized"}'
        ),
    )

    assert result.meta["tv_retry"] == {"delay": 0.0, "attempt": False, "reason": "unauthorized"}
    assert made.engine.reasons == []


def test_without_a_token_left_the_crawl_ends_and_says_how_to_go_on(crawler, caplog):
    made = crawler()

    result = run(made, lambda middleware: middleware.process_exception(make_request(), NoTokens("none")))

    assert result.meta["tv_retry"]["attempt"] is False
    assert made.engine.reasons == ["no_token"]
    assert "THINGIVERSE_TOKEN" in caplog.text


def test_a_block_is_no_attempt_and_silences_everything(crawler):
    made = crawler(TV_BLOCK_PAUSE=60)

    result = run(made, lambda middleware: respond(middleware, make_request(), 403, CHALLENGE))

    assert result.meta["tv_retry"] == {"delay": 60, "attempt": False, "reason": "blocked"}
    assert made.stats["tv/quota/pauses"] == 1


def test_blocks_that_go_on_end_the_crawl(crawler):
    made = crawler(TV_BLOCK_PAUSE=0, TV_BLOCK_LIMIT=2)

    run(made, lambda middleware: respond_to_each(middleware, [make_request()] * 3, 403, CHALLENGE))

    assert made.engine.reasons == ["blocked"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DownloadTimeoutError(), "timeout"),
        (ResponseDataLossError(), "truncated"),
        (DownloadFailedError(), "connection"),
        (DownloadConnectionRefusedError(), "refused"),
        (CannotResolveHostError(), "dns"),
        (TunnelError(), "tunnel"),
        (ConnectionResetError(), "connection"),
        (DownloadFailedError("[('SSL routines', '', 'certificate verify failed')]"), "certificate"),
    ],
)
def test_what_the_network_loses_is_asked_again(crawler, error, reason):
    async def work(middleware):
        await respond(middleware, make_request())
        return await middleware.process_exception(make_request(), error)

    result = run(crawler(), work)

    assert result.meta["tv_retry"]["reason"] == reason
    assert result.meta["tv_retry"]["attempt"]
    assert result.meta["tv_retry"]["delay"] > 0


@pytest.mark.parametrize(
    "error", [IgnoreRequest(), CrawlStopping(), ForeignOrigin("x"), ValueError(), MemoryError()]
)
def test_what_is_no_fault_of_the_network_passes_on(crawler, error):
    assert run(crawler(), lambda middleware: middleware.process_exception(make_request(), error)) is None


@pytest.mark.parametrize("error", [DownloadConnectionRefusedError(), CannotResolveHostError()])
def test_an_api_that_never_answered_is_given_up_after_three_quick_tries(crawler, error):
    made = crawler()

    async def work(middleware):
        return [await middleware.process_exception(make_request(), error) for _ in range(3)]

    results = run(made, work)

    assert [result.meta["tv_retry"]["attempt"] for result in results] == [False] * 3
    assert made.engine.reasons == ["unreachable"]


def test_a_wrong_certificate_at_the_start_ends_the_crawl_in_one_line(crawler, caplog):
    made = crawler()
    error = DownloadFailedError("[('SSL routines', '', 'certificate verify failed')]")

    run(made, lambda middleware: middleware.process_exception(make_request(), error))

    assert made.engine.reasons == ["certificate"]
    assert len(caplog.records) == 1


def test_a_database_that_cannot_keep_the_quota_ends_the_crawl(crawler):
    made = crawler()

    run(made, lambda middleware: middleware.process_exception(make_request(), StorageProblem("no table")))

    assert made.engine.reasons == ["storage"]


def test_an_outage_is_noticed_and_its_end_too(crawler, caplog):
    caplog.set_level("INFO")
    made = crawler()

    async def work(middleware):
        await respond_to_each(middleware, [make_request()] * 8, 502, b"")
        opened = middleware.pool.sending.breaker.open
        await respond_to_each(middleware, [make_request()] * 2, 200, THING)
        return opened, middleware.pool.sending.breaker.open

    assert run(made, work) == (True, False)
    assert made.stats["tv/breaker/opened"] == 1
    assert "slowing down to 10 %" in caplog.text
    assert "answers again" in caplog.text


def test_retries_are_counted_by_reason(crawler):
    made = crawler()

    run(made, lambda middleware: respond_to_each(middleware, [make_request()] * 2, 502, b""))

    assert made.stats["tv/retry/count"] == 2
    assert made.stats["tv/retry/status-502"] == 2


@pytest.mark.parametrize(
    ("asked", "least", "most"), [("7", 7, 7), ("100", 20, 20), ("0", 0, 2), ("soon", 0, 2), ("-5", 0, 2)]
)
def test_a_503_is_left_alone_for_as_long_as_it_asks_within_the_cap(crawler, asked, least, most):
    def work(middleware):
        return respond(middleware, make_request(), 503, b"", {"Retry-After": asked})

    made = crawler(TV_RETRY_CAP=20)
    again = run(made, work)

    assert least <= again.meta["tv_retry"]["delay"] <= most
    assert again.meta["tv_retry"]["attempt"]
    assert made.stats.get_value("tv/quota/pauses", 0) == (1 if least else 0)
