"""``scrapy shell``: Scrapy's own command, for addresses of the API."""

from __future__ import annotations

from scrapy.commands.shell import Command as ScrapysCommand

from tvspiders.console.api.single_request_command import SingleRequestCommand


class Command(SingleRequestCommand, ScrapysCommand):
    """As Scrapy's own; the request belongs to no crawl, and nothing of the answer is stored."""

    def syntax(self) -> str:
        """An address, as Scrapy's own."""
        return "[options] [url]"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Look at one answer of the API by hand, asked with our token and within the quota"
