"""``scrapy shell``: Scrapy's own command, for addresses of the API."""

from __future__ import annotations

from scrapy.commands.shell import Command as ScrapysCommand

from tvspiders.console.api.single_request import SingleRequestCommand


class Command(SingleRequestCommand, ScrapysCommand):
    """As Scrapy's own; the request belongs to no crawl, and nothing of the answer is stored."""

    usage = "[options] [url]"
    summary = "Look at one answer of the API by hand, asked with our token and within the quota"
    examples = (
        "scrapy shell https://api.thingiverse.com/things/763622",
        "scrapy shell --nolog -c response.status https://api.thingiverse.com/things/763622",
    )
