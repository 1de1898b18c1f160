"""``scrapy export``: JSON Lines from the database."""

from __future__ import annotations

import argparse
import errno
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.console.usage import add_pseudonyms, pseudonyms_asked
from tvspiders.errors import ConfigProblem, StorageProblem, UsageProblem
from tvspiders.private_files import replacing


class Command(TvCommand):
    """Write things, creators, edges and snapshots, or orders, as JSON Lines, one row a line with its kind."""

    usage = "[options] [things] [creators] [edges] [snapshots] [orders] [order_events]"
    summary = "Write the database, or one crawl of it, as JSON Lines"
    examples = (
        "scrapy export things -o things.jsonl",
        "scrapy export --crawl things --pseudonyms -o shared.jsonl",
    )

    def long_desc(self) -> str:
        """Printed above the options."""
        return f"{self.summary}. Licences and the API's terms go with the data: docs/guide.md"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options and ours."""
        super().add_options(parser)
        parser.add_argument("--crawl", metavar="CRAWL", help="only this crawl: its number, name or spider")
        parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output")
        add_pseudonyms(parser)

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Export; a file appears only when it is whole, and has mode 0600."""
        from tvspiders.storage.queries.export import KINDS, PRIVATE_KINDS

        known = KINDS + PRIVATE_KINDS
        wrong = [kind for kind in args if kind not in known]
        kinds = [kind for kind in known if kind in (args or KINDS)]
        url = str(settings["DATABASE_URL"])
        if wrong:
            raise UsageProblem(f"cannot export {wrong[0]!r}; there are: {', '.join(known)}")
        wanted = Wanted(kinds, opts.crawl, *pseudonyms_asked(opts))
        if not opts.output:
            if isinstance(sys.stdout, io.TextIOWrapper):  # a document is the same in every locale
                sys.stdout.reconfigure(encoding="utf-8", newline="\n")
            _export(url, wanted, sys.stdout)
            return 0
        try:
            _export_to_file(url, wanted, Path(opts.output))
        except OSError as error:
            raise ConfigProblem(f"{opts.output}: {error.strerror}") from None
        return 0


@dataclass(frozen=True)
class Wanted:
    """What is exported."""

    kinds: list[str]
    crawl: str | None
    pseudonyms: bool
    key: bytes | None


def _export_to_file(url: str, wanted: Wanted, path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder; name a file")
    special = path.exists() and not path.is_file()  # a pipe or a device
    with path.open("wb") if special else replacing(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
        _export(url, wanted, text)
        text.detach()


def _export(url: str, wanted: Wanted, file: IO[str]) -> None:
    from tvspiders.extensions.feeds.json_lines import escape_commands
    from tvspiders.storage.database.reading import open_for_reading
    from tvspiders.storage.people.pseudonyms import Pseudonyms
    from tvspiders.storage.queries.export import export_rows
    from tvspiders.storage.queue.crawls import find_crawl

    with open_for_reading(url) as connection:
        crawl_id = None
        if wanted.crawl is not None:
            crawl = find_crawl(connection, wanted.crawl)
            if crawl is None:
                raise StorageProblem(f"no crawl {wanted.crawl!r} in the database")
            crawl_id = int(crawl["id"])
        pseudonyms = Pseudonyms(connection, wanted.key) if wanted.pseudonyms else None
        for kind in wanted.kinds:
            for row in export_rows(connection, kind, crawl_id, pseudonyms):
                file.write(escape_commands(json.dumps(row, ensure_ascii=False)) + "\n")
        file.flush()
