import asyncio
import inspect
import logging
import warnings

import pytest
from rotating_proxies.middlewares import RotatingProxyMiddleware

from tests.support.crawler import API, make_request
from tvspiders.extras.proxies.health import LONGEST
from tvspiders.extras.proxies.middleware import ProxyMiddleware
from tvspiders.extras.proxies.rotating_list import RotatingList
from tvspiders.policies.security.proxy_address import Proxies

SAME_HOST = "http://alice:s3cret@h.example:1 http://bob:s3cret@h.example:1"
THREE = SAME_HOST + " http://carol:s3cret@k.example:1"


class Exits:
    """The list with a clock of the test's."""

    def __init__(self, crawler, text=SAME_HOST, **settings):
        self.now = 100.0
        self.crawler = crawler(THINGIVERSE_API_URL=API, **settings)
        addresses = Proxies.from_environment({"THINGIVERSE_PROXY": text}).addresses
        self.exits = RotatingList(self.crawler, addresses, lambda: self.now, lambda free: free[0])
        self.requests = []

    def take(self, token="token-1"):
        request = make_request()
        exit_ = self.exits.take(token, request)
        self.requests.append(request)
        return exit_, request

    def fail(self, token="token-1", reason="timeout"):
        exit_, request = self.take(token)
        self.exits.failed(exit_, reason)
        self.exits.release(exit_, request)
        return exit_.label

    def answer(self, token="token-1"):
        exit_, request = self.take(token)
        self.exits.answered(exit_)
        self.exits.release(exit_, request)
        return exit_.label


@pytest.fixture
def exits(crawler):
    def make(*given, **settings):
        async def inside():
            return Exits(crawler, *given, **settings)

        return asyncio.run(inside())

    return make


def test_it_is_the_librarys_middleware(exits):
    assert isinstance(exits().exits, RotatingProxyMiddleware)


def test_two_users_of_one_host_are_told_apart(exits):
    exits = exits()

    assert exits.fail() == "exit-1"
    assert exits.exits.proxies.dead == {"exit-1"}
    assert exits.answer() == "exit-2"
    assert exits.exits.proxies.good == {"exit-2"}


def test_no_address_reaches_the_librarys_log(exits, caplog):
    caplog.set_level(logging.DEBUG)
    exits = exits()
    exits.fail()
    exits.answer()
    exits.exits.log_stats()

    assert "exit-1" in caplog.text
    assert not [word for word in ("alice", "bob", "s3cret", "h.example") if word in caplog.text]


def test_requests_keep_their_download_slot_and_carry_no_proxy(exits):
    exits = exits()
    exits.fail()

    assert [dict(request.meta) for request in exits.requests] == [{}]


@pytest.mark.parametrize("name", ["process_request", "process_response", "process_exception"])
def test_no_method_takes_the_deprecated_argument(name):
    assert "spider" not in inspect.signature(getattr(ProxyMiddleware, name)).parameters


def test_the_looping_calls_of_the_library_start_and_stop_without_a_warning(exits):
    listed = exits()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        listed.exits.reanimate_proxies()
        listed.exits.log_stats()


def test_all_dead_are_waited_for_and_not_asked_again_at_once(exits):
    exits = exits()
    exits.fail()
    exits.fail()

    assert exits.take()[0] is None
    assert 45 <= exits.exits.wait() <= 60
    exits.now += exits.exits.wait()
    assert exits.exits.wait() == 0
    assert exits.take()[0] is not None


def test_a_blocked_exit_costs_three_requests(exits):
    exits = exits("http://alice:s3cret@h.example:1")
    exits.answer()
    under_way = [exits.take(), exits.take()]
    assert exits.take()[0] is None
    for exit_, request in under_way:
        exits.exits.failed(exit_, "timeout")
        exits.exits.release(exit_, request)
    exits.now += exits.exits.wait()
    exits.fail()

    assert exits.exits.wait() == LONGEST


def test_an_answer_brings_an_exit_back(exits):
    exits = exits("http://alice:s3cret@h.example:1")
    exits.fail()
    exits.now += exits.exits.wait()
    exits.answer()

    assert exits.exits.wait() == 0
    assert not exits.exits.doubtful


def test_sticky_binds_each_token_to_an_exit_of_its_own(exits):
    exits = exits(THREE, TV_PROXY_MODE="sticky")

    used = [(token, exits.answer(token)) for token in ["token-1", "token-2", "token-3"] * 3]

    assert len(set(used)) == 3
    assert len({label for _, label in used}) == 3


def test_sticky_takes_another_when_the_exit_rests_and_stays_there(exits):
    exits = exits(THREE, TV_PROXY_MODE="sticky")
    exits.answer("token-1")
    exits.answer("token-2")
    exits.fail("token-1")
    assert exits.answer("token-1") == "exit-3"
    exits.now += 200

    assert exits.answer("token-1") == "exit-3"


def test_with_fewer_exits_than_tokens_they_are_shared(exits):
    exits = exits("http://alice:s3cret@h.example:1", TV_PROXY_MODE="sticky")

    assert exits.answer("token-1") == exits.answer("token-2") == "exit-1"
