import pytest
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest

from tests.support.crawler import CHALLENGE, LIMITER, THING, make_request, make_response
from tvspiders.errors import ForeignOrigin
from tvspiders.extras.proxies.bans import ProxyBanPolicy
from tvspiders.middlewares.answers import AnswerMiddleware
from tvspiders.middlewares.network import TunnelRefused


def judged(status, body, url="https://api.thingiverse.com/things/1"):
    request, response = make_request().replace(url=url), make_response(status, body)
    AnswerMiddleware().process_response(request, response)
    return ProxyBanPolicy().reason_of_response(request, response), ProxyBanPolicy().response_is_ban(
        request, response
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, THING),
        (200, b""),
        (200, b"null"),
        (302, b""),
        (401, b'{"error":"Unauthorized"}'),
        (403, b'{"error":"Thing is private"}'),
        (404, b'{"error":"Thing 1 does not exist"}'),
        (429, b""),
        (200, LIMITER),
        (500, b'{"error":"Internal"}'),
        (502, b""),
        (503, b"<html></html>"),
    ],
)
def test_what_the_api_says_is_no_ban(status, body):
    assert judged(status, body) == (None, False)


@pytest.mark.parametrize(
    ("status", "body"),
    [(403, CHALLENGE), (200, CHALLENGE), (401, b"<!DOCTYPE html><html></html>"), (407, b"")],
)
def test_a_block_page_is_a_ban(status, body):
    assert judged(status, body) == ("blocked", True)


@pytest.mark.parametrize("status", [407, 502, 503, 504])
def test_over_plain_http_a_proxy_speaks_for_itself(status):
    assert judged(status, b"", "http://127.0.0.1:1/things/1")[0] == f"status-{status}"


def test_over_plain_http_the_apis_own_502_is_no_ban():
    assert judged(502, b'{"error":"Bad Gateway"}', "http://127.0.0.1:1/things/1")[0] is None


@pytest.mark.parametrize(
    ("exception", "reason"),
    [
        (DownloadTimeoutError(), "timeout"),
        (TunnelRefused(502), "tunnel-502"),
        (TunnelRefused(), "tunnel"),
        (ConnectionResetError(), "connection"),
        (IgnoreRequest(), None),
        (ForeignOrigin(), None),
        (ValueError(), None),
    ],
)
def test_only_the_network_is_a_ban(exception, reason):
    policy = ProxyBanPolicy()

    assert policy.reason_of_exception(exception) == reason
    assert policy.exception_is_ban(make_request(), exception) is bool(reason)


def test_a_refused_tunnel_repeats_nothing_that_the_proxy_said():
    assert str(TunnelRefused(407)) == "the proxy answered 407 instead of opening a tunnel to the API"
