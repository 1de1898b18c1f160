"""The ``scrapy …`` commands of the project, each a thin shell over the other packages.

Those of the extras lie in their own folders and are modules of this package like the others.
"""

from __future__ import annotations

from pkgutil import iter_modules

from tvspiders.extras import folders

__path__ += folders("commands")

SCRAPYS = {"bench", "fetch", "parse", "shell", "view"}
"""Replaced by ours in our project; in any other they are Scrapy's own."""
ELSEWHERE = {
    "crawl": "tvspiders.entry_points:Crawl",
    "runspider": "tvspiders.entry_points:RunSpider",
    "migrate-db": "tvspiders.console.migrate.command:MigrateCommand",
}
"""Commands whose entry point is another class than that of their module."""


def entry_points() -> dict[str, str]:
    """Name -> class of each command that an installation brings; ``setup.py`` writes them down."""
    names = sorted({module.name for module in iter_modules(__path__)} - SCRAPYS)
    return {name: ELSEWHERE.get(name, f"{__name__}.{name}:Command") for name in names}
