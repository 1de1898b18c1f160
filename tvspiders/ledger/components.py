"""Which components a crawl cannot do without: with one of them missing, it is not begun."""

from __future__ import annotations

from itertools import chain
from typing import Any

from scrapy.core.scheduler import Scheduler
from scrapy.settings import BaseSettings
from scrapy.utils.conf import build_component_list
from scrapy.utils.misc import load_object

from tvspiders.errors import UsageProblem
from tvspiders.extras import offered

LISTED = (
    ("SPIDER_MIDDLEWARES", "tvspiders.ledger.acknowledgement.AcknowledgeMiddleware", "acknowledges answers"),
    ("DOWNLOADER_MIDDLEWARES", "tvspiders.middlewares.retry.TvRetryMiddleware", "decides on retries"),
    ("DOWNLOADER_MIDDLEWARES", "tvspiders.middlewares.quota.QuotaMiddleware", "keeps the quota"),
    ("DOWNLOADER_MIDDLEWARES", "tvspiders.middlewares.answers.AnswerMiddleware", "reads answers"),
    ("EXTENSIONS", "tvspiders.extensions.preflight.Preflight", "checks the settings"),
    ("EXTENSIONS", "tvspiders.extensions.feeds.ledger_feeds.LedgerFeeds", "writes the feeds"),
    ("EXTENSIONS", "tvspiders.extensions.stop.Stop", "ends the crawl at a signal"),
    ("EXTENSIONS", "tvspiders.extensions.closing.verdict.Verdict", "gives the verdict"),
    *chain.from_iterable(offered("REQUIRED_COMPONENTS")),
)
"""Setting, class, and what it does."""
SINGLE = (
    ("SCHEDULER", "tvspiders.ledger.scheduler.LedgerScheduler", "is the ledger"),
    ("ITEM_PROCESSOR", "tvspiders.pipelines.storage.StoringItemProcessor", "stores items"),
)
HANDLER = "tvspiders.middlewares.handler.ApiDownloadHandler"


class LoneRequests(Scheduler):
    """Scrapy's own scheduler, for commands that keep no crawl, and for measuring what the ledger costs."""


def check_components(settings: BaseSettings) -> None:
    """Raises ``UsageProblem`` unless all that keeps a crawl's promises is going to be loaded."""
    scheduler = _load("SCHEDULER", settings["SCHEDULER"])
    if scheduler is LoneRequests:
        return
    for name, path, what in SINGLE:
        found = scheduler if name == "SCHEDULER" else _load(name, settings[name])
        # Scrapy's issubclass() takes every class with three methods for a scheduler
        if load_object(path) not in found.__mro__:
            raise UsageProblem(
                f"{name}={settings[name]} is not accepted: {path} {what}; a subclass of it will do"
            )
    loaded = {name: _listed(settings, name) for name in {name for name, _, _ in LISTED}}
    for name, path, what in LISTED:
        if not any(isinstance(cls, type) and issubclass(cls, load_object(path)) for cls in loaded[name]):
            raise UsageProblem(
                f"{name}: {path} is not loaded, and it {what}; leave {name}_BASE as it is, "
                f"{name} is for components of your own"
            )
    scheme = str(settings["THINGIVERSE_API_URL"]).partition(":")[0].lower()
    handler = settings.getwithbase("DOWNLOAD_HANDLERS").get(scheme)
    if handler is None or not issubclass(_load("DOWNLOAD_HANDLERS", handler), load_object(HANDLER)):
        raise UsageProblem(
            f"DOWNLOAD_HANDLERS: {handler} for {scheme} is not accepted: {HANDLER} puts in the token; "
            "a subclass of it will do"
        )


def _listed(settings: BaseSettings, name: str) -> list[Any]:
    return [
        _load(name, entry)
        for entry in build_component_list(settings.get_component_priority_dict_with_base(name))
    ]


def _load(name: str, entry: Any) -> Any:
    try:
        return load_object(entry)
    except Exception as error:
        raise UsageProblem(f"{name}: {entry} cannot be loaded ({type(error).__name__}: {error})") from error
