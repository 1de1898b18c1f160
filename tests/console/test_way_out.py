import socket
import ssl

import pytest
from scrapy.settings import Settings

from tvspiders.console.api.transport import ways_out, why
from tvspiders.policies.security.proxy_address import DIRECT

API = "https://api.thingiverse.com"


@pytest.fixture
def labels(monkeypatch):
    """The exits that a command would try, by label."""
    monkeypatch.setattr("tvspiders.middlewares.proxies.install_redaction", lambda *secrets, **how: None)

    def found(proxy, **settings):
        monkeypatch.setenv("THINGIVERSE_PROXY", proxy)
        return [way.label for way in ways_out(Settings({"THINGIVERSE_API_URL": API, **settings}))]

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


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError("Tunnel connection failed: 407 user:s3cret"),
            "the proxy answers 407 (user name or password)",
        ),
        (OSError("Tunnel connection failed: 502 user:s3cret"), "the proxy answers 502"),
        (ssl.SSLCertVerificationError("s3cret"), "the certificate is not the API's; no token was sent"),
        (TimeoutError("s3cret"), "no answer within 20 s"),
        (ConnectionRefusedError("s3cret"), "connection refused"),
        (socket.gaierror("s3cret"), "its name cannot be resolved"),
        (ConnectionResetError("s3cret"), "the connection was closed"),
        (OSError("s3cret"), "OSError"),
    ],
)
def test_a_failure_is_told_without_a_word_of_the_proxys(error, said):
    assert why(error) == said
