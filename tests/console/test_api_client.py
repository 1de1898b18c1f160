"""The API's client outside of a crawl: which routes it tries, and how it words what fails."""

from __future__ import annotations

import errno
import shutil
import socket
import ssl
from pathlib import Path

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from scrapy.settings import Settings
from sqlalchemy import text

from tvspiders.console.api.client import ApiClient, proxy_routes
from tvspiders.console.api.http import why
from tvspiders.errors import StorageProblem
from tvspiders.policies.security.proxy_address import DIRECT
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.storage.database.engine import open_engine, writing

API = "https://api.thingiverse.com"


@pytest.fixture
def labels(monkeypatch):
    """The routes that a command would try, by label."""
    monkeypatch.setattr("tvspiders.middlewares.proxies.install_redaction", lambda *secrets, **how: None)

    def found(proxy, **settings):
        monkeypatch.setenv("THINGIVERSE_PROXY", proxy)
        return [route.label for route in proxy_routes(Settings({"THINGIVERSE_API_URL": API, **settings}))]

    return found


def test_without_proxies_the_route_is_direct(labels):
    assert labels("") == [DIRECT.label]


def test_a_list_is_tried_in_its_order(labels):
    assert labels("http://a.example:1 http://b.example:1") == ["exit-1", "exit-2"]


def test_of_a_gateway_three_sessions_are_tried(labels):
    proxy = "http://u-{country}-{session}:s3cret@h.example:1"

    assert labels(proxy, TV_PROXY_COUNTRY="us,de") == ["gateway-us", "gateway-de", "gateway-us"]


def test_direct_is_the_last_route_where_it_is_allowed(labels):
    assert labels("http://a.example:1", TV_PROXY_FALLBACK="direct") == ["exit-1", "direct"]
    assert labels("http://a.example:1", TV_PROXY_MODE="off") == ["direct"]


KEY = ConnectionKey("s3cret.example", 443, True, True, None, None, None)


def refused_by_the_proxy(status: int) -> aiohttp.ClientHttpProxyError:
    return aiohttp.ClientHttpProxyError(None, (), status=status, message="user:s3cret")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refused_by_the_proxy(407), "the proxy answers 407 (user name or password)"),
        (refused_by_the_proxy(502), "the proxy answers 502"),
        (
            aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError("s3cret")),
            "its certificate cannot be verified; no token was sent",
        ),
        (aiohttp.ConnectionTimeoutError("s3cret"), "no answer within 20 s"),
        (TimeoutError("s3cret"), "no answer within 20 s"),
        (
            aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(errno.ECONNREFUSED, "s3cret")),
            "connection refused",
        ),
        (
            aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(-2, "s3cret")),
            "its name cannot be resolved",
        ),
        (aiohttp.ClientConnectorError(KEY, ConnectionResetError("s3cret")), "the connection was closed"),
        (aiohttp.ServerDisconnectedError("s3cret"), "the connection was closed"),
        (aiohttp.ClientPayloadError("s3cret"), "ClientPayloadError"),
        (OSError("s3cret"), "OSError"),
    ],
)
def test_a_failure_is_worded_without_a_word_of_the_proxys(error, said):
    assert why(error) == said


def test_a_database_of_another_version_is_refused_and_left_closed(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    shutil.copy(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    settings = Settings()
    settings.setmodule("tvspiders.settings")
    settings.set("DATABASE_URL", f"sqlite:///{path}")

    with pytest.raises(StorageProblem, match="9999"):
        ApiClient(settings, TokenSource("one-1"))
