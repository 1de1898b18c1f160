import gzip
import ssl
import subprocess
import threading
import time
import urllib.request
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, IncompleteRead

import pytest

from tests.sandbox.client import fetch
from tests.sandbox.sites import api_of
from tests.support.crawling import until
from tvspiders.sandbox import Quota, SandboxConfig, running, server
from tvspiders.sandbox.server import KEEP_ALIVE


@pytest.fixture(scope="module")
def sandbox():
    with running(SandboxConfig(things=1000)) as running_sandbox:
        yield running_sandbox


def test_the_socket_answers_what_the_site_answers(sandbox):
    plain = api_of(things=1000)

    for target in (
        "/things/2",
        "/things/999999",
        "/search/a%2Fb%3Fc%23d%26e",
        "/users/makerbot",
        "/categories",
    ):
        assert fetch(sandbox.url, target).body == plain.answer(target).body


def test_headers_are_the_recorded_ones(sandbox):
    headers = fetch(sandbox.url, "/users/MakerBot/things").headers

    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["vary"] == "Accept-Encoding, Authorization,Cookie"
    assert headers["cache-control"] == "max-age=3600"
    assert headers["server"] == "cloudflare"
    assert headers["link"].startswith(f"<{sandbox.url}/users/MakerBot/things?page=2>")
    for never in ("etag", "last-modified", "retry-after", "x-ratelimit-remaining"):
        assert never not in headers


def test_the_front_server_sets_its_cookies_on_every_answer(sandbox):
    for target, token in (("/things/2", "t"), ("/things/999999", "t"), ("/things/2", None)):
        connection = HTTPConnection("127.0.0.1", int(sandbox.url.rpartition(":")[2]), timeout=60)
        connection.request("GET", target, headers={"Authorization": f"Bearer {token}"} if token else {})
        cookies = connection.getresponse().headers.get_all("Set-Cookie")
        connection.close()
        assert [cookie.partition("=")[0] for cookie in cookies] == ["__cf_bm", "_cfuvid"]


def test_headers_of_errors_are_the_recorded_ones(sandbox):
    missing = fetch(sandbox.url, "/things/999999").headers
    nobody = fetch(sandbox.url, "/categories", token=None).headers

    assert missing["vary"] == "Authorization,Cookie"
    assert missing["expires"] == "Thu, 19 Nov 1981 08:52:00 GMT"
    assert missing["speculation-rules"] == '"/cdn-cgi/speculation"'
    assert missing["alt-svc"] == 'h3=":443"; ma=86400'
    assert nobody["www-authenticate"] == "Bearer V1"
    assert nobody["access-control-allow-methods"] == "GET, PUT, POST, DELETE, PATCH, OPTIONS"
    assert nobody["access-control-expose-headers"] == "Content-Disposition"


def test_long_answers_are_compressed_for_who_accepts_it(sandbox):
    plain = fetch(sandbox.url, "/things/2")
    packed = fetch(sandbox.url, "/things/2", Accept_Encoding="gzip, deflate")

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2


def test_the_token_comes_in_the_header_or_in_the_query(sandbox):
    assert fetch(sandbox.url, "/categories", token=None).status == 401
    assert fetch(sandbox.url, "/categories?access_token=x", token=None).status == 200
    assert fetch(sandbox.url, "/categories", token=None, Authorization="Basic eDp5").status == 401
    assert sandbox.journal[-2].target == "/categories"


def test_other_methods_are_there_for_likes_only(sandbox):
    assert fetch(sandbox.url, "/things/2/copies", method="POST").status == 404
    assert fetch(sandbox.url, "/things/2/likes", method="PUT").status == 404
    assert fetch(sandbox.url, "/things/2", method="HEAD").status == 200


def test_the_limiter_closes_the_window_for_the_token(sandbox):
    with running(SandboxConfig(things=100, quota=Quota(3, 3600))) as limited:
        statuses = [fetch(limited.url, "/categories").status for _ in range(5)]
        other = fetch(limited.url, "/categories", token="u").status

        assert statuses == [200, 200, 200, 429, 429]
        assert other == 200
        assert limited.counters["limited"] == 2


def test_a_stalled_answer_never_comes_and_does_not_hold_up_the_end():
    with running(SandboxConfig(things=100, rate_stall=1.0)) as stalled:
        connection = HTTPConnection(stalled.url.removeprefix("http://"), timeout=0.2)
        connection.request("GET", "/categories", headers={"Authorization": "Bearer t"})
        until(lambda: stalled.waiting == 1)
        with pytest.raises(TimeoutError):
            connection.getresponse()
    connection.close()


def test_who_hangs_up_on_a_stalled_answer_leaves_nothing_behind():
    with running(SandboxConfig(things=100, rate_stall=1.0)) as stalled:
        before = threading.active_count()
        for _ in range(5):
            with pytest.raises(TimeoutError):
                fetch(stalled.url, "/categories", timeout=0.05)
        until(lambda: not stalled.waiting)

        assert threading.active_count() == before


