"""Parse stored answers again, without the network, with the spider's own callbacks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.http import Response, TextResponse

from tvspiders import meta
from tvspiders.api import answers
from tvspiders.api.answers import Verdict
from tvspiders.api.document import json_text, raw_text, read_json
from tvspiders.api.scrubbing import scrub
from tvspiders.errors import AnswerRefused
from tvspiders.items import Item, Source
from tvspiders.ledger.answers.encoding import arguments_of, kept_headers
from tvspiders.ledger.answers.outputs import item_of, leave_out, says_ours
from tvspiders.storage.queue.feeds import StoredAnswer
from tvspiders.storage.units import key_text, kind_of


def raw_json_of(answer: StoredAnswer) -> str | None:
    """The answer as JSON text, ``None`` for one that is not JSON."""
    try:
        document = read_json(answer.body)
    except AnswerRefused:
        return None
    scrubbed = scrub(document)
    return json_text(answer.body, document) if scrubbed == document else raw_text(scrubbed)


def outputs_of(answer: StoredAnswer, spider: Spider, base: str) -> Iterator[Any]:
    """All that the callback gives: items, stamped with the time of the answer's receipt, and requests.

    Raises ``AnswerRefused`` when the spider does not understand it (any more).
    """
    callback = getattr(spider, answer.callback, None)
    if callback is None:
        raise AnswerRefused("callback", f"this version has no callback {answer.callback!r}")
    response = response_of(answer, callback, base)
    source = Source(answer.request_id, answer.received_at)
    for output in callback(response, **response.cb_kwargs):
        if isinstance(output, Item):
            output.stamp(source)
            leave_out(output, spider.settings)
        yield output


def response_of(answer: StoredAnswer, callback: Callable[..., Any], base: str) -> Response:
    """The response that the answer was, with its request."""
    arguments, beside = arguments_of(answer.kwargs)
    carried = beside.get("meta", {}) | {meta.DEPTH: answer.depth}
    request = Request(
        base + answer.path,
        callback=callback,
        headers=beside.get("headers"),
        cb_kwargs=arguments,
        flags=beside.get("flags"),
        meta=carried,
    )
    response = TextResponse(
        request.url,
        status=answer.status,
        headers=json.loads(answer.headers) if answer.headers else None,
        body=answer.body,
        encoding="utf-8",
        request=request,
    )
    read = answers.read(response.status, kept_headers(response), response.body)
    if answer.refused is None and read.verdict in (Verdict.FORBIDDEN, Verdict.UNAUTHORIZED):
        read = answers.as_hidden(read)  # as it was taken when it came
    meta.set_answer(request, read)
    return response


async def exported_again(
    answer: StoredAnswer, crawler: Crawler, base: str
) -> tuple[dict[tuple[str, str], Any], list[Any]]:
    """What the answer gives today to a feed: items of ours by kind and key, and a user's own.

    It passes the spider's callback, the spider middlewares and the item pipelines, as it did when it
    came; no signals are sent, and its requests are left out.

    Raises ``AnswerRefused`` when the spider does not understand it (any more).
    """
    callback = getattr(crawler.spider, answer.callback, None)
    if callback is None:
        raise AnswerRefused("callback", f"this version has no callback {answer.callback!r}")
    response = response_of(answer, callback, base)
    source = Source(answer.request_id, answer.received_at)
    scraper: Any = crawler.engine.scraper
    ours: dict[tuple[str, str], Any] = {}
    others: list[Any] = []
    call = scraper.call_spider_async
    async for came in await scraper.spidermw.scrape_response_async(call, response, response.request):
        if came is None or isinstance(came, Request):
            continue
        if isinstance(came, Item):
            came.stamp(source)
        was_ours = says_ours(came)
        with suppress(DropItem):
            output = await scraper.itemproc.through_pipelines(came)
            item = item_of(output, was_ours)
            if item is None:
                others.append(output)
            else:
                ours[kind_of(item), key_text(item)] = output
    return ours, others
