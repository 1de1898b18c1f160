"""``scrapy audit``: is everything that a crawl owes accounted for?"""

from __future__ import annotations

import argparse

from scrapy.commands import ScrapyCommand

from tvspiders.console.interrupt import plain_interrupt
from tvspiders.console.usage import complain, known_options, plain_database, settings_of
from tvspiders.errors import StorageProblem, UsageProblem


class Command(ScrapyCommand):
    """Print the ledger's identity for a crawl; exit code 1 when it does not close."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """One optional argument."""
        return "[options] [crawl]"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Account for every request of a crawl (its number, name or spider; default: the latest)"

    @plain_interrupt()
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Look the crawl up, count, print."""
        settings = settings_of(self)
        try:
            known_options(args)
            if len(args) > 1:
                raise UsageProblem("name one crawl, or none for the latest")
            with plain_database():
                self.exitcode = _audit(str(settings["DATABASE_URL"]), args[0] if args else None)
        except (StorageProblem, UsageProblem) as error:
            self.exitcode = complain(error)


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
