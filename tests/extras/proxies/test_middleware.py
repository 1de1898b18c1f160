import asyncio

import pytest
from scrapy.exceptions import DownloadTimeoutError, NotConfigured

from tests.support.crawler import API, CHALLENGE, THING, make_request, make_response
from tvspiders.errors import ConfigProblem
from tvspiders.extras.proxies.middleware import SUSPECTS, ProxyMiddleware
from tvspiders.extras.proxies.rotating_list import RotatingList
from tvspiders.middlewares.answers import AnswerMiddleware
from tvspiders.middlewares.network import TunnelRefused
from tvspiders.middlewares.proxies import routes_of
from tvspiders.middlewares.quota import CrawlStopping
from tvspiders.policies.security.proxy_address import DIRECT

GATEWAY = "http://acme-{session}:s3cret@gate.example:9000"
LIST = "http://alice:s3cret@h.example:1 http://bob:s3cret@h.example:1 http://carol:s3cret@k.example:1"


@pytest.fixture
def proxied(crawler, monkeypatch):
    """Makes a crawler that goes through proxies."""
    monkeypatch.setattr("tvspiders.middlewares.proxies.install_redaction", lambda *secrets, **how: None)

    def make(proxy=GATEWAY, **settings):
        monkeypatch.setenv("THINGIVERSE_PROXY", proxy)
        return crawler(THINGIVERSE_API_URL=API, **settings)

    return make


def run(crawler, work):
    async def case():
        middleware = ProxyMiddleware.from_crawler(crawler)
        result = work(middleware)
        if asyncio.iscoroutine(result):
            result = await result
        await asyncio.sleep(0)
        return result

    return asyncio.run(case())


def leave(middleware, token="token-1", **meta):
    """A request that is under way."""
    request = make_request(**meta)
    assert middleware.shared.take(token, request) is not None
    return request


def answer(middleware, request=None, status=200, body=THING):
    request = request or leave(middleware)
    response = make_response(status, body)
    AnswerMiddleware().process_response(request, response)
    return middleware.process_response(request, response)


def fail(middleware, request=None, exception=None):
    return middleware.process_exception(request or leave(middleware), exception or DownloadTimeoutError())


def test_without_proxies_there_is_no_middleware_and_no_exit(crawler):
    crawler = crawler(THINGIVERSE_API_URL=API)

    with pytest.raises(NotConfigured):
        ProxyMiddleware.from_crawler(crawler)
    assert routes_of(crawler) is None


def test_off_means_off(proxied):
    with pytest.raises(NotConfigured):
        ProxyMiddleware.from_crawler(proxied(TV_PROXY_MODE="off"))


def test_proxies_without_the_middleware_send_nothing(proxied):
    with pytest.raises(ConfigProblem, match="ProxyMiddleware"):
        routes_of(proxied())


@pytest.mark.parametrize(
    ("proxy", "settings", "said"),
    [
        ("http://u-{country}-{session}:s3cret@h:1", {}, "TV_PROXY_COUNTRY"),
        (GATEWAY, {"TV_PROXY_COUNTRY": "us"}, "no {country}"),
        (GATEWAY, {"THINGIVERSE_API_URL": "http://127.0.0.1:1"}, "read the token"),
    ],
)
def test_settings_that_do_not_fit_the_proxy_are_refused(crawler, monkeypatch, proxy, settings, said):
    monkeypatch.setenv("THINGIVERSE_PROXY", proxy)

    with pytest.raises(ConfigProblem) as problem:
        ProxyMiddleware.from_crawler(crawler(**{"THINGIVERSE_API_URL": API, **settings}))
    assert said in str(problem.value)
    assert "s3cret" not in str(problem.value)


def test_a_plain_api_may_be_its_own_proxy(proxied):
    crawler = proxied("http://{session}:s3cret@127.0.0.1:8123")
    crawler.settings.set("THINGIVERSE_API_URL", "http://127.0.0.1:8123")

    run(crawler, lambda middleware: None)

    assert routes_of(crawler) is not None


@pytest.mark.parametrize("kind", [GATEWAY, LIST])
def test_a_failure_on_the_way_goes_back_without_an_attempt(proxied, kind):
    crawler = proxied(kind)

    again = run(crawler, lambda middleware: fail(middleware, leave(middleware, tv_attempts=4)))

    assert again.meta["tv_retry"] == {"delay": 0.0, "attempt": False, "reason": "proxy"}
    assert again.dont_filter
    assert crawler.stats["tv/proxy/bans/timeout"] == 1


@pytest.mark.parametrize("kind", [GATEWAY, LIST])
def test_a_block_page_goes_back_without_an_attempt(proxied, kind):
    again = run(proxied(kind), lambda middleware: answer(middleware, status=403, body=CHALLENGE))

    assert again.meta["tv_retry"]["reason"] == "proxy"


