"""The database is asked about a crawl only when everything of it is there."""

from __future__ import annotations

import asyncio
import logging

import pytest
from sqlalchemy import text

from tests.support.desk import Desk, desk, make_crawler
from tvspiders.extensions.closing.after_close import read_after_close


def test_the_crawl_is_read_by_its_number(sqlite_url):
    async def case():
        async with desk(sqlite_url) as bench:
            query = text("SELECT spider FROM crawls WHERE id = :number")
            return read_after_close(
                bench.crawler,
                "finished",
                "Spiders",
                lambda connection, number: connection.execute(query, {"number": number}).scalar_one(),
            )

    assert asyncio.run(case()) == "things"


def test_a_table_that_is_missing_is_a_warning_and_no_error(sqlite_url, caplog):
    async def case():
        async with desk(sqlite_url) as bench:
            return read_after_close(
                bench.crawler,
                "finished",
                "Ghosts",
                lambda connection, _: connection.execute(text("SELECT x")),
            )

    with caplog.at_level(logging.WARNING):
        assert asyncio.run(case()) is None

    (said,) = caplog.messages
    assert said.startswith("Ghosts could not be counted: database ")
    assert said.endswith("failed: no such column: x")


@pytest.mark.parametrize("state", ["shutdown", "failure", "unopened"])
def test_nothing_is_asked_where_something_may_be_missing(sqlite_url, state):
    async def case():
        if state == "unopened":
            return read_after_close(Desk(make_crawler(sqlite_url)).crawler, "finished", "", lambda *_: 1)
        async with desk(sqlite_url) as bench:
            if state == "failure":
                bench.ledger.failure = "disk full"
            return read_after_close(
                bench.crawler, "shutdown" if state == "shutdown" else "finished", "", lambda *_: 1
            )

    assert asyncio.run(case()) is None