def test_held_requests_are_counted_when_they_come_and_answered_when_they_are_let_go(sandbox):
    sandbox.reset()
    sandbox.hold(after=2)
    with ThreadPoolExecutor() as pool:
        replies = [pool.submit(fetch, sandbox.url, f"/things/{number}") for number in range(2, 6)]
        until(lambda: sum(reply.done() for reply in replies) == 2)
        until(lambda: sandbox.counters["requests"] == 4 and sandbox.waiting == 2)
        sandbox.hold(after=3)
        until(lambda: sum(reply.done() for reply in replies) == 3)
        assert sandbox.waiting == 1
        sandbox.release()

    assert [reply.result().status for reply in replies] == [200] * 4
    assert sandbox.waiting == 0
    assert fetch(sandbox.url, "/things/2").status == 200


def test_a_reset_lets_go_of_what_is_held(sandbox):
    sandbox.reset()
    sandbox.hold(after=0)
    with ThreadPoolExecutor() as pool:
        reply = pool.submit(fetch, sandbox.url, "/things/2")
        until(lambda: sandbox.waiting)
        sandbox.reset()

    assert reply.result().status == 200


def test_a_truncated_answer_promises_more_than_it_sends():
    with running(SandboxConfig(things=100, rate_truncated=1.0)) as truncated, pytest.raises(IncompleteRead):
        fetch(truncated.url, "/things/2")


def test_a_slow_answer_comes_byte_by_byte(monkeypatch):
    monkeypatch.setattr(server, "SLOW", 0.001)
    with running(SandboxConfig(things=100, rate_slow=1.0)) as slow:
        started = time.perf_counter()
        body = fetch(slow.url, "/categories/other").body
        took = time.perf_counter() - started

    assert body == api_of(things=100).answer("/categories/other").body
    assert took > len(body) * 0.001


def test_a_bomb_is_not_packed_twice():
    with running(SandboxConfig(things=100, rate_bomb=1.0)) as bombing:
        reply = fetch(bombing.url, "/categories", Accept_Encoding="gzip")

    assert reply.headers["content-encoding"] == "gzip"
    assert gzip.decompress(reply.body).strip() == b"[]"


def test_a_reset_is_a_reset():
    refused = pytest.raises(ConnectionResetError)
    with running(SandboxConfig(things=100, rate_reset=1.0)) as resetting, refused as caught:
        fetch(resetting.url, "/things/2")

    assert type(caught.value) is ConnectionResetError  # a mere end is a subclass of it


def test_latency_is_waited_for():
    with running(SandboxConfig(things=100, latency=120)) as slow:
        started = time.perf_counter()
        fetch(slow.url, "/categories")
        assert time.perf_counter() - started >= 0.12


def test_an_address_can_be_blocked(sandbox):
    sandbox.front.blocked.add("127.0.0.3")
    host, port = sandbox.url.removeprefix("http://").split(":")
    connection = HTTPConnection(host, int(port), timeout=0.3, source_address=("127.0.0.3", 0))
    connection.request("GET", "/categories", headers={"Authorization": "Bearer t"})

    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    assert fetch(sandbox.url, "/categories").status == 200


def test_the_sandbox_can_be_its_own_proxy_with_sessions(sandbox):
    sandbox.front.blocked.add("user-session-7")
    host, port = sandbox.url.removeprefix("http://").split(":")

    def through(session, timeout):
        login = b64encode(f"{session}:secret".encode()).decode()
        return fetch(
            f"http://{host}:{port}",
            f"http://{host}:{port}/things/2",
            timeout=timeout,
            Proxy_Authorization=f"Basic {login}",
        )

    assert through("user-session-6", 5).json()["id"] == 2
    with pytest.raises(TimeoutError):
        through("user-session-7", 0.2)
    assert {"user-session-6", "user-session-7"} <= sandbox.counters["by_session"].keys()


def test_an_idle_connection_is_kept_longer_than_75_seconds(sandbox):
    host, port = sandbox.url.removeprefix("http://").split(":")
    connection = HTTPConnection(host, int(port), timeout=60)
    for _ in range(3):
        connection.request("GET", "/categories", headers={"Authorization": "Bearer t"})
        answer = connection.getresponse()
        answer.read()
        assert answer.headers.get("Connection") != "close"
    connection.close()

    assert KEEP_ALIVE > 75


def test_the_clock_can_be_advanced_beside_a_test():
    with running(SandboxConfig(things=1000)) as moving:
        before = fetch(moving.url, "/things/2").json()
        assert moving.advance(30) == 30
        after = fetch(moving.url, "/things/2").json()

        assert after["download_count"] > before["download_count"]
        assert moving.oracle.thing(2)["download_count"] == after["download_count"]


def test_it_speaks_tls_with_a_certificate(tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command = ["openssl", "req", "-x509", *curve, "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)

    with running(SandboxConfig(things=100, certfile=str(certificate), keyfile=str(key))) as secure:
        context = ssl.create_default_context(cafile=str(certificate))
        request = urllib.request.Request(secure.url + "/categories", headers={"Authorization": "Bearer t"})
        with urllib.request.urlopen(request, context=context, timeout=60) as answer:
            assert answer.status == 200
        assert secure.url.startswith("https://127.0.0.1:")


def test_it_listens_on_the_one_address_only(sandbox):
    other = sandbox.url.replace("127.0.0.1", "127.0.0.2")

    with pytest.raises(ConnectionRefusedError):
        fetch(other, "/categories")
