"""Crawls with feeds, without Scrapy's engine."""

from __future__ import annotations

import json
from typing import Any

from scrapy.http import TextResponse

from tests.support.desk import Desk
from tvspiders.extensions.feeds.ledger_feeds import LedgerFeeds

NAMES = ["Gear", "чаша", "line\u2028break", "😀 smile", "a\nb", 'quo"te']


def detail(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"{NAMES[number % len(NAMES)]} {number}"}


def close_files(feeds: LedgerFeeds) -> None:
    for slot in feeds.slots:
        if slot.file is not None and not slot.file.closed:
            slot.file.close()


async def crawl_things(bench: Desk, *numbers: int) -> None:
    """Ask things and give their answers, with the items that the spider finds in them."""
    for number in numbers:
        bench.ask(f"/things/{number}", callback=bench.spider.parse_thing, cb_kwargs={"thing_id": number})
    for request in await bench.next(len(numbers)):
        number = request.cb_kwargs["thing_id"]
        body = json.dumps(detail(number)).encode()
        response = TextResponse(request.url, body=body, request=request)
        await bench.answer(request, list(bench.spider.parse_thing(response, number)), body)
        await bench.ledger.flush()
