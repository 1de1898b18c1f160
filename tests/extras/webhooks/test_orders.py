"""Order events: what is one, what is kept of it, and what they say of an order together."""

from __future__ import annotations

import itertools
import json

import pytest

from tvspiders.errors import AnswerRefused
from tvspiders.extras.webhooks.orders import REDACTED, STATES, order_row, read_event

ORDER = {
    "id": "41",
    "thing_id": 763622,
    "amount": "12.50",
    "date": "2026-11-20 10:11:12",
    "is_shipped": "no",
    "charges": [{"amount": "3"}],
    "address": {"street": "Layer Lane 1"},
    "buyer": {"Billing_Address": "Layer Lane 2", "phone": "+49 1", "email": "pia@example.org", "name": None},
}


def body(event="order_created", **changes):
    return json.dumps({"event": event, "order": ORDER | changes}).encode()


def test_an_event_is_known_by_its_order_and_name():
    first, again = read_event(body()), read_event(body(id=41, note="sent once more"))

    assert (first.order_id, first.event) == (41, "order_created")
    assert first.key == again.key
    assert first.key != read_event(body(event="order_refunded")).key


@pytest.mark.parametrize("gap", [b"\n    ", b" ", b""])
def test_the_official_examples_without_a_comma_are_read_as_if_it_were_there(gap):
    whole = body()

    found = read_event(whole.replace(b'"order_created", ', b'"order_created"' + gap))

    assert found == read_event(whole)


@pytest.mark.parametrize(
    "text",
    [
        b'{"event": "order_created" "order": {"id": 1}',
        b'{"order": {"id": 1} "event": "order_created"}',
        b'{"event": "order_created" order: 1}',
    ],
)
def test_other_bodies_that_are_no_json_are_refused(text):
    with pytest.raises(AnswerRefused) as refused:
        read_event(text)

    assert refused.value.reason == "not-json"


def test_a_ping_has_no_order_even_if_it_brings_one():
    assert read_event(b'{"event": "ping"}').order_id is None
    assert read_event(body("ping")).key == read_event(b'{"event": "ping"}').key


def test_an_unknown_event_is_kept_with_and_without_an_order():
    with_order, without = read_event(body("order_shipped")), read_event(b'{"event": "news", "text": "a"}')

    assert with_order.order_id == 41
    assert without.order_id is None
    assert json.loads(without.payload) == {"event": "news", "text": REDACTED}
    assert without.key == read_event(b'{"event":"news","text":"a"}').key
    assert without.key != read_event(b'{"event": "news", "text": "b"}').key


def test_addresses_and_telephone_numbers_are_redacted_at_any_depth():
    payload = json.loads(read_event(body()).payload)["order"]

    assert payload["address"] == REDACTED
    assert payload["buyer"] == {"Billing_Address": REDACTED, "phone": REDACTED, "name": None}


def test_kept_addresses_are_kept_but_never_an_email():
    payload = json.loads(read_event(body(), keep_addresses=True).payload)["order"]

    assert payload["address"] == ORDER["address"]
    assert "email" not in payload["buyer"]


PERSONAL = {
    "name": "Jane Doe",
    "buyer_name": "Jane Doe",
    "recipient": "Jane Doe",
    "ship_to": "Jane Doe, Layer Lane 1",
    "street": "Layer Lane 1",
    "zip": "12345",
    "postcode": 12345,
    "city": "Nozzleton",
    "contact": "jane@doe.example",
    "mobile": "+49 170 1234567",
    "tel": 491701234567,
    "fax": "0170-1234567",
    "handle": "@janedoe",
    "ip": "192.0.2.7",
    "vat": "DE123456789",
    "iban": "DE02120300000000202051",
    "card": "4242",
    "lat": 52.5,
    "geo": [52.5, 13.4],
    "birthday": "1980-02-03 00:00:00",
    "date_of_birth": "1980-02-03 00:00:00",
    "company": "Jane Doe Ltd",
    "gift_message": "for Jane",
    "instructions": "ring at Doe",
    "user_id": 77001,
    "profile": {"login": "janedoe"},
    "avatar": "https://example.org/janedoe.png",
    "lines": [{"for": "Jane Doe"}],
    "Jane Doe <jane@doe.example>": "x",
    "customer": {"first": "Jane", "amount": "Jane", "status": "Jane"},
    "title": "Dr Doe",
    "door_code": "7788",
    "Jane Doe": 1,
}
SECRETS = (
    *(
        "jane",
        "doe",
        "layer lane",
        "12345",
        "nozzleton",
        "1234567",
        "192.0.2.7",
        "202051",
        "4242",
        "52.5",
        "1980",
    ),
    *("77001", "7788", "123456789"),
)


