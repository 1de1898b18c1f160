"""Check the feeds of a crawl: they can be written, and continued where they are appended to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from w3lib.url import any_to_uri, file_uri_to_path

from tvspiders.checks.writable import check_writable
from tvspiders.errors import UsageProblem


def check_feeds(settings: Settings) -> None:
    """Raises ``ConfigProblem`` or ``UsageProblem`` for a feed that cannot be written as requested."""
    if not settings["FEEDS"] and not settings["FEED_URI"]:
        return
    from tvspiders.extensions.feeds.strict import StrictFeeds

    StrictFeeds(Crawler(Spider, settings))
    for uri in settings.getdict("FEEDS"):
        path = local_feed(str(uri))
        if path is not None and "%(" not in str(path):
            check_writable("feed", path)


def check_feed_options(appended: Iterable[str], overwritten: Iterable[str]) -> None:
    """Check what ``-o`` and ``-O`` name.

    Raises ``UsageProblem`` for a password in an address, and for a format that ``-o`` cannot append to.
    """
    from tvspiders.extensions.feeds.address import has_password, shown
    from tvspiders.extensions.feeds.ledger_feeds import JSON_LINES

    for feed in (*appended, *overwritten):
        if has_password(feed):
            raise UsageProblem(
                f"refusing the password in {shown(feed)} on the command line, where other users can read it; "
                "set it in FTP_USER and FTP_PASSWORD, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
    for feed in appended:
        address, _, format_ = feed.rpartition(":")
        if not address or "/" in format_:
            address, format_ = feed, Path(feed).suffix.removeprefix(".")
        path = local_feed(address)
        special = path is None or (path.exists() and not path.is_file())
        if format_ not in JSON_LINES and not special and address != "-":
            raise UsageProblem(
                f"-o {feed}: {format_} cannot be appended to; -O overwrites it, "
                f"-o takes {', '.join(JSON_LINES)}"
            )


def local_feed(uri: str) -> Path | None:
    """The file that a feed's address names, ``None`` where it is not a local one."""
    address = any_to_uri(uri)
    return Path(file_uri_to_path(address)) if urlsplit(address).scheme == "file" else None
