"""Scrapy's item pipelines, and behind the last of them the ledger's unit of work."""

from __future__ import annotations

from typing import Any

from itemadapter import ItemAdapter
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.logformatter import LogFormatter, LogFormatterResult
from scrapy.pipelines import ItemPipelineManager

from tvspiders.crawl import context_of
from tvspiders.errors import AnswerRefused
from tvspiders.ledger.answers.open_answer import OpenAnswer
from tvspiders.ledger.answers.outputs import item_of, leave_out, says_ours
from tvspiders.ledger.components import check_components
from tvspiders.ledger.scheduler import LedgerScheduler


class StoringItemProcessor(ItemPipelineManager):
    """Runs the pipelines of ``ITEM_PIPELINES``; what the last one returns is stored and exported.

    Before the first of them ``TV_KEEP_PROFILES=False`` takes effect.

    The ledger writes it to the database when the answer is complete: in batches, in a thread, together
    with the acknowledgement of its request. An item that is dropped is neither stored nor exported, in
    whatever place of the order; a pipeline that fails has nothing of its answer stored.

    Settings: ``ITEM_PROCESSOR``, ``TV_KEEP_PROFILES``. Stats: ``tv/items/duplicate``.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StoringItemProcessor:
        """Made by Scrapy."""
        check_components(crawler.settings)
        return super().from_crawler(crawler)

    async def open_spider_async(self) -> None:
        """As Scrapy's own; a pipeline that fails in it is the reason of the end."""
        try:
            await super().open_spider_async()
        except Exception as error:
            if self._scheduler is not None:
                said = " ".join(f"{type(error).__name__}: {error}".split())
                self._scheduler.refuse(f"a pipeline failed in open_spider ({said})")
            raise

    async def process_item_async(self, item: Any) -> Any:
        """The item as the last pipeline leaves it, and kept; raises what a pipeline raises."""
        scheduler = self._scheduler
        if scheduler is None:
            return await self.through_pipelines(item)
        answer = scheduler.answer_at_work
        try:
            if answer is not None:
                answer.stamp(item)
            came = says_ours(item)
            output = await self.through_pipelines(item)
            _keep(scheduler, answer, came, output)
        except DropItem:
            raise
        except Exception as error:
            if answer is not None:
                known = isinstance(error, AnswerRefused)
                answer.refuse(
                    error if known else AnswerRefused("pipeline", f"{type(error).__name__}: {error}")
                )
            raise
        return output

    async def through_pipelines(self, item: Any) -> Any:
        """The item as the last pipeline leaves it; nothing is kept."""
        if self.crawler is not None:
            leave_out(item, self.crawler.settings)
        return await super().process_item_async(item)

    @property
    def _scheduler(self) -> LedgerScheduler | None:
        """The crawl's scheduler, ``None`` for a lone request outside of a crawl."""
        return context_of(self.crawler).scheduler if self.crawler is not None else None


class ItemLogFormatter(LogFormatter):
    """Log of an item of ours which kind it is, and nothing of what it says.

    Scrapy logs all fields, before it is known whether they tell of a person who was forgotten. Items of a
    user's own are logged as ever. Settings: ``LOG_FORMATTER``.
    """

    def scraped(self, item: Any, *args: Any) -> LogFormatterResult:
        """The line of an item that is stored."""
        return super().scraped(_shown(item), *args)

    def dropped(self, item: Any, *args: Any) -> LogFormatterResult:
        """The line of an item that a pipeline drops."""
        return super().dropped(_shown(item), *args)

    def item_error(self, item: Any, *args: Any) -> LogFormatterResult:
        """The line of an item with which a pipeline fails."""
        return super().item_error(_shown(item), *args)


def _shown(item: Any) -> Any:
    return f"item of kind {ItemAdapter(item)['kind']}" if says_ours(item) else item


def _keep(scheduler: LedgerScheduler, answer: OpenAnswer | None, was_ours: bool, output: Any) -> None:
    """Store and export what the last pipeline gave; ``was_ours`` says that it came from an item of ours.

    Raises ``AnswerRefused`` for what cannot be stored.
    """
    if answer is not None:
        if not answer.keep(output, was_ours, scheduler.known):
            context_of(scheduler.crawler).count("tv/items/duplicate")
        return
    if item_of(output, was_ours) is not None:
        why = f"an item ({type(output).__name__}) came with no answer: only callbacks bring items"
        scheduler.refuse(why)
        raise AnswerRefused("item", why)
    if scheduler.ledger is not None:
        for sink in scheduler.ledger.sinks:
            sink.take(output)
