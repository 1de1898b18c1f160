"""Base class of all spiders: make requests for paths of the API, and read the responses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, ClassVar, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from tvspiders import meta
from tvspiders.api import answers
from tvspiders.api.answers import Answer, Verdict
from tvspiders.api.urls import base_url
from tvspiders.errors import AnswerRefused, UsageProblem
from tvspiders.params import CrawlParams, asked_otherwise, read_arguments

MISSING = (Verdict.GONE, Verdict.HIDDEN)
"""Answers that say: this does not exist for us."""
SCHEDULERS = ("tvspiders.ledger.scheduler.LedgerScheduler", "tvspiders.ledger.components.LoneRequests")
"""Under any other one our settings are not in force: neither components nor the API's address."""


class ApiSpider(Spider):
    """A spider of the API; its callbacks depend on the response and their arguments only."""

    argument_model: ClassVar[type[CrawlParams]]
    """What the spider takes with ``-a``; commands check it, and print it with ``-a help=1``."""
    args: CrawlParams
    """The arguments of this crawl; a spider narrows the type to its model."""

    def __init__(self, name: str | None = None, **given: Any) -> None:
        """Raises ``UsageProblem`` for a misspelt, missing or wrong argument."""
        self.args = read_arguments(self.name, self.argument_model, given)
        super().__init__(name, **given)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Made by Scrapy.

        Raises ``UsageProblem`` for a misspelt, missing or wrong argument, and under settings that are not
        ours. Where there are add-ons, Scrapy applies them after the spider, and ``start`` checks again.
        """
        spider = super().from_crawler(crawler, *args, **kwargs)
        if not crawler.settings["ADDONS"]:
            _check_scheduler(crawler.settings)
        if otherwise := asked_otherwise(cls.argument_model, kwargs):
            spider.logger.info("%s", otherwise)
        spider.start = partial(_start, crawler.settings, spider.start)  # type: ignore[method-assign]
        return spider

    @classmethod
    def check_needs(cls, settings: BaseSettings) -> None:
        """Raises ``ConfigProblem`` without what this spider needs; ``scrapy crawl`` asks before it begins."""

    def ask(self, path: str, callback: Callable[..., Any], *, priority: int = 0, **arguments: Any) -> Request:
        """A request for a path of ``api.urls``; ``arguments`` must be JSON."""
        base = base_url(str(self.settings["THINGIVERSE_API_URL"]))
        return Request(base + path, callback=callback, cb_kwargs=arguments, priority=priority)

    def beyond_least(self, request: Request, why: str) -> Request:
        """The request as one beyond the least: a row of its own beside the one for the same path."""
        text = json.dumps(request.cb_kwargs, sort_keys=True).encode()
        request.meta[meta.EXTRA] = why
        request.meta[meta.VARIANT] = f"{why} {hashlib.sha256(text).hexdigest()[:16]}"
        return request


def _start(settings: BaseSettings, begin: Callable[[], AsyncIterator[Any]]) -> AsyncIterator[Any]:
    _check_scheduler(settings)
    return begin()


def _check_scheduler(settings: BaseSettings) -> None:
    scheduler = load_object(settings["SCHEDULER"])
    # Scrapy's issubclass() takes every class with three methods for a scheduler
    if not any(load_object(path) in scheduler.__mro__ for path in SCHEDULERS):
        raise UsageProblem(
            f"SCHEDULER={settings['SCHEDULER']} is not accepted: the spiders of tvspiders need its settings; "
            'set ADDONS = {"tvspiders.addon.TvSpiders": 0}'
        )


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
    answer = meta.answer(response)
    if answer is None:
        answer = answers.read(response.status, headers_of(response), response.body)
    if answer.verdict is not Verdict.OK and answer.verdict not in MISSING:
        raise AnswerRefused(answer.reason or answer.verdict.value, answer.message)
    return answer
