"""Parse stored answers again, without the network, with the spider's own callbacks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import TextResponse

from tvspiders.api import answers
from tvspiders.api.answers import Verdict
from tvspiders.api.document import one_line, raw_text, read_json
from tvspiders.api.scrubbing import scrub
from tvspiders.errors import AnswerRefused
from tvspiders.items import Item, Source
from tvspiders.ledger.encoding import ANSWER, kept_headers
from tvspiders.storage.feeds import StoredAnswer


def items_of(answer: StoredAnswer, spider: Spider, base: str) -> Iterator[Item]:
    """The items that an answer gives today, stamped with the time of its receipt; see ``outputs_of``."""
    for output in outputs_of(answer, spider, base):
        if isinstance(output, Item):
            yield output


def raw_json_of(answer: StoredAnswer) -> str | None:
    """The answer as JSON text, ``None`` for one that is not JSON."""
    try:
        document = read_json(answer.body)
    except AnswerRefused:
        return None
    scrubbed = scrub(document)
    return one_line(answer.body, document) if scrubbed == document else raw_text(scrubbed)


def outputs_of(answer: StoredAnswer, spider: Spider, base: str) -> Iterator[Any]:
    """All that the callback gives: items, stamped with the time of the answer's receipt, and requests.

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
    read = answers.read(response.status, kept_headers(response), response.body)
    if answer.refused is None and read.verdict in (Verdict.FORBIDDEN, Verdict.UNAUTHORIZED):
        read = answers.as_hidden(read)  # as it was taken when it came
    request.meta[ANSWER] = read
    source = Source(answer.request_id, answer.received_at)
    for output in callback(response, **kwargs):
        if isinstance(output, Item):
            output.stamp(source)
        yield output
