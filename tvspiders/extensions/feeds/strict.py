"""Scrapy's feed exports, where a feed that is not opened, written or stored ends the crawl as failed."""

from __future__ import annotations

import codecs
import contextlib
import errno
import logging
import os
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path, PureWindowsPath
from typing import Any
from urllib.parse import urlparse

from scrapy import Spider, signals
from scrapy.exceptions import NotConfigured
from scrapy.extensions.feedexport import FeedExporter, FeedSlot, StdoutFeedStorage, apply_uri_params
from scrapy.utils.defer import ensure_awaitable
from scrapy.utils.misc import load_object

from tvspiders.errors import ConfigProblem, StorageProblem, UsageProblem
from tvspiders.extensions.feeds.address import hide_credentials, shown
from tvspiders.extensions.feeds.file import ResumableFile
from tvspiders.storage.database.schema import one_line

logger = logging.getLogger(__name__)

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
APPENDING = ("ftp", "ftps")
"""Remote storages that can add to a file, which no resumed crawl can cut back."""
FAILED = "feedexport/failed_count/"
"""Begin of the stats in which Scrapy counts feeds that were not stored."""
_NUMBERED = re.compile(r"%\(batch_(?:id|time)\)")
_TIMED = re.compile(r"%\((?:batch_)?time\)")


class StrictFeeds(FeedExporter):
    """Remembers what failed, and gives batches the same names in each run of a crawl."""

    def __init__(self, crawler: Any) -> None:
        hide_credentials(crawler.settings)
        self.failures: dict[str, str] = {}
        """Why feeds, or batches of them, are not what they should be, by address."""
        self.due: Counter[str] = Counter()
        """Items that the crawl had for each feed, by template of its address."""
        self.held: Counter[str] = Counter()
        """Items in what is stored of it."""
        self.began: datetime | None = None
        """When the crawl began; with it the names of its files are the same in each run."""
        try:
            super().__init__(crawler)
        except NotConfigured as error:
            if not crawler.settings["FEEDS"] and not crawler.settings["FEED_URI"]:
                raise
            raise ConfigProblem(f"the feeds cannot be written: {shown(error) or 'see the log'}") from error
        for uri, options in self.feeds.items():
            _check_encoding(uri, options["encoding"])
            local = isinstance(self._get_storage(uri, options), ResumableFile)
            if options["batch_item_count"] and not options.get("overwrite", not local):
                _own_batches(uri, options)
            if urlparse(uri).scheme in APPENDING and options.get("overwrite") is False:
                raise UsageProblem(
                    f"feed {shown(uri)}: 'overwrite': False is not accepted, a resumed crawl adds all again"
                )

    @property
    def timed(self) -> bool:
        """Whether a feed has a time in its address."""
        return any(_TIMED.search(uri) or options["uri_params"] for uri, options in self.feeds.items())

    # -- before the first request ------------------------------------------------------------------

    # Scrapy's own log a mistake, and the crawl goes on without any feed

    def _load_components(self, setting_prefix: str) -> dict[str, Any]:
        try:
            return super()._load_components(setting_prefix)
        except Exception as error:
            raise UsageProblem(f"{setting_prefix} cannot be loaded ({_said(error)})") from error

    def _storage_supported(self, uri: str, feed_options: dict[str, Any]) -> bool:
        if urlparse(uri).scheme not in self.storages and not PureWindowsPath(uri).drive:
            kinds = ", ".join(sorted(name for name in self.storages if name))
            raise ConfigProblem(
                f"feed {shown(uri)} cannot be written; name a file, or an address of these kinds: {kinds}"
            )
        try:
            self._get_storage(uri, feed_options)
        except NotConfigured as error:
            raise ConfigProblem(
                f"feed {shown(uri)} cannot be written ({error}); name a file instead"
            ) from error
        except Exception as error:
            raise ConfigProblem(f"feed {shown(uri)} cannot be written ({_said(error)})") from error
        return True

    def _exporter_supported(self, format_: str) -> bool:
        if format_ not in self.exporters:
            known = ", ".join(sorted(self.exporters))
            raise UsageProblem(f"feed format {format_!r} is not known; there are: {known}")
        return True

    def _settings_are_valid(self) -> bool:
        for uri, options in self.feeds.items():
            if options["batch_item_count"] and not _NUMBERED.search(uri):
                raise UsageProblem(
                    f"feed {shown(uri)} is to be written in batches (FEED_EXPORT_BATCH_ITEM_COUNT): "
                    "put %(batch_id)d or %(batch_time)s into its address"
                )
        return True

    # -- while the crawl runs ----------------------------------------------------------------------

    def export(self, slot: FeedSlot, item: Any, spider: Spider) -> FeedSlot:
        """Export an item to one feed; returns the slot of the batch that is to be written next.

        Raises ``StorageProblem`` with the feed's name, whatever the exporter or the storage raises.
        """
        slots, self.slots = self.slots, [slot]
        before = slot.itemcount
        try:
            super().item_scraped(item, spider)
            (following,) = self.slots
            self.due[slot.uri_template] += slot.itemcount - before
        except Exception as error:
            if _has_enough(slot, error):
                slot.itemcount += 1
                self.due[slot.uri_template] += 1
                return slot
            self.due[slot.uri_template] += 1
            raise unwritable(slot.uri, error) from error
        finally:
            self.slots = slots
        if following is not slot and following.uri == slot.uri:
            raise StorageProblem(f"feed {shown(slot.uri)} cannot be written: its batches have the same name")
        return following

    def item_scraped(self, item: Any, spider: Spider) -> None:
        """Export an item to each feed."""
        for number, slot in enumerate(self.slots):
            self.slots[number] = self.export(slot, item, spider)

    async def _close_slot(self, slot: FeedSlot, spider: Spider) -> None:
        """As Scrapy does it, but what fails is remembered, and no file is left open."""
        stats, kind = self.crawler.stats, type(slot.storage).__name__
        what = f"{slot.format} feed ({slot.itemcount} items) in: {shown(slot.uri)}"
        try:
            if slot.itemcount or (slot.store_empty and slot.batch_id == 1):
                slot.start_exporting()
                slot.finish_exporting()
            else:
                self._leave_empty(slot)
                return
            await ensure_awaitable(slot.storage.store(self._get_file(slot)))
        except Exception as error:
            if _has_enough(slot, error):
                self.held[slot.uri_template] += slot.itemcount
                return
            logger.exception("Error storing %s", what)
            self.failures[slot.uri] = _said(error)
            with contextlib.suppress(Exception):
                if slot.file is not None:
                    slot.file.close()
            if stats is not None:
                stats.inc_value(FAILED + kind)
        else:
            logger.info("Stored %s", what)
            self.held[slot.uri_template] += slot.itemcount
            if stats is not None:
                stats.inc_value(f"feedexport/success_count/{kind}")
        await self.crawler.signals.send_catch_log_async(signals.feed_slot_closed, slot=slot)

    def _leave_empty(self, slot: FeedSlot) -> None:
        """No file is made for no items where the user does not want one."""
        if slot.file is None:
            return
        self._get_file(slot).close()
        if isinstance(slot.storage, ResumableFile) and Path(slot.storage.path).stat().st_size == 0:
            _remove(slot.storage)

    def check_stored(self) -> None:
        """Raises ``StorageProblem`` for feeds that were not stored, wherever that was noticed."""
        if self.failures:
            said = [f"feed {shown(uri)} was not stored ({why})" for uri, why in self.failures.items()]
            raise StorageProblem("; ".join(said))
        stats = self.crawler.stats.get_stats() if self.crawler.stats is not None else {}
        failed = [
            name.removeprefix(FAILED) for name, value in stats.items() if name.startswith(FAILED) and value
        ]
        if failed:
            raise StorageProblem(f"a feed was not stored ({', '.join(failed)}); the log says why")

    # -- names of batches --------------------------------------------------------------------------

    def _get_uri_params(
        self, spider: Spider, uri_params_function: Any, slot: FeedSlot | None = None
    ) -> dict[str, Any]:
        began, given = self.began, load_object(uri_params_function) if uri_params_function else None

        def steady(params: dict[str, Any], spider: Spider) -> dict[str, Any] | None:
            if began is not None:
                batch = began + timedelta(microseconds=params["batch_id"] - 1)
                params["time"] = began.replace(microsecond=0).isoformat().replace(":", "-")
                params["batch_time"] = batch.isoformat(timespec="microseconds").replace(":", "-")
            return given(params, spider) if given is not None else params

        return super()._get_uri_params(spider, steady, slot)

    def remove_leftovers(self, spider: Spider) -> None:
        """Remove what earlier runs left behind the last batch: its items are in others now."""
        for slot in self.slots:
            options = slot.feed_options
            if not options["batch_item_count"] or not isinstance(slot.storage, ResumableFile):
                continue
            seen, last = {slot.uri}, slot
            if not slot.itemcount and slot.batch_id > 1:
                _remove(slot.storage)
            while True:
                params = self._get_uri_params(spider, options["uri_params"], last)
                uri = apply_uri_params(slot.uri_template, params)
                if uri in seen:
                    break
                seen.add(uri)
                last = self._start_new_batch(last.batch_id + 1, uri, options, spider, slot.uri_template)
                if not isinstance(last.storage, ResumableFile) or not _remove(last.storage):
                    break


