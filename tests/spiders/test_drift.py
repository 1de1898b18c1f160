"""Whole crawls of sites that do not change: no answer of theirs is a change of the API."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.support.walking import World
from tvspiders.api.answer_fields import endpoint_of, fields_of
from tvspiders.ledger.answers.drift import count_answer
from tvspiders.storage.catalogue.answer_fields import Inventory


@pytest.mark.parametrize(
    "switches",
    [
        {"vintage": 2021},
        {"vintage": 2026},
        {"guide": True},
        {"plain_list": True, "null_hits": True},
    ],
    ids=str,
)
def test_a_site_that_does_not_change_gives_no_line(switches):
    world = World(things=400, **switches)
    known, lines, answer = defaultdict(Inventory), [], world.answer

    def watched(path):
        status, document, headers = answer(path)
        if status == 200 and (fields := fields_of(document)):
            place = endpoint_of(path)
            lines.extend(notice.line for notice in count_answer(known[place], place, fields))
        return status, document, headers

    world.answer = watched
    extras = dict.fromkeys(("images", "comments", "makes", "categories"), "true")
    walked = world.walk("listings", kind="newest", pages=3)
    world.walk("things", query="planters", pages=1, files="full", **extras)
    names = sorted({thing.creator for thing in walked.of("thing") if thing.creator})[:12]
    include = "things,makes,likes,collections,followers,following"
    world.walk("users", username=",".join(names), include=include, details="false")
    world.walk("categories", category="household", pages=3, details="false")

    assert lines == []
    assert known["/things/ID"].answers > 60
    assert known["/users/ID"].answers > 10
