"""What tells units, requests and items apart."""

import dataclasses
from typing import get_args

import pytest

from tests.support.making import (
    answer,
    at,
    full,
    met,
)
from tvspiders.items import AnyItem, Creator
from tvspiders.storage.units import NewRequest, digest, key_text


def test_requests_that_ask_the_same_have_one_fingerprint():
    assert NewRequest("/a", "parse").fingerprint != NewRequest("/b", "parse").fingerprint
    assert NewRequest("/a", "parse").fingerprint == NewRequest("/a", "other", "{}", 5, 5).fingerprint


@pytest.mark.parametrize("kind", get_args(AnyItem))
def test_a_digest_changes_with_the_content_and_not_with_the_time(kind):
    first = next(item for item in full(7) if type(item) is kind)
    later, other = dataclasses.replace(met(1, first)), dataclasses.replace(first)
    met(2, later)
    changed = [f.name for f in dataclasses.fields(kind) if f.name != "last_scraped"][-1]
    setattr(other, changed, "another")

    assert digest(first) == digest(later)
    assert digest(first) != digest(other)


def test_keys_of_all_kinds_are_text():
    assert [key_text(item) for item in full(7)] == [
        "7",
        "7>maker7",
        "1>7>child",
        "2>7>child",
        "gear",
        "art",
        "7>art",
        "7>>gear.stl",
        "7>4",
        "5",
        "4>7",
        "6",
        "6>7",
        "4>7",
        "8",
        f"7>{at(1)}",
        "thing>7>likes",
        "thing>999",
    ]
    assert key_text(Creator(username="amber")) == ">amber"


@pytest.mark.parametrize(
    ("age", "made_at"),
    [("60", at(0)), ("0", at(60)), ("", at(60)), ("-5", at(60)), ("soon", at(60)), ("9" * 30, at(60))],
)
def test_what_a_copy_says_was_true_when_it_was_made(age, made_at):
    assert answer(60, headers={"Age": age}).made_at == made_at
    assert answer(60).made_at == at(60)
