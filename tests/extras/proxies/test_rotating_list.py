import asyncio
import inspect
import logging
import warnings

import pytest
from rotating_proxies.middlewares import RotatingProxyMiddleware

from tests.support.crawler import API, make_request
from tvspiders.extras.proxies.health import LONG_COOLDOWN_SECONDS
from tvspiders.extras.proxies.middleware import ProxyMiddleware
from tvspiders.extras.proxies.rotating_list import RotatingList
from tvspiders.policies.security.proxy_address import Proxies

SAME_HOST = "http://alice:s3cret@h.example:1 http://bob:s3cret@h.example:1"
THREE = SAME_HOST + " http://carol:s3cret@k.example:1"


class Rotating:
    """The list with a clock of the test's."""

    def __init__(self, crawler, text=SAME_HOST, **settings):
        self.now = 100.0
        self.crawler = crawler(THINGIVERSE_API_URL=API, **settings)
        addresses = Proxies.from_environment({"THINGIVERSE_PROXY": text}).addresses
        self.routes = RotatingList(self.crawler, addresses, lambda: self.now, lambda free: free[0])
        self.requests = []

    def take(self, token="token-1"):
        request = make_request()
        route = self.routes.take(token, request)
        self.requests.append(request)
        return route, request

    def fail(self, token="token-1", reason="timeout"):
        route, request = self.take(token)
        self.routes.failed(route, reason)
        self.routes.release(route, request)
        return route.label

    def answer(self, token="token-1"):
        route, request = self.take(token)
        self.routes.answered(route)
        self.routes.release(route, request)
        return route.label


@pytest.fixture
def rotating(crawler):
    def make(*given, **settings):
        async def inside():
            return Rotating(crawler, *given, **settings)

        return asyncio.run(inside())

    return make


def test_it_is_the_librarys_middleware(rotating):
    assert isinstance(rotating().routes, RotatingProxyMiddleware)


def test_two_users_of_one_host_are_kept_apart(rotating):
    proxies = rotating()

    assert proxies.fail() == "exit-1"
    assert proxies.routes.proxies.dead == {"exit-1"}
    assert proxies.answer() == "exit-2"
    assert proxies.routes.proxies.good == {"exit-2"}


def test_no_address_reaches_the_librarys_log(rotating, caplog):
    caplog.set_level(logging.DEBUG)
    proxies = rotating()
    proxies.fail()
    proxies.answer()
    proxies.routes.log_stats()

    assert "exit-1" in caplog.text
    assert not [word for word in ("alice", "bob", "s3cret", "h.example") if word in caplog.text]


def test_requests_keep_their_download_slot_and_carry_no_proxy(rotating):
    proxies = rotating()
    proxies.fail()

    assert [dict(request.meta) for request in proxies.requests] == [{}]


@pytest.mark.parametrize("name", ["process_request", "process_response", "process_exception"])
def test_no_method_takes_the_deprecated_argument(name):
    assert "spider" not in inspect.signature(getattr(ProxyMiddleware, name)).parameters


def test_the_looping_calls_of_the_library_start_and_stop_without_a_warning(rotating):
    listed = rotating()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        listed.routes.reanimate_proxies()
        listed.routes.log_stats()


def test_all_dead_are_waited_for_and_not_asked_again_at_once(rotating):
    proxies = rotating()
    proxies.fail()
    proxies.fail()

    assert proxies.take()[0] is None
    assert 45 <= proxies.routes.wait() <= 60
    proxies.now += proxies.routes.wait()
    assert proxies.routes.wait() == 0
    assert proxies.take()[0] is not None


def test_a_blocked_exit_costs_three_requests(rotating):
    proxies = rotating("http://alice:s3cret@h.example:1")
    proxies.answer()
    in_flight = [proxies.take(), proxies.take()]
    assert proxies.take()[0] is None
    for route, request in in_flight:
        proxies.routes.failed(route, "timeout")
        proxies.routes.release(route, request)
    proxies.now += proxies.routes.wait()
    proxies.fail()

    assert proxies.routes.wait() == LONG_COOLDOWN_SECONDS


def test_an_answer_brings_an_exit_back(rotating):
    proxies = rotating("http://alice:s3cret@h.example:1")
    proxies.fail()
    proxies.now += proxies.routes.wait()
    proxies.answer()

    assert proxies.routes.wait() == 0
    assert not proxies.routes.is_failing


def test_sticky_binds_each_token_to_an_exit_of_its_own(rotating):
    proxies = rotating(THREE, TV_PROXY_MODE="sticky")

    used = [(token, proxies.answer(token)) for token in ["token-1", "token-2", "token-3"] * 3]

    assert len(set(used)) == 3
    assert len({label for _, label in used}) == 3


def test_sticky_takes_another_when_the_exit_rests_and_stays_there(rotating):
    proxies = rotating(THREE, TV_PROXY_MODE="sticky")
    proxies.answer("token-1")
    proxies.answer("token-2")
    proxies.fail("token-1")
    assert proxies.answer("token-1") == "exit-3"
    proxies.now += 200

    assert proxies.answer("token-1") == "exit-3"


def test_with_fewer_exits_than_tokens_they_are_shared(rotating):
    proxies = rotating("http://alice:s3cret@h.example:1", TV_PROXY_MODE="sticky")

    assert proxies.answer("token-1") == proxies.answer("token-2") == "exit-1"
