"""Single requests: what could not leave is told apart from what was not answered."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import threading
import time

import pytest

from tests.support.api_server import serving
from tests.support.crawling import until
from tvspiders.console.api import http
from tvspiders.errors import NoReply, NotSent
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import running

WHAT = "the API/THINGIVERSE_API_URL"


def send(url, method="GET", headers=None, **more):
    return asyncio.run(http.send(method, url, headers or {}, what=WHAT, **more))


@pytest.fixture(scope="module")
def sandbox():
    with running(SandboxConfig(things=100)) as sandbox:
        yield sandbox


def test_the_answer_comes_with_status_headers_and_body(sandbox):
    reply = send(f"{sandbox.url}/categories")

    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"] == "Bearer V1"
    assert b"NO_TOKEN_PROVIDED" in reply.body


def test_a_form_travels_in_the_body(sandbox):
    reply = send(f"{sandbox.url}/login/oauth/tokeninfo", "POST", form={"access_token": "s3cret"})

    assert reply.status == 400
    assert sandbox.journal[-1].target == "/login/oauth/tokeninfo"


def test_a_redirect_is_not_followed():
    with serving(host="127.0.0.2") as stranger, serving(stranger.url) as api:
        reply = send(f"{api.url}/redirect/1", headers={"Authorization": "Bearer s3cret"})

    assert reply.status == 302
    assert stranger.seen == []


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    with serving() as proxy, serving() as api:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert send(f"{api.url}/things/1").status == 200

    assert proxy.seen == []


def test_no_connection_means_not_sent():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/secret/path?code=s3cret"
        with pytest.raises(NotSent, match=r"the API at 127\.0\.0\.1 cannot be reached") as told:
            send(url)

    assert "s3cret" not in str(told.value)
    assert "THINGIVERSE_API_URL" in str(told.value)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("behaviour", ["reset", "hang"])
def test_a_request_that_is_not_answered_was_sent_once(behaviour, method):
    with serving() as api:
        with pytest.raises(NoReply, match="did not answer"):
            send(f"{api.url}/{behaviour}/1", method, timeout=0.5)

        until(lambda: api.seen)
        assert len(api.seen) == 1


def test_a_name_server_that_is_silent_holds_nothing_up(monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: answered.wait(60))
    began = time.monotonic()

    with pytest.raises(NotSent, match=r"no answer within 0\.2 s"):
        send("http://api.example/things/1", timeout=0.2)

    assert time.monotonic() - began < 30
    answered.set()


@pytest.mark.parametrize("fault", ["truncated", "slow"])
def test_half_an_answer_is_none(sandbox, fault):
    sandbox.front.faults.set(fault, 1.0)
    try:
        with pytest.raises(NoReply):
            send(f"{sandbox.url}/categories", headers={"Authorization": "Bearer t"}, timeout=1.0)
    finally:
        sandbox.front.faults.set(fault, 0.0)


def test_no_more_is_read_than_allowed(sandbox):
    headers = {"Authorization": "Bearer t", "Accept-Encoding": "gzip"}

    assert len(send(f"{sandbox.url}/things/2", headers=headers, largest=100).body) == 100


def test_a_certificate_that_nobody_signed_gets_nothing(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    names = "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 {names} -keyout {key} -out {certificate}"
    subprocess.run(command.split(), check=True, capture_output=True)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)

    with serving(tls=tls) as api:
        with pytest.raises(NotSent, match="its certificate cannot be verified"):
            send(f"{api.url}/login/oauth/access_token", "POST", form={"client_secret": "s3cret"})

        assert api.seen == []
