"""``scrapy crawl``: Scrapy's own command, with checks before and a verdict after."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import sys
from collections.abc import Awaitable, Callable

from scrapy import Spider
from scrapy.commands import BaseRunSpiderCommand
from scrapy.settings import Settings
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from tvspiders.console.command import TvCommand
from tvspiders.console.usage import make_private, only_spider, plain_usage
from tvspiders.errors import TvspidersError, UsageProblem
from tvspiders.printing import say, say_wrong


class Command(TvCommand, BaseRunSpiderCommand):
    """Run a spider; the exit code says how it ended."""

    requires_crawler_process = True
    usage = "[options] <spider>"
    summary = "Run a spider by name; goes on where the same command was interrupted"
    examples = (
        "scrapy crawl things -a query=planters -O things.jsonl",
        "scrapy crawl remixes -a thing=763622 -a depth=2",
    )
    interrupted = "interrupted: stopped before anything was asked"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check and load; nearly all that is loaded stays, so the garbage collector never looks at it."""
        gc.disable()
        try:
            super().process_options(args, opts)
            gc.freeze()
        finally:
            gc.enable()

    def check(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> None:
        """All that can be known before Scrapy logs a line or a request is sent."""
        # while it loads, Scrapy looks three times at each module for each call that led here: few as yet
        import scrapy.core.downloader.contextfactory  # noqa: F401

        only_spider(args)
        self._spider = self._named(settings, args[0])
        if "help" in opts.spargs:
            _print_arguments(self._spider)
        self._check(settings, opts)

    def _named(self, settings: Settings, name: str) -> type[Spider]:
        """The spider that the command line names."""
        from tvspiders.checks.crawl import spider_of

        return spider_of(settings, name)

    def not_started(self, args: list[str], opts: argparse.Namespace, code: int, reason: str) -> None:
        """Write the health file for a crawl that failed before its first request, too."""
        from tvspiders.extensions.closing.health import note_unopened

        file = self.settings["TV_HEALTH_FILE"] if self.settings is not None else None
        job = opts.spargs.get("_job") if isinstance(opts.spargs, dict) else None
        if file and args:
            note_unopened(str(file), args[0], code, reason, job)

    def _check(self, settings: Settings, opts: argparse.Namespace) -> None:
        from tvspiders.checks.crawl import check_crawl
        from tvspiders.checks.database import check_database, check_same_world
        from tvspiders.checks.feeds import check_feed_options, check_feeds
        from tvspiders.checks.reachability import check_reachable
        from tvspiders.spiders.base.api_spider import ApiSpider

        settings = check_crawl(settings, self._spider, opts.spargs, opts.set).settings
        if issubclass(self._spider, ApiSpider):
            self._spider.check_needs(settings)
        if opts.output or opts.overwrite_output:
            check_feed_options(opts.output or (), opts.overwrite_output or ())
        check_feeds(settings)
        check_database(settings)
        check_same_world(settings)
        check_reachable(settings)
        with plain_usage():
            make_private(settings["LOG_FILE"])  # of the spider's own settings

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Crawl; the last line says how it ended."""
        from tvspiders.extensions.closing.verdict import Verdict
        from tvspiders.extensions.stop import Shutdown

        if self.crawler_process is None:
            raise RuntimeError("Scrapy did not set up the command")
        crawler = self._create_crawler(self._spider)
        # Scrapy formats records of every level, only to drop them in the handler: five for each response
        for noisy in (logging.getLogger(), logging.getLogger("scrapy")):
            noisy.setLevel(crawler.settings.get("LOG_LEVEL"))
        errors: list[BaseException] = []
        _catch(self.crawler_process.crawl(crawler, **opts.spargs), errors.append)
        shutdown = Shutdown(crawler)
        shutdown.install()
        self.crawler_process.start(install_signal_handlers=False)
        shutdown.ignore()
        verdict = crawler.get_extension(Verdict) if crawler._extensions is not None else None
        if verdict is not None and verdict.ending is not None:
            code, line = verdict.ending.exit_code, verdict.ending.line
        elif errors:
            code, line = self._not_begun(errors[0])
            self.not_started([str(self._spider.name)], opts, code, line)
        else:
            code, line = 4, "interrupted: stopped before the end was written; the same command goes on"
        say_wrong(line)
        return code

    def _not_begun(self, error: BaseException) -> tuple[int, str]:
        """Exit code and last line of a crawl that failed before its first request."""
        from tvspiders.checks.crawl import failed_component

        if isinstance(error, TvspidersError):
            return (2 if isinstance(error, UsageProblem) else 1), str(error)
        logging.getLogger(__name__).error("The crawl could not start", exc_info=error)
        return 1, f"failed: {failed_component(error)}; nothing was asked"


def _print_arguments(spider: type[Spider]) -> None:
    """``-a help=1``: print the spider's arguments, and end."""
    from tvspiders.spiders.arguments import help_text

    model = getattr(spider, "argument_model", None)
    if model is not None:
        say(*help_text(str(spider.name), model).splitlines())
        sys.exit(0)


def _catch(running: Awaitable[None], heard: Callable[[BaseException], None]) -> None:
    """Pass on the exception that a crawl ends with; Scrapy only logs it."""
    if isinstance(running, asyncio.Future):

        def look(ended: asyncio.Future[None]) -> None:
            error = None if ended.cancelled() else ended.exception()
            if error is not None:
                heard(error)

        running.add_done_callback(look)
    elif isinstance(running, Deferred):

        def failed(failure: Failure) -> None:
            if failure.value is not None:
                heard(failure.value)

        running.addErrback(failed)
