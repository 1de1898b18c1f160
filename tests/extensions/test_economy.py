"""The bill of a run counts what is on disk, and becomes stats."""

from __future__ import annotations

import asyncio
import logging

import pytest
from scrapy import signals

from tests.support.desk import Desk, desk, make_crawler
from tests.support.working import until
from tvspiders.errors import AnswerRefused
from tvspiders.extensions.closing.request_costs import RequestEconomy
from tvspiders.items import Thing
from tvspiders.ledger.verdict import judge
from tvspiders.storage.queue.leases import STATES
from tvspiders.storage.units import Committed, Spared, Unit, unit_committed


def stats_of(bench: Desk) -> dict[str, object]:
    assert bench.crawler.stats is not None
    figures = bench.crawler.stats.get_stats()
    return {
        name.removeprefix("tv/economy/"): n for name, n in figures.items() if name.startswith("tv/economy/")
    }


def test_what_is_committed_becomes_the_bill(sqlite_url):
    asyncio.run(_bill(sqlite_url))


async def _bill(sqlite_url: str) -> None:
    async with desk(sqlite_url) as bench:
        economy = RequestEconomy.from_crawler(bench.crawler)
        bench.ask("/things/1", "/things/2", "/things/3", callback=bench.spider.parse_thing)
        first, second, third = await bench.next(3)
        await bench.answer(first, [Thing(id=1, detail=True, download_count=5)])
        await bench.answer(second, [Thing(id=2, name="no count")])
        await bench.answer(third, [AnswerRefused("shape", "not a thing")])
        await until(lambda: not bench.ledger.unacknowledged)
        assert bench.crawler.stats is not None
        bench.crawler.stats.set_value("tv/quota/token-1/sent", 3)
        bench.crawler.stats.set_value("tv/quota/token-2/sent", 2)
        bench.crawler.stats.set_value("tv/quota/token-2/limited", 1)

        bench.crawler.signals.send_catch_log(signals.spider_closed)

        assert economy.bill().used == 2
        assert stats_of(bench) == {
            "sent": 5,
            "new_things": 2,
            "per_new_thing": 2.5,
            "snapshots": 1,
            "per_snapshot": 5.0,
            "unchanged": 0,
            "still_gone": 0,
            "wasted": 3,
            "wasted/limited": 1,
            "wasted/refused": 1,
            "wasted/unanswered": 1,
        }


@pytest.mark.parametrize("nodes", [None, 4])
def test_spared_pages_and_nodes_are_told_at_the_end(caplog, nodes):
    bench = Desk(make_crawler("sqlite:///x.db"))
    economy = RequestEconomy.from_crawler(bench.crawler)
    bench.scheduler.ending = judge(
        dict.fromkeys(STATES, 0) | {"done": 5, "gone": 1}, "finished", None, False, False
    )
    assert bench.crawler.stats is not None
    if nodes:
        bench.crawler.stats.set_value("tv/remixes/nodes", nodes)
    for unchanged in (20, 9):  # two lists, which name the same thing that is gone
        committed = Committed(Unit(1), 1, [], Spared(unchanged, still_gone=frozenset({7})))
        bench.crawler.signals.send_catch_log(unit_committed, committed=committed)

    with caplog.at_level(logging.INFO):
        bench.crawler.signals.send_catch_log(signals.spider_closed)

    assert any("unchanged, not asked: 29" in line for line in caplog.messages)
    assert economy.bill().nodes == nodes
    assert stats_of(bench)["unchanged"] == 29
    assert stats_of(bench)["still_gone"] == 1
    assert stats_of(bench).get("per_node") == (1.5 if nodes else None)
