"""The API's client outside of a crawl: how it words what fails, and which databases it refuses."""

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

from tvspiders.console.api.client import ApiClient
from tvspiders.console.api.http import why
from tvspiders.errors import StorageProblem
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.storage.database.engine import open_engine, writing

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