def _has_enough(slot: FeedSlot, error: Exception) -> bool:
    """Whether a feed's reader on standard output has gone, as ``head`` does: the rest goes nowhere."""
    if not isinstance(error, BrokenPipeError) or not isinstance(slot.storage, StdoutFeedStorage):
        return False
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, slot.storage._stdout.fileno())
    os.close(nowhere)
    logger.warning("The reader of the feed on standard output has enough; the crawl goes on without it")
    return True


def _check_encoding(uri: str, name: str | None) -> None:
    try:
        codecs.lookup(name or "utf-8")
    except LookupError:
        raise UsageProblem(
            f"feed {shown(uri)}: there is no encoding {name!r}; FEED_EXPORT_ENCODING takes utf-8, for one"
        ) from None


def _own_batches(uri: str, options: dict[str, Any]) -> None:
    """Batches with a time are one crawl's alone; others would grow if they were appended to."""
    if not _TIMED.search(uri):
        raise UsageProblem(
            f"feed {shown(uri)}: batches are not appended to; use -O, or 'overwrite': True in FEEDS, "
            "or put %(batch_time)s into the address"
        )
    options["overwrite"] = True


def _remove(storage: ResumableFile) -> bool:
    path = Path(storage.path)
    if not path.is_file():
        return False
    path.unlink()
    return True


def _said(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else one_line(error)
    return shown(said if isinstance(error, OSError) else f"{type(error).__name__}: {said}")


def unwritable(uri: str, error: Exception) -> StorageProblem:
    """What to say of a feed that cannot be written."""
    if isinstance(error, StorageProblem):
        return error
    if not isinstance(error, OSError):
        logger.error("The feed %s cannot be written", shown(uri), exc_info=error)
        return StorageProblem(f"feed {shown(uri)} cannot be written ({_said(error)})")
    help_ = "make room" if error.errno in NO_ROOM else "mend that"
    return StorageProblem(
        f"feed {shown(uri)} cannot be written ({_said(error)}); {help_}, then run the same command again"
    )
