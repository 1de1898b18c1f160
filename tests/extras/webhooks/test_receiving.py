"""The receiver as people start it: a process, a database, good and bad deliveries, kills."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from tests.extras.webhooks.deliveries import STATES, Delivery, deliver, deliveries, order, post, send
from tests.extras.webhooks.receiver import Receiver
from tvspiders.extras.webhooks.endpoint import SECONDS

NUMBER = 400
"""Deliveries of the short form; ``benchmarks/webhooks.py`` sends 10,000."""


@pytest.fixture
def receiver(tmp_path):
    receiver = Receiver(tmp_path)
    yield receiver
    receiver.stop(signal.SIGKILL)


def event(receiver, name, number=5, **fields):
    body = json.dumps({"event": name, "order": order(number, random.Random(1)) | fields}).encode()
    return Delivery("event", post(receiver.path, body), frozenset({200}), (number, name))


def answer(receiver, delivery):
    return asyncio.run(send(receiver.host, receiver.port, delivery))


def test_every_well_formed_event_is_stored_once_among_bad_ones(receiver):
    record = asyncio.run(
        deliver(receiver.host, receiver.port, deliveries(receiver.path, NUMBER, slow=0), at_once=8)
    )

    assert record.wrong == []
    rows = receiver.rows("SELECT order_id, event FROM order_events")
    assert len(rows) == len(set(rows))
    assert set(rows) == record.stored
    orders = {number for number, _ in record.stored if number is not None}
    assert sorted(receiver.rows("SELECT id, state FROM orders")) == [
        (number, "refunded") for number in sorted(orders)
    ]
    assert receiver.stop() == 0
    assert "Traceback" not in receiver.said


def test_a_sender_that_stands_still_holds_up_nobody(receiver):
    body = json.dumps({"event": "order_created", "order": {"id": 3}}).encode()

    async def beside() -> int:
        standing = [await asyncio.open_connection(receiver.host, receiver.port) for _ in range(20)]
        for _, writer in standing:
            writer.write(post(receiver.path, body)[:-3])
        status = await send(receiver.host, receiver.port, event(receiver, "order_created"))
        for _, writer in standing:
            writer.close()
        return status

    assert asyncio.run(beside()) == 200
    assert receiver.rows("SELECT id FROM orders") == [(5,)]


def test_three_hundred_senders_that_say_nothing_hold_up_nobody(receiver):
    async def beside() -> tuple[int, float]:
        silent = [await asyncio.open_connection(receiver.host, receiver.port) for _ in range(300)]
        began = time.monotonic()
        status = await send(receiver.host, receiver.port, event(receiver, "order_created"))
        took = time.monotonic() - began
        for _, writer in silent:
            writer.close()
        return status, took

    status, took = asyncio.run(beside())

    assert status == 200
    assert took < SECONDS / 2  # which the silent ones have


def test_the_address_is_whole_on_one_line_secret_and_the_same_after_a_restart(receiver, tmp_path):
    before = receiver.path
    answer(receiver, event(receiver, "order_created"))
    receiver.stop()
    receiver.start()

    assert receiver.path == before
    assert len(before.rpartition("/")[2]) >= 43
    assert (tmp_path / "webhooks.secret").stat().st_mode & 0o077 == 0
    assert "signs nothing" in receiver.process.stdout.readline()
    assert before.rpartition("/")[2] not in receiver.said


def test_what_was_answered_is_there_after_a_kill(receiver):
    answered = set()
    lock = threading.Lock()

    async def sender(first: int) -> None:
        number = first
        while True:
            delivery = event(receiver, "order_created", number)
            try:
                status = await send(receiver.host, receiver.port, delivery)
            except OSError:
                return
            if status != 200:
                return
            with lock:
                answered.add(number)
            if len(answered) == 60:
                receiver.process.kill()
            number += 8

    async def all_of_them() -> None:
        await asyncio.gather(*(sender(first) for first in range(1, 9)))

    asyncio.run(all_of_them())
    receiver.process.wait(30)

    stored = {number for (number,) in receiver.rows("SELECT order_id FROM order_events")}
    assert len(answered) >= 60
    assert answered <= stored


@pytest.mark.parametrize("backwards", [False, True])
def test_an_order_never_moves_back_whatever_the_order_of_arrival(receiver, backwards):
    names = sorted(STATES, key=list(STATES).index, reverse=backwards)
    for name in names:
        assert answer(receiver, event(receiver, name, status=f"after {name}")) == 200

    assert receiver.rows("SELECT id, state, status FROM orders") == [(5, "refunded", "after order_refunded")]


@pytest.mark.parametrize(("options", "kept"), [((), False), (("--keep-addresses",), True)])
def test_addresses_are_stored_only_when_asked_for(tmp_path, options, kept):
    receiver = Receiver(tmp_path, *options)
    answer(receiver, event(receiver, "order_created"))
    receiver.stop()

    assert ("Layer Lane" in str(receiver.rows("SELECT * FROM orders"))) is kept
    assert ("Layer Lane" in str(receiver.rows("SELECT * FROM order_events"))) is kept
    assert (b"Layer Lane" in (tmp_path / "orders.db").read_bytes()) is kept


def test_a_taken_port_ends_it_with_one_line(receiver):
    command = [sys.executable, "-m", "scrapy", "webhooks", "--port", str(receiver.port)]
    ended = subprocess.run(
        command, cwd=receiver.folder, env=receiver.environment, capture_output=True, text=True
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"tvspiders: cannot listen on 127.0.0.1:{receiver.port} (")
    assert ended.stderr.count("\n") == 1


def test_a_newer_program_that_upgrades_the_database_ends_it_cleanly(receiver):
    assert answer(receiver, event(receiver, "order_created")) == 200
    database = sqlite3.connect(receiver.folder / "orders.db")
    with database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    refused = answer(receiver, event(receiver, "order_shipped"))

    assert refused == 503
    assert receiver.process.wait(30) == 1
    assert "was upgraded to schema 9999 by a newer tvspiders" in receiver.said
    assert "Traceback" not in receiver.said
    assert receiver.rows("SELECT event FROM order_events") == [("order_created",)]
