import base64

import pytest

from tvspiders.extras.proxies.health import Cooldowns, OutageDetector
from tvspiders.extras.proxies.sessions import MAX_FAILED_SESSIONS, SessionPool, SessionRules
from tvspiders.policies.security.proxy_address import Gateway

TEMPLATE = "http://acme-{country}-{session}:s3cret@gate.example:9000"


class Request:
    """Something that can be held weakly, as a request is."""


class Pool:
    """A pool with a clock, and the requests that use it."""

    def __init__(self, sticky=False, template="http://{session}:s3cret@gate.example:9000", **options):
        self.now = 100.0
        self.requests = []
        self.names = iter(range(1, 10_000))
        self.pool = SessionPool(
            Gateway(template),
            lambda: self.now,
            rules=SessionRules(sticky, **options),
            cooldowns=Cooldowns(60, jitter=max),
            outage=OutageDetector(300),
            new_name=lambda: f"s{next(self.names)}",
        )

    def take(self, token="token-1"):
        request = Request()
        route = self.pool.take(token, request)
        if route is None:
            return None
        self.requests.append(request)
        return route, request

    def answer(self, token="token-1"):
        """The session of one request that is answered."""
        route, request = self.take(token)
        self.pool.answered(route)
        self.pool.release(route, request)
        return user(route)

    def fail(self, token="token-1", reason="timeout"):
        """The session of one request that fails."""
        route, request = self.take(token)
        self.pool.failed(route, reason)
        self.pool.release(route, request)
        return user(route)


def user(route):
    return base64.b64decode(route.address.authorization().split()[1]).decode().partition(":")[0]


def test_rotate_takes_a_fresh_session_for_each_request():
    pool = Pool()

    assert len({pool.answer() for _ in range(500)}) == 500


def test_a_session_for_one_request_has_a_connection_of_its_own():
    assert Pool().take()[0].once
    assert not Pool(sticky=True).take()[0].once


def test_no_more_sessions_are_open_than_allowed():
    pool = Pool(most=2)
    taken = [pool.take(), pool.take()]

    assert pool.take() is None
    assert pool.pool.wait() == 0
    pool.pool.release(*taken[0])
    assert pool.take() is not None


def test_countries_take_turns():
    pool = Pool(template=TEMPLATE, countries=["us", "de"])

    assert [pool.answer() for _ in range(4)] == ["acme-us-s1", "acme-de-s2", "acme-us-s3", "acme-de-s4"]
    assert pool.take()[0].label == "gateway-us"


def test_sticky_keeps_one_session_for_each_token():
    pool = Pool(sticky=True)
    tokens = ["token-1", "token-2", "token-3"] * 50

    used = [(token, pool.answer(token)) for token in tokens]

    assert len(set(used)) == 3
    assert len({session for _, session in used}) == 3


def test_a_token_stays_in_its_country():
    pool = Pool(sticky=True, template=TEMPLATE, countries=["us", "de"], lifetime=10)
    pool.answer("token-1")
    assert pool.answer("token-2") == "acme-de-s2"
    pool.now += 20

    assert pool.answer("token-2") == "acme-de-s3"


def test_a_bad_session_rests_and_the_token_takes_another():
    pool = Pool(sticky=True)
    assert pool.fail() == "s1"

    assert pool.answer() == "s2"
    assert pool.answer() == "s2"


def test_a_token_does_not_jump_back_while_its_session_works():
    pool = Pool(sticky=True)
    pool.fail()
    pool.answer()
    pool.now += 200

    assert pool.answer() == "s2"


def test_a_rested_session_is_taken_before_a_new_one():
    pool = Pool(sticky=True)
    pool.fail()
    pool.answer()
    pool.now += 200
    pool.fail()

    assert pool.answer() == "s1"


def test_a_session_older_than_its_lifetime_is_replaced():
    pool = Pool(sticky=True, lifetime=600)
    pool.answer()
    pool.now += 599
    assert pool.answer() == "s1"
    pool.now += 2

    assert pool.answer() == "s2"


def test_without_a_lifetime_a_session_lasts():
    pool = Pool(sticky=True, lifetime=0)
    pool.answer()
    pool.now += 1e6

    assert pool.answer() == "s1"


def test_when_all_sessions_that_may_be_open_rest_nothing_leaves_until_one_is_back():
    pool = Pool(sticky=True, most=2)
    pool.fail()
    pool.fail()

    assert pool.take() is None
    assert pool.pool.wait() == 60
    pool.now += 60
    assert pool.answer() == "s2"


def test_with_more_tokens_than_sessions_an_idle_one_gives_way():
    pool = Pool(sticky=True, most=1)
    pool.answer("token-1")

    assert pool.answer("token-2") == "s2"


def test_one_bad_session_says_nothing_about_the_gateway():
    pool = Pool()
    for _ in range(MAX_FAILED_SESSIONS - 1):
        pool.fail()

    assert pool.pool.wait() == 0
    assert not pool.pool.is_failing
    assert pool.take() is not None


def test_bad_sessions_in_a_row_rest_the_gateway_longer_each_time():
    pool = Pool()
    rests = []
    for _ in range(MAX_FAILED_SESSIONS):
        pool.fail()
    for _ in range(6):
        rests.append(pool.pool.wait())
        assert pool.take() is None
        pool.now += rests[-1]
        pool.fail()

    assert rests == [6, 12, 24, 48, 60, 60]


@pytest.mark.parametrize("reason", ["refused", "dns"])
def test_a_gateway_that_nobody_answers_at_rests_at_once(reason):
    pool = Pool()
    pool.fail(reason=reason)

    assert pool.pool.wait() == 6


def test_after_a_rest_one_request_tries_and_its_answer_opens_the_gateway():
    pool = Pool()
    for _ in range(MAX_FAILED_SESSIONS):
        pool.fail()
    pool.now += 6
    probe = pool.take()

    assert pool.take() is None
    pool.pool.answered(probe[0])
    pool.pool.release(*probe)
    assert [pool.take() is not None for _ in range(5)] == [True] * 5


def test_what_left_before_the_rest_does_not_prolong_it():
    pool = Pool()
    taken = [pool.take() for _ in range(16)]
    for route, request in taken:
        pool.pool.failed(route, "timeout")
        pool.pool.release(route, request)
        pool.now += 1

    assert pool.pool.wait() == 0
    pool.fail()
    assert pool.pool.wait() == 12


def test_the_crawl_is_given_up_after_the_patience():
    pool = Pool()
    pool.answer()
    waited = 0.0
    while pool.pool.stop_reason() is None:
        waited += pool.pool.wait()
        pool.now += pool.pool.wait()
        pool.fail()

    assert pool.pool.stop_reason() == "proxies"
    assert 200 < waited <= 300


def test_wrong_credentials_end_a_crawl_that_never_worked():
    pool = Pool()
    for _ in range(3):
        pool.fail(reason="tunnel-407")

    assert pool.pool.stop_reason() == "proxy_login"
