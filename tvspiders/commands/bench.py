"""``scrapy bench``, refused."""

from __future__ import annotations

from tvspiders.console.refused_command import RefusedCommand


class Command(RefusedCommand):
    """Scrapy's bench crawls a server of its own, not the API."""

    why = "scrapy bench asks a server of its own; docs/performance.md says how a crawl is measured"
