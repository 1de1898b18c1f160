"""``scrapy migrate-db``: move from a SQLite file to PostgreSQL, crawls and their state included."""

from __future__ import annotations

from tvspiders.console.migrate.command import MigrateCommand


class Command(MigrateCommand):
    """Its name is no name of a module, as entry points need one."""
