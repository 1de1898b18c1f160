"""Crash-safe feed exports: every item exactly once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from scrapy import Spider, signals
from scrapy.exceptions import CloseSpider
from scrapy.extensions.feedexport import FeedSlot, StdoutFeedStorage, apply_uri_params
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from tvspiders.crawl import context_of
from tvspiders.errors import AnswerRefused, DatabaseChanged, StorageProblem
from tvspiders.extensions.feeds.address import shown
from tvspiders.extensions.feeds.file import ResumableFile, lines_in
from tvspiders.extensions.feeds.followed import FollowedFeed, known_as, place_in
from tvspiders.extensions.feeds.safe_tables import SafeCsvExporter
from tvspiders.extensions.feeds.strict import StrictFeeds
from tvspiders.ledger.answers.parse_again import exported_again
from tvspiders.ledger.ledger import Ledger
from tvspiders.ledger.scheduler import LedgerScheduler
from tvspiders.ledger.writing.transaction import Run
from tvspiders.storage.database.schema import one_line
from tvspiders.storage.queue import feeds
from tvspiders.storage.units import Committed

logger = logging.getLogger(__name__)

JSON_LINES = ("jsonl", "jsonlines", "jl")
CHUNK = 200


class LedgerFeeds(StrictFeeds):
    """Scrapy's feed exports, fed with what the ledger has on disk.

    A local JSON Lines file is continued by a resumed crawl at the last place
    known to be whole; what the file lacks is parsed again from stored answers.
    Other formats, and batches, are written whole by each run. Without the
    ledger this is Scrapy's own exporter.
    """

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        for options in self.feeds.values():
            # Scrapy takes the columns of the first item, and all that others have besides is lost
            if issubclass(self.exporters[options["format"]], SafeCsvExporter) and not options.get(
                "item_classes"
            ):
                options["item_export_kwargs"] = {"every_kind": True} | options["item_export_kwargs"]
        self._ledger: Ledger | None = None
        self._base = ""
        self._run: Run = _not_open
        self._followed: list[FollowedFeed] = []
        self._after: dict[str, int] = {}
        """The newest answer before this run, for what only takes more."""
        self._finished = False
        self._broken = False
        """Whether a unit was written in part: what is known to be whole ends before it."""

    async def open_spider(self, spider: Spider) -> None:  # type: ignore[override]
        """Open the feeds and bring them up to what the database holds.

        Raises ``CloseSpider`` when a file cannot be written, or the database does not give what it lacks.
        """
        scheduler = context_of(self.crawler).scheduler
        if scheduler is None:
            super().open_spider(spider)
            return
        if scheduler.ledger is None:
            # The crawl was refused: its files are another process's, or an earlier run's.
            return
        try:
            await self._open(spider, scheduler)
        except Exception as error:
            # Scrapy would log it, and crawl on without the feed.
            self._let_go()
            known = isinstance(error, StorageProblem)
            scheduler.problem = str(error if known else _unopened("the feeds", error))
            raise CloseSpider("storage") from None

    async def _open(self, spider: Spider, scheduler: LedgerScheduler) -> None:
        if scheduler.ledger is None:
            return
        ledger = self._ledger = scheduler.ledger
        if self.timed:
            self.began = await _began(ledger)
        super().open_spider(spider)
        # With a ledger an item is exported once it is on disk; see ``write`` and ``take``.
        self.crawler.signals.disconnect(self.item_scraped, signals.item_scraped)
        self._base = scheduler.base
        while True:
            with contextlib.suppress(DatabaseChanged):  # and the crawl was opened again
                await self._begin_all(ledger.run)
                break
        ledger.follow(self)

    async def _begin_all(self, run: Run) -> None:
        """Bring each file to what the database holds, whatever is in it."""
        if self._ledger is None:
            return
        self._run = run
        self._followed.clear()
        self._ledger.feed_id = None
        for number, slot in enumerate(self.slots):
            try:
                self.slots[number] = await self._begin_one(self._ledger, self._fresh(slot))
            except DatabaseChanged:
                raise
            except DBAPIError as error:
                raise StorageProblem(self._ledger.database.line_for(error)) from error
            except Exception as error:
                raise _unopened(f"feed {shown(slot.uri)}", error) from error

    async def _begin_one(self, ledger: Ledger, slot: FeedSlot) -> FeedSlot:
        """Bring one feed up to what the database holds; returns the slot to go on in."""
        if not self._can_follow(slot):
            return await self._replay(slot, await self._begin_plain(slot), None)
        after = await self._begin(slot)
        # Answers are marked with the first of a worker's feeds, and all of them lack the same ones.
        feed_id = ledger.feed_id or self._followed[-1].position.id
        slot = await self._replay(slot, after, feed_id if ledger.shared else None)
        ledger.feed_id = feed_id
        return slot

    async def close_spider(self, spider: Spider) -> None:
        """Close the files, unless the ledger had them closed."""
        if not self._finished:
            self._finished = True
            await super().close_spider(spider)

    # -- the ledger's side -----------------------------------------------------------------------

    def write(self, committed: Committed) -> None:
        """Export the fresh items of a unit."""
        spider = self.crawler.spider
        if spider is None:
            return
        try:
            for item in committed.fresh:
                self.item_scraped(committed.unit.exported.get(id(item), item), spider)
            for other in committed.unit.others:
                self.item_scraped(other, spider)
        except StorageProblem:
            self._broken = True
            raise
        if committed.answer_id is not None:
            for followed in self._followed:
                followed.answer_id = committed.answer_id

    def take(self, output: Any) -> None:
        """Export an item that came with no answer; each run of a crawl brings those of ``start()`` again."""
        spider = self.crawler.spider
        if spider is None:
            return
        try:
            places = [(followed, followed.place()[0]) for followed in self._followed if followed.goes_on]
            self.item_scraped(output, spider)
            for followed, place in places:
                self.due[followed.slot.uri_template] -= followed.take_back_repeat(place)
        except StorageProblem:
            self._broken = True
            raise

    def record(self, connection: Connection) -> None:
        """Note how far the files are, and at the end how many items they hold."""
        if self._finished:
            self._note_items(connection)
        for followed in () if self._broken else self._followed:
            offset, tail = followed.place()
            if (offset, followed.answer_id) != followed.recorded:
                feeds.record_feed(connection, followed.position.id, offset, followed.answer_id, tail)
                followed.recorded = (offset, followed.answer_id)

    async def begin_again(self, run: Run) -> None:
        """Cut the files to what another database knows, and write what it holds besides."""
        await self._begin_all(run)

    async def finish(self) -> None:
        """Close the files; the crawl counts as complete only after that."""
        if self._broken:
            self._let_go()
        try:
            for followed in self._followed:
                followed.close()
        except StorageProblem:
            self._let_go()
            raise
        if self.crawler.spider is not None:
            await self.close_spider(self.crawler.spider)
            self.remove_leftovers(self.crawler.spider)
        try:
            self.check_stored()
        except StorageProblem:  # nothing is recorded of a crawl's feeds after that
            await self._run(self._note_items)
            raise

    # -- inside ----------------------------------------------------------------------------------

    def _note_items(self, connection: Connection) -> None:
        crawl = self._ledger.crawl if self._ledger is not None else None
        if crawl is not None:
            counts = {shown(uri): (self.due[uri], self.held[uri]) for uri in self.feeds}
            feeds.note_items(connection, crawl.id, counts)

    def _let_go(self) -> None:
        """Leave all files as they are: at its end Scrapy makes empty ones in the place of those not open."""
        for slot in self.slots:
            with contextlib.suppress(OSError):
                if slot.file is not None:
                    slot.file.close()
                if isinstance(slot.storage, ResumableFile):
                    slot.storage.let_go()
        self.slots.clear()
        self._followed.clear()

    def _fresh(self, slot: FeedSlot) -> FeedSlot:
        """The slot as it was before its file was opened, and before its first batch was full."""
        spider = self.crawler.spider
        if spider is None or (slot.file is None and slot.batch_id == 1):
            return slot
        if self._only_takes(slot):
            logger.warning(
                "Feed %s may hold items twice: the database went back in time; scrapy export has each once",
                shown(slot.uri),
            )
            return slot
        del self.due[slot.uri_template], self.held[slot.uri_template]
        if slot.file is not None:
            with contextlib.suppress(OSError):
                self._get_file(slot).close()
        options, template = slot.feed_options, slot.uri_template
        uri = apply_uri_params(template, self._get_uri_params(spider, options["uri_params"]))
        return self._start_new_batch(1, uri, options, spider, template)

    def _only_takes(self, slot: FeedSlot) -> bool:
        """Whether nothing that was written can be taken back: standard output, and what is no plain file."""
        storage = slot.storage
        if isinstance(storage, ResumableFile):
            return not storage.is_plain and not slot.feed_options.get("overwrite")
        return isinstance(storage, StdoutFeedStorage)

    def _can_follow(self, slot: FeedSlot) -> bool:
        options = slot.feed_options
        return (
            slot.format in JSON_LINES
            and isinstance(slot.storage, ResumableFile)
            and slot.storage.is_plain
            and "\n".encode(options["encoding"] or "utf-8") == b"\n"
            and not options.get("postprocessing")
            and not options.get("batch_item_count")
        )

    async def _begin(self, slot: FeedSlot) -> int:
        """Find the place to go on from; returns the answer that the file is whole up to."""
        ledger, storage = self._ledger, slot.storage
        if ledger is None or ledger.crawl is None or not isinstance(storage, ResumableFile):
            return 0
        path, crawl_id = Path(storage.path).absolute(), ledger.crawl.id
        storage.hold()
        overwrite = bool(slot.feed_options.get("overwrite"))
        uri = known_as(str(path), ledger.shared)

        def job(connection: Connection) -> feeds.FeedPosition:
            found = place_in(connection, crawl_id, uri, path, overwrite)
            feeds.take_over(connection, crawl_id, uri, overwrite and found.base == 0)
            return found

        position = await self._run(job)
        storage.keep = position.offset
        kept = lines_in(path, position.base, position.offset)
        self.due[slot.uri_template] = self.held[slot.uri_template] = kept
        self._followed.append(FollowedFeed(slot, position, position.answer_id))
        slot.start_exporting()
        return position.answer_id

    async def _begin_plain(self, slot: FeedSlot) -> int:
        """What cannot be continued holds the whole crawl; pipes, which only take more, get what is new."""
        ledger, storage = self._ledger, slot.storage
        if ledger is None or ledger.crawl is None:
            return 0
        crawl_id, overwrite = ledger.crawl.id, bool(slot.feed_options.get("overwrite"))
        if self._only_takes(slot):
            newest = await self._run(lambda connection: feeds.newest_answer(connection, crawl_id))
            return min(newest, self._after.setdefault(slot.uri, newest))
        batches = slot.feed_options.get("batch_item_count")
        if isinstance(storage, ResumableFile) and storage.is_plain and not batches:
            await self._own(ledger, crawl_id, slot, storage, overwrite)
        return 0

    async def _own(
        self, ledger: Ledger, crawl_id: int, slot: FeedSlot, storage: ResumableFile, overwrite: bool
    ) -> None:
        """Write a file from its beginning; without ``overwrite`` only one that was empty before."""
        path = Path(storage.path).absolute()
        uri = known_as(f"{slot.format}:{path}", ledger.shared)

        def known(connection: Connection) -> bool:
            found = feeds.find_feed(connection, crawl_id, uri)
            return found is not None and not found.displaced

        def claim(connection: Connection) -> None:
            feeds.begin_feed(connection, crawl_id, uri, 0)
            feeds.take_over(connection, crawl_id, uri, overwrite=False)

        if not overwrite and path.exists() and path.stat().st_size and not await self._run(known):
            raise StorageProblem(
                f"the file holds something, and {slot.format} is not appended to; "
                "use -O, or 'overwrite': True in FEEDS"
            )
        await self._run(claim)
        storage.write_mode = "wb"

    async def _replay(self, slot: FeedSlot, after: int, feed_id: int | None) -> FeedSlot:
        ledger, spider = self._ledger, self.crawler.spider
        if ledger is None or ledger.crawl is None or not ledger.crawl.resumed or spider is None:
            return slot
        crawl_id, replayed = ledger.crawl.id, 0
        while True:

            def job(
                connection: Connection, after: int = after
            ) -> tuple[list[feeds.StoredAnswer], set[tuple[int, str, str]]]:
                found = feeds.answers_after(connection, crawl_id, after, CHUNK, feed_id)
                return found, feeds.fresh_in(connection, crawl_id, [answer.id for answer in found])

            stored, fresh = await self._run(job)
            if not stored:
                break
            for answer in stored:
                for item in await self._exported(answer, fresh):
                    slot = self.export(slot, item, spider)
                    replayed += 1
            after = stored[-1].id
            for followed in self._followed:
                if followed.slot is slot:
                    followed.answer_id = after
            # Batches that are full are stored before more are made.
            await asyncio.gather(asyncio.sleep(0), *self._pending_close_tasks)
        if replayed:
            logger.info("Feed %s: %d items of the interrupted run added again", shown(slot.uri), replayed)
        return slot

    async def _exported(self, answer: feeds.StoredAnswer, fresh: set[tuple[int, str, str]]) -> list[Any]:
        """What a feed holds of an answer: what the pipelines let through and was new then."""
        try:
            ours, others = await exported_again(answer, self.crawler, self._base)
        except AnswerRefused as error:
            logger.warning("Feed: stored answer %d is not understood any more: %s", answer.id, error)
            return []
        return [output for name, output in ours.items() if (answer.id, *name) in fresh] + others


async def _began(ledger: Ledger) -> datetime | None:
    while ledger.crawl is not None:
        with contextlib.suppress(DatabaseChanged):  # and the crawl was opened again
            return await ledger.run(partial(feeds.began_at, crawl_id=ledger.crawl.id))
    return None


async def _not_open(job: object) -> Any:
    raise StorageProblem("the crawl is not open")


def _unopened(what: str, error: Exception) -> StorageProblem:
    if isinstance(error, StorageProblem) and str(error).startswith("feed "):
        return error
    if isinstance(error, OSError):
        return StorageProblem(f"{what} cannot be written ({error.strerror})")
    if not isinstance(error, StorageProblem):
        logger.error("Unexpected error under a feed", exc_info=error)
    return StorageProblem(f"{what} cannot be completed: {shown(one_line(error))}")
