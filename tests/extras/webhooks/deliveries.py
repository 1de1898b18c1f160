"""Deliveries of every kind, good and bad, and a client that sends them as raw bytes."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

LARGEST = 65_536
STATES = {"order_created": "created", "refund_requested": "refund_requested", "order_refunded": "refunded"}
GOOD = ("event", "duplicate", "ping", "unknown event", "unknown event without order", "largest", "chunked")
BAD_REQUESTS = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET\r\n\r\n",
    b"POST {path} HTTP/1.1\r\nContent-Length: -5\r\n\r\nhello",
    b"POST {path} HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST {path} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    b"POST {path} HTTP/1.1\r\n" + b"X: y\r\n" * 600 + b"\r\n",
    b"POST {path} HTTP/1.1\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
    b"\r\n\r\n\r\n",
)


@dataclass(frozen=True)
class Delivery:
    """One connection: what is sent, and what must come of it."""

    kind: str
    sent: bytes
    answers: frozenset[int]
    """Statuses that are right; 0 is a connection that was closed without one."""
    key: tuple[int | None, str] | None = None
    """Order and event that must be stored, or nothing."""
    manner: str = "whole"
    """``whole``, ``cut`` (closed by the sender half-way) or ``slow`` (stands still half-way)."""


@dataclass
class Record:
    """What came of many deliveries."""

    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    stored: set[tuple[int | None, str]] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    """Of answers 200."""


def order(number: int, dice: random.Random) -> dict[str, Any]:
    """A made-up order."""
    return {
        "id": dice.choice([number, str(number)]),
        "thing_id": 763_000 + number % 97,
        "amount": f"{dice.randint(1, 300)}.{dice.randint(0, 99):02}",
        "date": "2026-11-20 10:11:12",
        "charges": [{"name": "print", "amount": "3.10"}],
        "fees": {"platform": "0.30"},
        "address": {"name": "Pia Print", "street": "Layer Lane 1", "city": "Nozzleton"},
        "is_shipped": dice.choice(["0", "1", "yes", "no"]),
        "status": "paid",
        "note": dice.choice(["", "gr\u00fcn, bitte", "a\u0000b", "\U0001f600" * 20]),
    }


def post(
    path: str, body: bytes, kind: str = "application/json", method: str = "POST", more: str = ""
) -> bytes:
    """A request as bytes."""
    typed = f"Content-Type: {kind}\r\n" if kind else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{typed}{more}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def deliveries(path: str, number: int, seed: int = 1, slow: int = 4) -> Iterator[Delivery]:
    """So many deliveries at random, about half of them good; the events of an order come in any order."""
    dice = random.Random(seed)
    pairs = [(10_000 + n, event) for n in range(number // 8) for event in STATES]
    dice.shuffle(pairs)
    sent: list[tuple[int, str]] = []
    stalls = set(dice.sample(range(number // 4), slow))
    for place in range(number):
        if place in stalls:
            body = json.dumps({"event": "order_created", "order": order(1, dice)}).encode()
            yield Delivery("slow", post(path, body)[:-20], frozenset({0}), manner="slow")
        elif dice.random() < 0.45 and pairs:
            yield _good(path, dice, pairs, sent)
        else:
            yield _bad(path, dice, sent)
    for pair in pairs:
        yield _event(path, dice, "event", *pair)


def _event(path: str, dice: random.Random, kind: str, number: int, event: str) -> Delivery:
    body = json.dumps({"event": event, "order": order(number, dice)}).encode()
    typed = dice.choice(["application/json", "Application/JSON; charset=utf-8"])
    return Delivery(kind, post(path, body, typed), frozenset({200}), (number, event))


def _good(
    path: str, dice: random.Random, pairs: list[tuple[int, str]], sent: list[tuple[int, str]]
) -> Delivery:
    kind = dice.choices(GOOD, (60, 20, 2, 6, 6, 3, 3))[0]
    if kind == "duplicate" and sent:
        return _event(path, dice, kind, *dice.choice(sent))
    if kind == "ping":
        return Delivery(kind, post(path, b'{"event": "ping"}'), frozenset({200}), (None, "ping"))
    if kind == "unknown event":
        number, event = dice.choice(pairs)[0], f"order_{dice.choice(['shipped', 'lost', 'paid'])}"
        sent.append((number, event))
        return _event(path, dice, kind, number, event)
    if kind == "unknown event without order":
        event = f"news_{dice.randint(1, 1000)}"
        return Delivery(
            kind, post(path, json.dumps({"event": event, "x": [1]}).encode()), frozenset({200}), (None, event)
        )
    number, event = pairs.pop()
    sent.append((number, event))
    if kind == "largest":
        body = json.dumps({"event": event, "order": order(number, dice)}).encode()
        return Delivery(kind, post(path, body.ljust(LARGEST)), frozenset({200}), (number, event))
    if kind == "chunked":
        body = json.dumps({"event": event, "order": order(number, dice)}).encode()
        parts = [body[at : at + 70] for at in range(0, len(body), 70)]
        chunks = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts) + b"0\r\n\r\n"
        head = f"POST {path} HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        return Delivery(kind, head.encode() + chunks, frozenset({200}), (number, event))
    return _event(path, dice, "event", number, event)


def _bad(path: str, dice: random.Random, sent: list[tuple[int, str]]) -> Delivery:
    good = json.dumps({"event": "order_created", "order": order(dice.randint(1, 9_999), dice)}).encode()
    kind = dice.choice(
        [
            "oversized",
            "malformed",
            "no event",
            "wrong type",
            "wrong address",
            "wrong method",
            "cut",
            "broken http",
        ]
    )
    match kind:
        case "oversized":
            size = dice.choice([LARGEST + 1, 100_000, 400_000, 3_000_000])
            late = {0, 413} if size > 300_000 else {413}
            return Delivery(kind, post(path, good.ljust(size)), frozenset(late))
        case "malformed":
            return Delivery(kind, post(path, _spoilt(good, dice)), frozenset({400}))
        case "no event":
            document = dice.choice(
                [
                    [], 7, "ping", {}, {"event": None}, {"event": 5}, {"event": ""}, {"event": ["ping"]},
                    {"event": "x" * 300}, {"event": "order_created"}, {"event": "order_created", "order": []},
                    {"event": "order_refunded", "order": {"id": 0}},
                    {"event": "order_refunded", "order": {"id": -4}},
                    {"event": "order_refunded", "order": {"id": True}},
                    {"event": "order_refunded", "order": {"id": 2**63}},
                    {"event": "order_refunded", "order": {"id": "12a"}},
                ]
            )  # fmt: skip
            return Delivery(kind, post(path, json.dumps(document).encode()), frozenset({400}))
        case "wrong type":
            types = [
                "",
                "text/plain",
                "text/json",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
            ]
            if dice.random() < 0.2:
                packed = post(path, good, more="Content-Encoding: gzip\r\n")
                return Delivery(kind, packed, frozenset({415}))
            return Delivery(kind, post(path, good, dice.choice(types)), frozenset({415}))
        case "wrong address":
            other = dice.choice(
                ["/", "/orders", path[:-1], path + "x", path + "/", path.upper(), "/../etc/passwd"]
            )
            return Delivery(kind, post(other, good), frozenset({404}))
        case "wrong method":
            return Delivery(
                kind, post(path, good, method=dice.choice(["GET", "PUT", "DELETE", "X"])), frozenset({405})
            )
        case "cut":
            whole = post(path, good)
            return Delivery(kind, whole[: dice.randint(1, len(whole) - 1)], frozenset({0}), manner="cut")
    raw = dice.choice(BAD_REQUESTS).replace(b"{path}", path.encode())
    return Delivery(kind, raw, frozenset({0, 400, 404, 405, 415}), manner="cut")


def _spoilt(body: bytes, dice: random.Random) -> bytes:
    """A body that is not JSON any more, for certain."""
    while True:
        match dice.randrange(6):
            case 0:
                spoilt = body[: dice.randrange(len(body))]
            case 1:
                spoilt = bytes(dice.randrange(256) for _ in range(dice.randint(0, 200)))
            case 2:
                at = dice.randrange(len(body))
                spoilt = body[:at] + bytes([dice.randrange(256)]) + body[at + 1 :]
            case 3:
                spoilt = b"[" * dice.choice([200, 30_000])
            case 4:
                spoilt = body.replace(b'"paid"', dice.choice([b"NaN", b"1e999", b"9" * 5000, b"'paid'"]))
            case _:
                spoilt = body + dice.choice([body, b",", b"\x00"])
        try:
            json.loads(
                spoilt,
                parse_constant=lambda name: 1 / 0,
                parse_float=lambda text: 1 // int(float(text) < 1e300),
            )
        except (ValueError, ArithmeticError, RecursionError):
            return spoilt


async def send(host: str, port: int, delivery: Delivery) -> int:
    """Deliver, and return the status of the answer, 0 without one."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(delivery.sent)
        if delivery.manner == "cut":
            await writer.drain()
            writer.write_eof()
        head = await reader.read(100_000)
        return int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/1.1 ") else 0
    except OSError:
        return 0
    finally:
        writer.close()


async def deliver(host: str, port: int, wanted: Iterator[Delivery], at_once: int = 16) -> Record:
    """Send all deliveries, so many at a time; those that stand still are waited for at the very end."""
    record = Record()
    slow: list[asyncio.Task[None]] = []

    async def one(delivery: Delivery) -> None:
        started = time.perf_counter()
        status = await send(host, port, delivery)
        took = time.perf_counter() - started
        record.kinds[delivery.kind] += 1
        if status not in delivery.answers:
            record.wrong.append(f"{delivery.kind} was answered {status}: {delivery.sent[:300]!r}")
        if status == 200:
            record.seconds.append(took)
            if delivery.key is not None:
                record.stored.add(delivery.key)

    async def work() -> None:
        for delivery in wanted:
            if delivery.manner == "slow":
                slow.append(asyncio.ensure_future(one(delivery)))
            else:
                await one(delivery)

    await asyncio.gather(*(work() for _ in range(at_once)))
    await asyncio.gather(*slow)
    return record
