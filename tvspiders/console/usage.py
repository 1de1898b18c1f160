"""What commands share: Scrapy's settings, options, and errors of others as ours, in one line."""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import Settings
from sqlalchemy.exc import DBAPIError

from tvspiders.addon import bring_settings
from tvspiders.checks.secret_values import know_secrets
from tvspiders.errors import ConfigProblem, StorageProblem, TvspidersError, UsageProblem
from tvspiders.printing import say_wrong
from tvspiders.private_files import open_private

_OPTION = re.compile(r"--?[A-Za-z][A-Za-z-]{0,30}")


def settings_of(command: ScrapyCommand) -> Settings:
    """The settings that Scrapy has given the command, with ours where the project is another or none."""
    if command.settings is None:
        raise RuntimeError("Scrapy did not set up the command")
    if command.settings.getpriority("SCHEDULER") == 0:  # Scrapy's default
        bring_settings(command.settings)
    know_secrets(os.environ)
    return command.settings


def complain(error: TvspidersError) -> int:
    """Print the error; returns the exit code: 2 for a wrong command line, else 1."""
    say_wrong(f"{error}")
    return 2 if isinstance(error, UsageProblem) else 1


def known_options(args: Sequence[str]) -> None:
    """Raises ``UsageProblem`` for an option that does not exist: Scrapy passes it on as an argument.

    It is repeated only if it looks like an option: anything else might be a token.
    """
    for argument in args:
        if argument.startswith("-"):
            name = argument.partition("=")[0]
            shown = name if _OPTION.fullmatch(name) else "of this kind"
            raise UsageProblem(f"there is no option {shown}; -h shows them")


def only_spider(args: Sequence[str]) -> str:
    """What the command line names.

    Raises ``UsageProblem`` for none, several, or an option that does not exist.
    """
    known_options(args)
    if len(args) != 1:
        raise UsageProblem("name one spider; scrapy list shows them")
    return args[0]


def whole(name: str, text: str) -> int:
    """A whole number; raises ``UsageProblem`` for anything else."""
    try:
        return int(text)
    except ValueError:
        raise UsageProblem(f"{name} {text!r} is not accepted; accepted: a whole number") from None


def number(name: str, text: str) -> float:
    """A finite number; raises ``UsageProblem`` for anything else."""
    import math

    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageProblem(f"{name} {text!r} is not accepted; accepted: a number")
    return value


def add_pseudonyms(parser: argparse._ActionsContainer) -> None:
    """The options of commands that can export data without naming a person."""
    parser.add_argument(
        "--pseudonyms",
        action="store_true",
        help="a pseudonym for each person; no names, addresses or free texts; others in each document",
    )
    parser.add_argument(
        "--pseudonym-key",
        metavar="FILE",
        help="the same pseudonyms in each document with this key; made with mode 0600 where there is none",
    )


def pseudonyms_asked(opts: argparse.Namespace) -> tuple[bool, bytes | None]:
    """Whether pseudonyms are wanted, and the key where one is given.

    Raises ``UsageProblem`` for a key that cannot be used.
    """
    if opts.pseudonym_key is None:
        return bool(opts.pseudonyms), None
    from tvspiders.storage.people.pseudonyms import read_key

    return True, read_key(Path(opts.pseudonym_key))


@contextmanager
def plain_usage() -> Iterator[None]:
    """Turn Scrapy's usage errors, which print three lines, into ours."""
    try:
        yield
    except UsageError as error:
        raise UsageProblem(" ".join(str(error).split())) from None
    except OSError as error:
        raise ConfigProblem(
            f"{error.filename} cannot be written ({error.strerror}); name another file"
        ) from None


def make_private(*paths: str | Path | None) -> None:
    """Make files that Scrapy itself writes, such as ``--pidfile``, with mode 0600; a link is refused.

    Scrapy follows links, and leaves a new file's mode to the umask.
    """
    for path in paths:
        if path:
            os.close(open_private(Path(path), os.O_WRONLY | os.O_APPEND))


@contextmanager
def plain_database() -> Iterator[None]:
    """Turn errors of the database, or of a row changed by another program, into a ``StorageProblem``."""
    try:
        yield
    except DBAPIError as error:
        from tvspiders.storage.database.schema import one_line

        raise StorageProblem(f"database cannot be used: {one_line(error)}") from None
    except json.JSONDecodeError as error:
        raise StorageProblem(
            f"the database holds a row that cannot be read ({error}); restore a backup"
        ) from None
