"""The door's limits, with a clock of its own and without a network."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from tvspiders.extras.webhooks import endpoint as door_module
from tvspiders.extras.webhooks.endpoint import CUT, HEADERS, LARGEST, SECONDS, WebhookSite
from tvspiders.extras.webhooks.inbox import Outcome

PATH = "/orders/" + "s" * 43
PING = b'{"event": "ping"}'


class FakeInbox:
    """Keeps what it is given until the test answers."""

    def __init__(self):
        self.waiting = []
        self.full = False

    def put(self, event, answer):
        if not self.full:
            self.waiting.append((event, answer))
        return not self.full


class House:
    """A door, an inbox, and connections to it."""

    def __init__(self, **options):
        self.clock = Clock()
        reactor = SimpleNamespace(
            seconds=self.clock.seconds,
            callLater=self.clock.callLater,
            callFromThread=lambda call, *args: call(*args),
        )
        self.inbox = FakeInbox()
        self.door = WebhookSite(PATH, self.inbox, reactor, **options)

    def connect(self):
        channel = self.door.buildProtocol(IPv4Address("TCP", "127.0.0.1", 5))
        if channel is None:
            return None, None
        transport = StringTransport()
        channel.makeConnection(transport)
        return channel, transport

    def send(self, data):
        channel, transport = self.connect()
        channel.dataReceived(data)
        return channel, transport


@pytest.fixture
def house():
    return House()


def post(body, *headers, path=PATH, method="POST", kind="application/json"):
    lines = [f"{method} {path} HTTP/1.1", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def status(transport):
    return int(transport.value().split(b" ")[1])


def test_nothing_is_answered_before_the_event_is_stored(house):
    _, transport = house.send(post(PING))
    assert transport.value() == b""

    [(event, answer)] = house.inbox.waiting
    answer(Outcome.STORED)

    assert event.event == "ping"
    assert status(transport) == 200
    assert transport.value().endswith(b'{"ok": "stored"}\n')
    assert transport.disconnecting
    assert house.door.counts == {"stored": 1}


@pytest.mark.parametrize(
    ("outcome", "code"), [(Outcome.KNOWN, 200), (Outcome.LATER, 503), (Outcome.REFUSED, 500)]
)
def test_the_status_says_whether_to_send_again(house, outcome, code):
    _, transport = house.send(post(PING))

    house.inbox.waiting[0][1](outcome)

    assert status(transport) == code
    assert (b"Retry-After" in transport.value()) is (code == 503)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (post(PING, path="/"), 404),
        (post(PING, path=PATH + "/"), 404),
        (post(PING, path=PATH + "?x=1"), 0),
        (post(PING, method="GET"), 405),
        (post(PING, kind="text/plain"), 415),
        (post(PING, "Content-Encoding: gzip"), 415),
        (post(PING.ljust(LARGEST)), 0),
        (post(PING.ljust(LARGEST + 1)), 413),
        (post(b"{"), 400),
    ],
)
def test_what_is_refused_is_refused_at_once(house, request_, code):
    _, transport = house.send(request_)

    assert (status(transport) if transport.value() else 0) == code
    assert len(house.inbox.waiting) == (code == 0)


def test_when_too_many_wait_the_sender_is_told_to_come_again(house):
    house.inbox.full = True

    _, transport = house.send(post(PING))

    assert status(transport) == 503


def test_a_body_that_is_too_large_is_not_kept(house):
    channel, transport = house.connect()
    channel.dataReceived(post(b"x" * (CUT - 1000)))

    assert status(transport) == 413
    assert house.door.counts == {"413": 1}


def test_one_that_goes_on_and_on_is_cut(house):
    channel, transport = house.connect()
    channel.dataReceived(f"POST {PATH} HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n".encode())
    for _ in range(CUT // 65536):
        channel.dataReceived(b"x" * 65536)

    assert transport.disconnected
    assert house.door.counts == {"cut": 1}


def test_one_that_trickles_is_cut_by_the_clock(house):
    channel, transport = house.connect()
    for byte in post(PING)[:-1]:
        house.clock.advance(SECONDS / 1000)
        channel.dataReceived(bytes([byte]))
    assert not transport.disconnected

    house.clock.advance(SECONDS)

    assert transport.disconnected


def test_a_sender_that_is_gone_before_the_answer_does_no_harm(house):
    from twisted.internet.error import ConnectionLost
    from twisted.python.failure import Failure

    channel, _ = house.send(post(PING))
    channel.connectionLost(Failure(ConnectionLost()))

    house.inbox.waiting[0][1](Outcome.STORED)

    assert house.door.counts == {"stored": 1}
    assert not house.door.open


def test_for_one_connection_too_many_the_slowest_is_cut():
    house = House(connections=2)
    _, answered = house.send(post(PING))
    silent, standing = house.connect()

    _, transport = house.send(post(PING))
    for _, answer in house.inbox.waiting:
        answer(Outcome.STORED)

    assert silent is not None
    assert standing.disconnected
    assert (status(answered), status(transport)) == (200, 200)
    assert house.door.counts == {"cut": 1, "stored": 2}


def test_a_head_that_is_not_whole_in_time_is_cut_and_a_body_has_longer(house):
    channel, transport = house.send(post(PING)[:-1])
    _, headless = house.send(post(PING)[:20])

    house.clock.advance(HEADERS)

    assert (headless.disconnected, transport.disconnected) == (True, False)
    channel.dataReceived(b"}")
    assert len(house.inbox.waiting) == 1


def test_where_all_are_being_answered_one_more_is_turned_away():
    house = House(connections=2)
    first, _ = house.send(post(PING))
    house.send(post(PING))
    assert house.connect()[0] is None

    from twisted.internet.error import ConnectionDone
    from twisted.python.failure import Failure

    first.connectionLost(Failure(ConnectionDone()))
    assert house.connect()[0] is not None
    assert house.door.counts == {"turned away": 1}


def test_an_error_of_ours_answers_500_and_names_no_address(house, monkeypatch, caplog):
    def broken(body, keep):
        raise RuntimeError("a bug")

    monkeypatch.setattr(door_module, "read_event", broken)
    _, transport = house.send(post(PING))

    assert status(transport) == 500
    assert "a bug" in caplog.text
    assert PATH not in caplog.text
