"""The loopback address: one answer, on one path, from one origin; all else changes nothing."""

from __future__ import annotations

import asyncio
import http.client
from urllib.parse import urlsplit

import pytest

from tvspiders.errors import AccountProblem, ConfigProblem
from tvspiders.extras.account.attempt import Attempt
from tvspiders.extras.account.callback import LARGEST, Callback


def browse(back, method="GET", more="", body=None, path=None, **headers):
    """Status, headers and text of one request."""
    parts = urlsplit(back)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        connection.putrequest(method, (path or parts.path) + more, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read().decode()
    finally:
        connection.close()


def tried(*requests, implicit=False):
    """What became of each request, and the code that was found: or the problem, or ``None`` for neither."""

    async def run():
        attempt = Attempt.begin("4322", implicit)
        callback = Callback(attempt, 0)
        back = await callback.start()
        origin = back.removesuffix(attempt.path)
        replies = []
        for request in requests:
            given = {
                name: value.format(state=attempt.state, origin=origin) if isinstance(value, str) else value
                for name, value in request.items()
            }
            replies.append(await asyncio.to_thread(browse, back, **given))
        try:
            found = await asyncio.wait_for(callback.wait(), 0.05)
        except TimeoutError:
            found = None
        except AccountProblem as problem:
            found = problem
        await callback.stop()
        return replies, found

    return asyncio.run(run())


def test_the_code_is_taken_and_the_page_says_that_it_arrived():
    [(status, headers, text)], found = tried({"more": "?code=abc&state={state}"})

    assert (status, found) == (200, "abc")
    assert "has arrived" in text
    assert "abc" not in text
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script" not in text


@pytest.mark.parametrize(
    "request_",
    [
        {"path": "/"},
        {"path": "/callback", "more": "?code=abc"},
        {"path": "/callback/guessed", "more": "?code=abc"},
        {"path": "/favicon.ico"},
        {"more": "?code=abc", "Host": "attacker.example"},
        {"more": "?code=abc", "Host": "localhost"},
        {"more": "?code=abc", "method": "HEAD"},
        {"method": "POST", "body": b"code=abc", "Origin": "{origin}"},
        {"method": "OPTIONS", "more": "?code=abc"},
        {},
    ],
)
def test_what_is_not_the_answer_is_not_found_and_ends_nothing(request_):
    [(status, _, text)], found = tried(request_)

    assert (status, found) == (404, None)
    assert "tvspiders" not in text or "Not found" in text


def test_after_strangers_the_right_answer_is_still_taken():
    replies, found = tried({"path": "/nothing"}, {"more": "?code=abc&state={state}"})

    assert [reply[0] for reply in replies] == [404, 200]
    assert found == "abc"


def test_a_second_answer_comes_too_late():
    replies, found = tried({"more": "?code=first"}, {"more": "?code=second"})

    assert [reply[0] for reply in replies] == [200, 410]
    assert found == "first"


@pytest.mark.parametrize("more", ["?code=abc&state=wrong", "?error=access_denied", "?hello=1"])
def test_a_refusal_ends_the_wait(more):
    [(status, _, text)], found = tried({"more": more})

    assert status == 400
    assert "was not taken" in text
    assert isinstance(found, AccountProblem)


def test_the_page_for_a_fragment_may_run_its_own_script_only():
    [(status, headers, text)], found = tried({}, implicit=True)

    policy = headers["Content-Security-Policy"]
    assert (status, found) == (200, None)
    assert "<script>" in text
    assert "default-src 'none'; script-src 'sha256-" in policy
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == "no-store"


def test_a_posted_fragment_is_taken():
    body = b"access_token=abc&token_type=bearer"
    replies, found = tried({}, {"method": "POST", "body": body, "Origin": "{origin}"}, implicit=True)

    assert [reply[0] for reply in replies] == [200, 200]
    assert found == "abc"


@pytest.mark.parametrize(
    "request_",
    [
        {"body": b"access_token=abc"},
        {"body": b"access_token=abc", "Origin": "https://attacker.example"},
        {"body": b"access_token=abc", "Origin": "null"},
        {"body": b"access_token=" + b"a" * LARGEST, "Origin": "{origin}"},
    ],
)
def test_a_fragment_posted_by_another_page_is_not_taken(request_):
    [(status, _, _)], found = tried({"method": "POST", **request_}, implicit=True)

    assert (status, found) == (404, None)


def test_a_port_that_is_taken_is_told_with_what_to_do():
    async def run():
        first = Callback(Attempt.begin("4322", False), 0)
        port = urlsplit(await first.start()).port
        second = Callback(Attempt.begin("4322", False), port)
        try:
            with pytest.raises(ConfigProblem, match=f"port {port} cannot be listened on"):
                await second.start()
        finally:
            await first.stop()
            await second.stop()

    asyncio.run(run())


def test_it_listens_on_loopback_only():
    async def run():
        callback = Callback(Attempt.begin("4322", False), 0)
        back = await callback.start()
        await callback.stop()
        return back

    assert asyncio.run(run()).startswith("http://127.0.0.1:")


def test_a_torn_request_says_nothing_in_any_log(caplog, capfd):
    caplog.set_level("DEBUG")

    async def run():
        callback = Callback(Attempt.begin("4322", False), 0)
        port = urlsplit(await callback.start()).port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /callback?code=s3cretcode HTTP/9.9\r\nbad header\r\n\r\n")
        await writer.drain()
        await asyncio.wait_for(reader.read(), 60)  # until it has answered and closed
        writer.close()
        await callback.stop()

    asyncio.run(run())

    assert "s3cretcode" not in caplog.text + "".join(capfd.readouterr())
