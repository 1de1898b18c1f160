"""``scrapy fetch``: Scrapy's own command, for addresses of the API."""

from __future__ import annotations

from scrapy.commands.fetch import Command as ScrapysCommand

from tvspiders.console.api.single_request import SingleRequestCommand


class Command(SingleRequestCommand, ScrapysCommand):
    """As Scrapy's own; the request belongs to no crawl, and nothing of the answer is stored."""

    summary = "Print one answer of the API, asked with our token and within the quota"
    examples = (
        "scrapy fetch --nolog https://api.thingiverse.com/things/763622",
        "scrapy fetch --nolog --headers https://api.thingiverse.com/things/763622",
    )
