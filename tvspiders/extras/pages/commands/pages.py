"""``scrapy pages``: stored public pages as files."""

from __future__ import annotations

import argparse
import errno
import json
import re
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.errors import ConfigProblem, UsageProblem
from tvspiders.printing import say
from tvspiders.private_files import make_folder, replacing


class Command(TvCommand):
    """Write each stored page as three files: ``ID/TIME.html``, ``.png``, and ``.json`` with the licence."""

    usage = "[options] [THING …]"
    summary = "Write stored public pages as HTML, PNG and their licence"
    examples = (
        "scrapy pages",
        "scrapy pages 763622 -o pages",
    )

    def long_desc(self) -> str:
        """Printed above the options."""
        return f"{self.summary}. Licences and the API's terms go with the data: docs/guide.md"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options and ours."""
        super().add_options(parser)
        parser.add_argument(
            "-o", "--output", metavar="FOLDER", default="pages", help="folder to write to (default: pages)"
        )

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Exit code 2 for an invalid thing, 1 when nothing can be read or written."""
        from tvspiders.api.user_input import thing_id

        try:
            things = [thing_id(argument) for argument in args]
        except ValueError as error:
            raise UsageProblem(str(error)) from None
        try:
            written = _write(str(settings["DATABASE_URL"]), things, Path(opts.output))
        except OSError as error:
            raise ConfigProblem(f"{error.filename}: {error.strerror}") from None
        say(f"{written} page{'' if written == 1 else 's'} in {opts.output}")
        return 0


def _write(url: str, things: list[int], folder: Path) -> int:
    from tvspiders.extras.pages.stored_pages import stored_pages
    from tvspiders.storage.database.reading import open_for_reading

    written = 0
    with open_for_reading(url) as connection:
        for facts, html, png in stored_pages(connection, things):
            _write_page(folder, facts, html, png)
            written += 1
    return written


def _write_page(folder: Path, facts: dict[str, Any], html: bytes, png: bytes) -> None:
    """The names are made of numbers only, whatever the page says."""
    place = folder / str(int(facts["thing_id"]))
    if place.is_symlink():
        raise OSError(errno.ELOOP, "it is a link; remove it", str(place))
    make_folder(place)
    name = re.sub(r"[^0-9TZ-]", "", str(facts["taken_at"]).replace("+00:00", "Z"))
    text = json.dumps(facts, ensure_ascii=False, indent=1).encode() + b"\n"
    for suffix, body in ((".html", html), (".png", png), (".json", text)):
        with replacing(place / f"{name}{suffix}") as file:
            file.write(body)
