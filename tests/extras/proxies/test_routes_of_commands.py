import pytest
from scrapy.settings import Settings

from tvspiders.console.api.client import proxy_routes
from tvspiders.policies.security.proxy_address import DIRECT

API = "https://api.thingiverse.com"


@pytest.fixture
def labels(monkeypatch):
    """The exits that a command would try, by label."""
    monkeypatch.setattr("tvspiders.middlewares.proxies.install_redaction", lambda *secrets, **how: None)

    def found(proxy, **settings):
        monkeypatch.setenv("THINGIVERSE_PROXY", proxy)
        return [route.label for route in proxy_routes(Settings({"THINGIVERSE_API_URL": API, **settings}))]

    return found


def test_without_proxies_the_way_is_direct(labels):
    assert labels("") == [DIRECT.label]


def test_a_list_is_tried_in_its_order(labels):
    assert labels("http://a.example:1 http://b.example:1") == ["exit-1", "exit-2"]


def test_of_a_gateway_three_sessions_are_tried(labels):
    proxy = "http://u-{country}-{session}:s3cret@h.example:1"

    assert labels(proxy, TV_PROXY_COUNTRY="us,de") == ["gateway-us", "gateway-de", "gateway-us"]


def test_direct_is_the_last_way_where_it_is_allowed(labels):
    assert labels("http://a.example:1", TV_PROXY_FALLBACK="direct") == ["exit-1", "direct"]
    assert labels("http://a.example:1", TV_PROXY_MODE="off") == ["direct"]
