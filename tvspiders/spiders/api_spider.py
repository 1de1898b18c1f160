"""What the spiders share: asking a path of the API and reading its answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy_spider_metadata import Args  # type: ignore[attr-defined]

from tvspiders.api import answers
from tvspiders.api.answers import Answer, Verdict
from tvspiders.api.urls import base_url
from tvspiders.errors import AnswerRefused
from tvspiders.params import CrawlParams

P = TypeVar("P", bound=CrawlParams)

NEARER = "tv_nearer"
"""Meta key: the same question asked again with a higher priority takes over, even when it was answered."""
ROW = "tv_row"
"""Meta key: the row that led to a thing's page; the page is asked if the row says something new, else
the row itself is stored, where the spider gives it, too."""
EXTRA = "tv_extra"
"""Meta key: why a request is asked beyond the least."""
VARIANT = "tv_variant"
"""Meta key: what tells a request apart from another one for the same path."""
MISSING = (Verdict.GONE, Verdict.HIDDEN)
"""Answers that say: this does not exist for us."""


class ApiSpider(Args[P], Spider, Generic[P]):
    """A spider that asks the API; its callbacks depend on the answer and their arguments only."""

    def ask(self, path: str, callback: Callable[..., Any], *, priority: int = 0, **arguments: Any) -> Request:
        """A request for a path of ``api.urls``; ``arguments`` must be JSON."""
        base = base_url(str(self.settings["THINGIVERSE_API_URL"]))
        return Request(base + path, callback=callback, cb_kwargs=arguments, priority=priority)

    def beyond_least(self, request: Request, why: str) -> Request:
        """The request as one beyond the least: a row of its own beside the one for the same path."""
        text = json.dumps(request.cb_kwargs, sort_keys=True).encode()
        request.meta[EXTRA] = why
        request.meta[VARIANT] = f"{why} {hashlib.sha256(text).hexdigest()[:16]}"
        return request


def headers_of(response: Response) -> dict[str, str]:
    """Headers of a response as text; of repeated ones the last."""
    return {
        name.decode("latin-1"): values[-1].decode("latin-1")
        for name, values in response.headers.items()
        if values
    }


def answer_of(response: Response) -> Answer:
    """The classified answer, read once for each response.

    Raises ``AnswerRefused`` for an answer that is neither data nor a proof
    that the subject is gone.
    """
    answer = response.meta.get("tv_answer")
    if not isinstance(answer, Answer):
        answer = answers.read(response.status, headers_of(response), response.body)
    if answer.verdict is not Verdict.OK and answer.verdict not in MISSING:
        raise AnswerRefused(answer.reason or answer.verdict.value, answer.message)
    return answer
