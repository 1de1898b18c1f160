"""``scrapy audit``: account for every request of a crawl."""

from __future__ import annotations

import argparse

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.errors import StorageProblem, UsageProblem


class Command(TvCommand):
    """Print what became of every request; exit code 1 when one is not accounted for."""

    usage = "[options] [crawl]"
    summary = "Account for every request of a crawl (its number, name or spider; default: the latest)"
    examples = (
        "scrapy audit",
        "scrapy audit things",
    )

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Find the crawl, count, print."""
        if len(args) > 1:
            raise UsageProblem("name one crawl, or none for the latest")
        return _audit(str(settings["DATABASE_URL"]), args[0] if args else None)


def _audit(url: str, wanted: str | None) -> int:
    from tvspiders.console.audit_tables import print_audit
    from tvspiders.storage.database.reading import open_for_reading
    from tvspiders.storage.queries.audit import audit_crawl
    from tvspiders.storage.queue.crawls import find_crawl

    with open_for_reading(url) as connection:
        crawl = find_crawl(connection, wanted)
        if crawl is None:
            raise StorageProblem(f"no crawl {wanted!r} in the database" if wanted else "no crawl was run yet")
        audit = audit_crawl(connection, crawl)
    print_audit(audit)
    return 0 if audit.closes else 1
