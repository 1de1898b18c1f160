"""``scrapy parse``, refused."""

from __future__ import annotations

from tvspiders.console.refused_command import RefusedCommand


class Command(RefusedCommand):
    """Scrapy's parse runs a callback on one address, with the spider's other settings."""

    why = "scrapy parse would be a crawl of its own; use scrapy fetch, or scrapy reparse for stored answers"
