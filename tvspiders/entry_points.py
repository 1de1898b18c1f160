"""``crawl`` and ``runspider`` in any Scrapy project: ours where it has the add-on, else Scrapy's own.

An entry point of a package is used in every project of its environment, also in those without our add-on.
"""

from __future__ import annotations

import argparse
from typing import ClassVar

from scrapy.commands import BaseRunSpiderCommand
from scrapy.commands.crawl import Command as ScrapysCrawl
from scrapy.commands.runspider import Command as ScrapysRunSpider
from scrapy.exceptions import UsageError
from scrapy.utils.project import inside_project

from tvspiders.addon import has_addon
from tvspiders.commands.crawl import Command as OurCrawl
from tvspiders.commands.runspider import Command as OurRunSpider
from tvspiders.console.command import show_examples


class EitherCommand(BaseRunSpiderCommand):
    """Decide by the project's settings which command to run."""

    scrapys: ClassVar[type[BaseRunSpiderCommand]]
    ours: ClassVar[type[OurCrawl]]
    _command: BaseRunSpiderCommand

    def syntax(self) -> str:
        """As Scrapy's own."""
        return self.scrapys().syntax()

    def short_desc(self) -> str:
        """As Scrapy's own."""
        return self.scrapys().short_desc()

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """As Scrapy's own; in a project with our add-on, with our examples."""
        super().add_options(parser)
        if self.settings is not None and has_addon(self.settings):
            show_examples(parser, self.ours.examples)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Choose the command and pass the options on to it."""
        if self.settings is None:
            raise RuntimeError("Scrapy did not set up the command")
        if self.requires_project and not inside_project():  # Scrapy does not check this for entry points
            raise UsageError("This command needs a Scrapy project", print_help=False)
        self._command = (self.ours if has_addon(self.settings) else self.scrapys)()
        self._command.settings = self.settings
        self._command.process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the chosen command."""
        self._command.crawler_process = self.crawler_process
        self._command.run(args, opts)
        self.exitcode = self._command.exitcode


class Crawl(EitherCommand):
    """``scrapy crawl``."""

    requires_project = True
    scrapys = ScrapysCrawl
    ours = OurCrawl


class RunSpider(EitherCommand):
    """``scrapy runspider``."""

    default_settings = ScrapysRunSpider.default_settings
    scrapys = ScrapysRunSpider
    ours = OurRunSpider
