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
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from tvspiders.console.standard_output import plain_output
from tvspiders.console.usage import complain, make_private, only_spider, plain_usage, settings_of
from tvspiders.errors import TvspidersError, UsageProblem
from tvspiders.printing import say, say_wrong


class Command(BaseRunSpiderCommand):
    """Run a spider; the exit code says how it ended."""

    requires_project = True

    def syntax(self) -> str:
        """As Scrapy's own."""
        return "[options] <spider>"

    def short_desc(self) -> str:
        """As Scrapy's own."""
        return "Run a spider by name; goes on where the same command was interrupted"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's options, then our checks: before Scrapy logs a line or a request is sent.

        Nearly all that a crawl needs is loaded here, and stays: the garbage collector never looks through it.
        """
        gc.disable()
        try:
            # while it loads, Scrapy looks three times at each module for each call that led here: few as yet
            import scrapy.core.downloader.contextfactory  # noqa: F401

            only_spider(args)
            with plain_usage():
                make_private(opts.pidfile, opts.profile)
                super().process_options(args, opts)
            self._spider = self._named(args[0])
            if "help" in opts.spargs:
                self._help(str(self._spider.name))
            self._check(self._spider, opts)
            gc.freeze()
        except TvspidersError as error:
            code = complain(error)
            self._note(args, opts, code, str(error))
            sys.exit(code)
        except KeyboardInterrupt:
            say_wrong("interrupted: stopped before anything was asked")
            sys.exit(4)
        finally:
            gc.enable()

    def _named(self, name: str) -> type[Spider]:
        """The spider that the command line means."""
        from tvspiders.console import preflight

        return preflight.spider_of(settings_of(self), name)

    def _note(self, args: list[str], opts: argparse.Namespace, code: int, reason: str) -> None:
        """Monitors hear of a crawl that never began as well."""
        from tvspiders.extensions.closing.health import note_unopened

        file = self.settings["TV_HEALTH_FILE"] if self.settings is not None else None
        job = opts.spargs.get("_job") if isinstance(opts.spargs, dict) else None
        if file and args:
            note_unopened(str(file), args[0], code, reason, job)

    def _help(self, name: str) -> None:
        """``-a help=1``: print the spider's arguments and end."""
        from tvspiders.spiders.arguments import MODELS, help_text

        if name in MODELS:
            with plain_output():
                say(*help_text(name).splitlines())
            sys.exit(0)

    def _check(self, spider: type[Spider], opts: argparse.Namespace) -> None:
        from tvspiders.console import preflight

        _, settings = preflight.check_command(settings_of(self), spider, opts.spargs, opts.set)
        if spider.name == "pages":
            from tvspiders.extras.pages.splash_check import check_splash

            check_splash(settings)
        if opts.output or opts.overwrite_output:
            preflight.check_feed_options(opts.output or (), opts.overwrite_output or ())
        preflight.check_feeds(settings)
        preflight.check_database(settings)
        preflight.check_same_world(settings)
        preflight.check_reachable(settings)
        preflight.make_log(settings)

    @plain_output()
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, and say how it ended in the last line."""
        self._crawl(self._spider, opts)

    def _crawl(self, spider: type[Spider], opts: argparse.Namespace) -> None:
        from tvspiders.extensions.closing.verdict import Verdict
        from tvspiders.extensions.stop import Shutdown

        if self.crawler_process is None:
            raise RuntimeError("Scrapy did not set up the command")
        crawler = self._create_crawler(spider)
        # Scrapy makes and formats records of every level, to drop them in the handler: five for each answer
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
            self.exitcode = verdict.ending.exit_code
            line = verdict.ending.line
        elif errors:
            self.exitcode, line = self._not_begun(errors[0])
            self._note([str(spider.name)], opts, self.exitcode, line)
        else:
            self.exitcode, line = (
                4,
                "interrupted: stopped before the end was written; the same command goes on",
            )
        say_wrong(f"{line}")

    def _not_begun(self, error: BaseException) -> tuple[int, str]:
        """Exit code and last line of a crawl that failed before its first request."""
        from tvspiders.console.failed_start import failed_component

        if isinstance(error, TvspidersError):
            return (2 if isinstance(error, UsageProblem) else 1), str(error)
        logging.getLogger(__name__).error("The crawl could not start", exc_info=error)
        return 1, f"failed: {failed_component(error)}; nothing was asked"


def _catch(running: Awaitable[None], heard: Callable[[BaseException], None]) -> None:
    """Hear of the exception that a crawl ends with; nobody else asks for it."""
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