def test_what_is_not_known_to_be_harmless_is_not_kept():
    hidden = {"amount": "3.10", "payer": "Jane Doe", "card_last4": "4242", "lines": [{"of": "Jane Doe"}]}

    payload = read_event(body(**PERSONAL, charges=[hidden], fees={"platform": "0.30", "to": "Doe"})).payload

    assert [secret for secret in SECRETS if secret in payload.lower()] == []
    order = json.loads(payload)["order"]
    assert (order["id"], order["thing_id"], order["amount"]) == ("41", 763622, "12.50")
    assert (order["date"], order["is_shipped"]) == ("2026-11-20 10:11:12", "no")
    assert order["charges"][0]["amount"] == "3.10"
    assert order["fees"] == {"platform": "0.30", "to": REDACTED}


@pytest.mark.parametrize("keep", [True, False])
def test_an_e_mail_address_is_kept_in_no_text(keep):
    texts = {"note": "mail to jane@doe.example, please", "status": "sent to <jane@doe.example>"}

    payload = read_event(
        body(**texts, jane_at="jane＠doe.example", tags=["a jane@doe.example"]), keep
    ).payload

    assert "jane@" not in payload
    assert "doe.example" not in payload
    assert "please" in payload


def test_a_note_is_kept_without_telephone_numbers():
    note = "in green, 2 pieces of 763622, call +49 (170) 123-45-67"

    order = json.loads(read_event(body(note=note)).payload)["order"]

    assert order["note"] == f"in green, 2 pieces of 763622, call {REDACTED}"


def test_unknown_events_that_differ_in_what_is_redacted_are_two():
    assert read_event(b'{"event":"x","who":"a"}').key != read_event(b'{"event":"x","who":"b"}').key


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (b"", "empty"),
        (b"{", "not-json"),
        (b"[]", "shape"),
        (b"{}", "no-event"),
        (b'{"event": 1}', "no-event"),
        (b'{"event": "order_created"}', "no-id"),
        (b'{"event": "order_created", "order": {"id": 0}}', "no-id"),
    ],
)
def test_what_is_no_event_is_refused_by_name(given, reason):
    with pytest.raises(AnswerRefused) as caught:
        read_event(given)

    assert caught.value.reason == reason


@pytest.mark.parametrize("arrived", list(itertools.permutations(STATES)))
def test_an_order_is_the_same_whatever_the_order_of_arrival(arrived):
    told = {
        "order_created": body(status="paid", note="please in green", is_shipped="0"),
        "refund_requested": body("refund_requested", status="asked", is_shipped="1", note=None),
        "order_refunded": body("order_refunded", status=None, is_shipped=None, amount="12.00"),
    }

    row = order_row(41, [(name, read_event(told[name]).payload) for name in arrived])

    assert (row["state"], row["status"], row["amount"]) == ("refunded", "asked", "12.00")
    assert (row["note"], row["is_shipped"]) == ("please in green", True)


def test_an_unknown_event_fills_gaps_and_moves_nothing():
    shipped = read_event(body("order_shipped", status="shipped", note="new"))
    created = read_event(body(status="paid", note=None))

    row = order_row(41, [(created.event, created.payload), (shipped.event, shipped.payload)])

    assert (row["state"], row["status"], row["note"]) == ("created", "paid", "new")


def test_dates_are_read_as_utc_and_amounts_stay_as_written():
    row = order_row(41, [("order_created", read_event(body(shipped_at="2026-02-30 00:00:00")).payload)])

    assert json.loads(row["dates"]) == {"date": "2026-11-20T10:11:12+00:00"}
    assert (row["amount"], row["thing_id"], row["address"]) == ("12.50", 763622, None)
    assert json.loads(row["charges"]) == [{"amount": "3"}]
