import asyncio

import pytest
from scrapy.settings import Settings

from tests.support.crawler import API, make_request
from tests.support.starting import PATIENCE
from tvspiders.errors import ConfigProblem
from tvspiders.extras.proxies import routes as routes_module
from tvspiders.extras.proxies.health import ProxyRoute
from tvspiders.extras.proxies.routes import CrawlProxies
from tvspiders.middlewares.proxies import configured_proxies, country_codes
from tvspiders.policies.security.proxy_address import DIRECT


class OneRoute:
    """Routes of a crawl: a single one, free or not."""

    def __init__(self):
        self.route = ProxyRoute("exit-1", None)
        self.free = True
        self.cooldown = 0.0

    def take(self, token, request):
        return self.route if self.free else None

    def release(self, route, request):
        self.free = True

    def wait(self):
        return self.cooldown


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.setattr("tvspiders.middlewares.proxies.install_redaction", lambda *secrets, **how: None)
    return monkeypatch


@pytest.mark.parametrize(
    ("given", "codes"), [("none", []), ("", []), (None, []), ("us", ["us"]), (" us, de ", ["us", "de"])]
)
def test_countries_are_read_from_the_setting(given, codes):
    assert country_codes(Settings({"TV_PROXY_COUNTRY": given})) == codes


def test_what_was_configured_is_masked_before_anyone_can_use_it(monkeypatch):
    masked = []
    monkeypatch.setattr(
        "tvspiders.middlewares.proxies.install_redaction",
        lambda secrets, names, told_api: masked.extend([*secrets, *names]),
    )
    monkeypatch.setenv("THINGIVERSE_PROXY", "http://alice:s3cret@h.example:1")

    configured_proxies(Settings({"THINGIVERSE_API_URL": API}))

    assert {"alice", "s3cret", "alice:s3cret"} == set(masked)


@pytest.mark.parametrize(
    ("api", "proxy", "fine"),
    [
        ("https://api.example", "http://h.example:1", True),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123", True),
        ("http://localhost:8123", "http://127.0.0.1:8123", True),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8124", False),
        ("http://127.0.0.1:8123", "http://127.0.0.2:8123", False),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123 http://127.0.0.1:8124", False),
    ],
)
def test_a_plain_api_is_only_asked_through_itself(environment, api, proxy, fine):
    environment.setenv("THINGIVERSE_PROXY", proxy)
    settings = Settings({"THINGIVERSE_API_URL": api})

    if fine:
        assert configured_proxies(settings) is not None
    else:
        with pytest.raises(ConfigProblem, match="read the token"):
            configured_proxies(settings)


def test_who_waits_is_woken_when_an_exit_is_released(monkeypatch):
    monkeypatch.setattr(routes_module, "POLL_SECONDS", PATIENCE)  # without an event it would check only then

    async def case():
        request = make_request()
        routes = CrawlProxies(OneRoute(), direct=False, downloading=lambda: {request})
        routes.routes.free = False
        waiting = asyncio.ensure_future(routes.change(asyncio.Event()))
        await asyncio.sleep(0)
        routes.release(routes.routes.route, request)
        await asyncio.wait_for(waiting, PATIENCE / 2)
        return routes.take("token-1", request)

    assert asyncio.run(case()).label == "exit-1"


def test_the_place_of_a_request_that_never_came_back_is_given_to_another(monkeypatch):
    monkeypatch.setattr(routes_module, "POLL_SECONDS", PATIENCE)

    async def case():
        lost, waiting = make_request(), make_request()
        routes = CrawlProxies(OneRoute(), direct=False, downloading=lambda: {waiting})
        routes.take("token-1", lost)
        routes.routes.free = False
        await asyncio.wait_for(routes.change(asyncio.Event()), PATIENCE / 2)
        return routes.take("token-1", waiting)

    assert asyncio.run(case()).label == "exit-1"


def test_the_place_of_a_request_that_is_still_under_way_is_left_to_it():
    async def case():
        in_flight = make_request()
        routes = CrawlProxies(OneRoute(), direct=False, downloading=lambda: {in_flight})
        routes.take("token-1", in_flight)
        routes.routes.free = False
        stopping = asyncio.Event()
        stopping.set()
        await routes.change(stopping)
        return routes.take("token-1", make_request())

    assert asyncio.run(case()) is None


@pytest.mark.parametrize(
    ("direct", "cooldown", "taken"), [(True, 5.0, True), (True, 0.0, False), (False, 5.0, False)]
)
def test_direct_is_taken_when_allowed_and_all_cool_down(direct, cooldown, taken):
    async def case():
        routes = CrawlProxies(OneRoute(), direct=direct, downloading=set)
        routes.routes.free, routes.routes.cooldown = False, cooldown
        return routes.take("token-1", make_request()) is DIRECT

    assert asyncio.run(case()) is taken
