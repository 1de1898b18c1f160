"""Parse stored answers again, without the network, with the spider's own callbacks."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scrapy import Request, Spider
from scrapy.http import TextResponse

from tvspiders.errors import AnswerRefused
from tvspiders.items import Item, Source
from tvspiders.storage.feeds import StoredAnswer


def items_of(answer: StoredAnswer, spider: Spider, base: str) -> Iterator[Item]:
    """The items that an answer gives today, stamped with the time of its receipt.

    Raises ``AnswerRefused`` when the spider does not understand it (any more).
    """
    callback = getattr(spider, answer.callback, None)
    if callback is None:
        raise AnswerRefused("callback", f"this version has no callback {answer.callback!r}")
    kwargs = json.loads(answer.kwargs) if answer.kwargs else {}
    request = Request(base + answer.path, callback=callback, cb_kwargs=kwargs, meta={"depth": answer.depth})
    response = TextResponse(
        request.url,
        status=answer.status,
        headers=json.loads(answer.headers) if answer.headers else None,
        body=answer.body,
        encoding="utf-8",
        request=request,
    )
    source = Source(answer.request_id, answer.received_at)
    for output in callback(response, **kwargs):
        if isinstance(output, Item):
            output.stamp(source)
            yield output
