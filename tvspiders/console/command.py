"""The base class of all commands: options, errors in one line, Ctrl-C, exit codes, private files."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from functools import partial
from typing import ClassVar

from scrapy.commands import ScrapyCommand, ScrapyHelpFormatter
from scrapy.settings import Settings

from tvspiders.addon import has_addon
from tvspiders.checks.secret_values import know_secrets
from tvspiders.console.ending import plain_interrupt
from tvspiders.console.usage import (
    complain,
    known_options,
    make_private,
    plain_database,
    plain_usage,
    settings_of,
)
from tvspiders.errors import TvspidersError, UsageProblem
from tvspiders.printing import say

_TITLE = "Examples"


class HelpFormatter(ScrapyHelpFormatter):
    """Scrapy's, with examples as they are written, and no line of a text taken for a heading."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if text.startswith(f"{_TITLE}\n") else super()._fill_text(text, width, indent)

    def _split_lines(self, text: str, width: int) -> list[str]:
        # Scrapy underlines each line that ends with a colon
        return [
            line.replace("\xa0", " ") for line in super()._split_lines(text.replace(": ", ":\xa0"), width)
        ]


def show_examples(parser: argparse.ArgumentParser, examples: Sequence[str]) -> None:
    """Let ``--help`` end with examples."""
    parser.formatter_class = HelpFormatter
    if examples:
        parser.epilog = "\n".join((_TITLE, "=" * len(_TITLE), *(f"  {line}" for line in examples)))


class TvCommand(ScrapyCommand):
    """A command describes itself in class attributes and does its work in :meth:`execute`.

    A ``TvspidersError`` is printed as one line; the exit code is 2 for a wrong command line, 1 for any other
    error, 4 after Ctrl-C.
    """

    requires_project = True
    requires_crawler_process = False
    usage: ClassVar[str] = "[options]"
    """Syntax, without the name of the command."""
    summary: ClassVar[str]
    """One line for ``scrapy -h``."""
    no_arguments: ClassVar[str] = ""
    """Error for any argument of a command that takes options only; the argument might be a token."""
    examples: ClassVar[tuple[str, ...]] = ()
    """Command lines that ``--help`` ends with, two at least; variables may come before ``scrapy``."""
    interrupted: ClassVar[str] = "interrupted"
    """Last line after Ctrl-C."""

    def syntax(self) -> str:
        """As Scrapy asks for it."""
        return self.usage

    def short_desc(self) -> str:
        """As Scrapy asks for it."""
        return self.summary

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options, and the examples below them."""
        super().add_options(parser)
        show_examples(parser, self.examples)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's options, then the checks of the command; ends the process when something is wrong.

        Files that Scrapy writes itself (``--pidfile``, ``--profile``, the log) are made with mode 0600.
        """
        with plain_interrupt(self.interrupted):
            try:
                settings = settings_of(self)
                known_options(args)
                if self.no_arguments and args:
                    raise UsageProblem(self.no_arguments)
                with plain_usage():
                    make_private(opts.pidfile, opts.profile)
                    super().process_options(args, opts)
                self.check(settings, args, opts)
                if self.requires_crawler_process:  # which opens the log
                    with plain_usage():
                        make_private(settings["LOG_FILE"])
                return
            except TvspidersError as error:
                code = complain(error)
                self.not_started(args, opts, code, str(error))
            sys.exit(code)
        sys.exit(0)  # the reader of standard output has closed it while a check printed

    def check(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> None:
        """Check what must be right before Scrapy starts a crawler process or a log."""

    def not_started(self, args: list[str], opts: argparse.Namespace, code: int, reason: str) -> None:
        """Called with exit code and reason when the checks have failed."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run :meth:`execute`; its result is the exit code."""
        with plain_interrupt(self.interrupted):
            try:
                with plain_database():
                    self.exitcode = self.execute(settings_of(self), args, opts)
            except TvspidersError as error:
                self.exitcode = complain(error)

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Do the work; returns the exit code."""
        raise NotImplementedError


_scrapys_options = ScrapyCommand.process_options


def _private_options(command: ScrapyCommand, args: list[str], opts: argparse.Namespace) -> None:
    """What Scrapy's own commands, such as ``list`` and ``check``, write in our projects has mode 0600, too.

    In projects without our settings, where only our entry points are loaded, nothing changes.
    """
    settings = command.settings
    if isinstance(command, TvCommand) or settings is None or not _is_ours(settings):
        _scrapys_options(command, args, opts)
        return
    try:
        with plain_usage():
            make_private(opts.pidfile, opts.profile)
            _scrapys_options(command, args, opts)
            if command.requires_crawler_process and settings.getbool("LOG_ENABLED"):
                make_private(settings["LOG_FILE"])
    except TvspidersError as error:
        sys.exit(complain(error))
    if type(command).__module__ == "scrapy.commands.settings":
        addresses = {name: str(settings[name]) for name in ("DATABASE_URL", "SPLASH_URL") if settings[name]}
        know_secrets(os.environ | addresses)
        command.run = partial(_say_what_it_prints, command.run)  # type: ignore[method-assign]


def _say_what_it_prints(
    run: Callable[[list[str], argparse.Namespace], None], args: list[str], opts: argparse.Namespace
) -> None:
    """Values of settings, without the passwords in them."""
    with redirect_stdout(io.StringIO()) as printed:
        run(args, opts)
    say(*printed.getvalue().splitlines())


def _is_ours(settings: Settings) -> bool:
    return has_addon(settings) or str(settings["SCHEDULER"]).startswith("tvspiders.")


# Scrapy loads every command before it runs one, and has no other hook before it writes the files
ScrapyCommand.process_options = _private_options  # type: ignore[assignment, method-assign]
