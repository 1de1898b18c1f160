"""``crawl`` and ``runspider`` of any Scrapy project: ours where it has the add-on, else Scrapy's own."""

from __future__ import annotations

import argparse

from scrapy.commands import BaseRunSpiderCommand
from scrapy.commands.crawl import Command as ScrapysCrawl
from scrapy.commands.runspider import Command as ScrapysRunSpider
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.utils.project import inside_project
from scrapy.utils.python import global_object_name

from tvspiders.addon import TvSpiders


class EitherCommand(BaseRunSpiderCommand):
    """An entry point is asked in every project of the environment, also in those that are not ours."""

    _command: BaseRunSpiderCommand

    def scrapys(self) -> BaseRunSpiderCommand:
        """Scrapy's own command."""
        raise NotImplementedError

    def ours(self) -> BaseRunSpiderCommand:
        """The command with our checks, last line and exit codes."""
        raise NotImplementedError

    def syntax(self) -> str:
        """As Scrapy's own."""
        return self.scrapys().syntax()

    def short_desc(self) -> str:
        """As Scrapy's own."""
        return self.scrapys().short_desc()

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Decide, and let the one that it is do it."""
        if self.settings is None:
            raise RuntimeError("Scrapy did not set up the command")
        if self.requires_project and not inside_project():  # which Scrapy does not ask of entry points
            raise UsageError("This command needs a Scrapy project", print_help=False)
        self._command = self.ours() if has_addon(self.settings) else self.scrapys()
        self._command.settings = self.settings
        self._command.process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """As the one that it is."""
        self._command.crawler_process = self.crawler_process
        self._command.run(args, opts)
        self.exitcode = self._command.exitcode


class Crawl(EitherCommand):
    """``scrapy crawl``."""

    requires_project = True

    def scrapys(self) -> BaseRunSpiderCommand:
        """Scrapy's."""
        return ScrapysCrawl()

    def ours(self) -> BaseRunSpiderCommand:
        """Ours."""
        from tvspiders.commands.crawl import Command

        return Command()


class RunSpider(EitherCommand):
    """``scrapy runspider``."""

    default_settings = ScrapysRunSpider.default_settings

    def scrapys(self) -> BaseRunSpiderCommand:
        """Scrapy's."""
        return ScrapysRunSpider()

    def ours(self) -> BaseRunSpiderCommand:
        """Ours."""
        from tvspiders.commands.runspider import Command

        return Command()


def has_addon(settings: BaseSettings) -> bool:
    """Whether the project has our add-on switched on."""
    ours = global_object_name(TvSpiders)
    return any(
        place is not None and (key if isinstance(key, str) else global_object_name(key)) == ours
        for key, place in settings.getdict("ADDONS").items()
    )
