"""``scrapy view``: Scrapy's own command, for addresses of the API."""

from __future__ import annotations

from scrapy.commands.view import Command as ScrapysCommand

from tvspiders.console.api.single_request import SingleRequestCommand


class Command(SingleRequestCommand, ScrapysCommand):
    """As Scrapy's own; the request belongs to no crawl, and nothing of the answer is stored."""

    summary = "Show one answer of the API in a browser, asked with our token and within the quota"
    examples = (
        "scrapy view https://api.thingiverse.com/things/763622",
        "scrapy view --nolog https://api.thingiverse.com/things/763622",
    )