@pytest.mark.parametrize("kind", [GATEWAY, LIST])
@pytest.mark.parametrize(
    ("status", "body"),
    [(200, THING), (429, b""), (401, b'{"error":"x"}'), (404, b'{"error":"x"}'), (502, b"")],
)
def test_what_the_api_says_passes_on_and_proves_the_exit(proxied, kind, status, body):
    crawler = proxied(kind)

    response = run(crawler, lambda middleware: answer(middleware, status=status, body=body))

    assert response.status == status
    assert not [name for name in crawler.stats if "bans" in name]


def test_block_pages_at_one_exit_after_the_other_are_taken_as_a_no(proxied):
    def work(middleware):
        return [answer(middleware, status=403, body=CHALLENGE) for _ in range(SUSPECTS + 1)]

    *first, last = run(proxied(), work)

    assert all(result.meta["tv_retry"]["reason"] == "proxy" for result in first)
    assert last.status == 403


def test_a_request_that_fails_where_others_do_not_counts_an_attempt(proxied):
    def work(middleware):
        results = []
        for _ in range(SUSPECTS + 1):
            results.append(fail(middleware, leave(middleware, tv_id=7)))
            answer(middleware, leave(middleware, tv_id=8))
        return results

    *first, last = run(proxied(), work)

    assert all(first)
    assert last is None


def test_a_request_that_fails_alone_counts_an_attempt_in_the_end(proxied):
    def work(middleware):
        answer(middleware, leave(middleware, tv_id=8))
        return [fail(middleware, leave(middleware, tv_id=7)) for _ in range(SUSPECTS + 1)]

    *first, last = run(proxied(), work)

    assert all(first)
    assert last is None


@pytest.mark.parametrize(("answers", "others", "counted"), [(1, 0, True), (0, 0, False), (1, 1, False)])
def test_what_alone_keeps_a_crawl_from_its_end_counts_one_attempt_a_run(proxied, answers, others, counted):
    def work(middleware):
        for _ in range(answers):
            answer(middleware, leave(middleware, tv_id=8))
        fail(middleware, leave(middleware, tv_id=7 + others))
        return fail(middleware, leave(middleware, tv_id=7))

    crawler = proxied("http://alice:s3cret@h.example:1 http://bob:s3cret@h.example:1", TV_PROXY_PATIENCE=0)
    last = run(crawler, work)

    assert crawler.engine.reasons == ["proxies"]
    assert (last is None) is counted


def test_while_nothing_comes_through_no_request_is_blamed(proxied):
    def work(middleware):
        answer(middleware, leave(middleware, tv_id=9))
        results = []
        for number in range(40):
            middleware.routes._cools_until = 0.0
            results.append(fail(middleware, leave(middleware, tv_id=number % 2)))
        return results

    assert all(run(proxied(), work))


def test_a_tunnel_that_does_not_open_never_blames_the_request(proxied):
    def work(middleware):
        results = []
        for _ in range(10):
            results.append(fail(middleware, leave(middleware, tv_id=7), TunnelRefused(502)))
            answer(middleware, leave(middleware, tv_id=8))
        return results

    assert all(run(proxied(), work))


def test_while_all_rest_a_request_waits_and_a_stop_ends_the_wait(proxied):
    async def work(middleware):
        for _ in range(5):
            fail(middleware)
        waiting = asyncio.ensure_future(middleware.process_request(make_request()))
        await asyncio.sleep(0)
        assert not waiting.done()
        middleware.pool.stop()
        with pytest.raises(CrawlStopping):
            await waiting

    run(proxied(), work)


@pytest.mark.parametrize(
    ("kind", "status", "why"),
    [(GATEWAY, 407, "proxy_login"), (LIST, 407, "proxy_login"), (LIST, 502, None)],
)
def test_a_crawl_that_can_never_work_ends_at_once(proxied, kind, status, why):
    crawler = proxied(kind)

    run(crawler, lambda middleware: [fail(middleware, None, TunnelRefused(status)) for _ in range(3)])

    assert crawler.engine.reasons == ([why] if why else [])


def test_a_crawl_without_patience_ends_as_the_proxies_fault(proxied):
    crawler = proxied(LIST, TV_PROXY_PATIENCE=0)

    run(crawler, lambda middleware: [fail(middleware) for _ in range(3)])

    assert crawler.engine.reasons == ["proxies"]


@pytest.mark.parametrize("kind", [GATEWAY, LIST])
def test_direct_is_taken_only_when_allowed_and_only_while_all_rest(proxied, kind):
    async def work(middleware):
        taken = [middleware.shared.take("token-1", make_request()) is DIRECT]
        for _ in range(5):
            request = make_request()
            if middleware.shared.take("token-1", request) is not DIRECT:
                fail(middleware, request)
        await middleware.process_request(make_request())
        return [*taken, middleware.shared.take("token-1", make_request()) is DIRECT]

    crawler = proxied(kind, TV_PROXY_FALLBACK="direct")

    assert run(crawler, work) == [False, True]
    assert crawler.engine.reasons == []


def test_a_list_gets_the_librarys_middleware(proxied):
    assert isinstance(run(proxied(LIST), lambda middleware: middleware.routes), RotatingList)
    assert not isinstance(run(proxied(), lambda middleware: middleware.routes), RotatingList)
