"""Scrapy's own commands that ask one address: with our token and quota, without a crawl."""

from __future__ import annotations

import sys

from scrapy.settings import BaseSettings

from tvspiders.console import preflight
from tvspiders.console.usage import complain, known_options
from tvspiders.errors import TvspidersError
from tvspiders.ledger.components import LoneRequests
from tvspiders.policies.security.origin import Origin


def ask_without_crawl(settings: BaseSettings, url: str, assignments: list[str]) -> None:
    """Take the ledger out of the way: it holds what a crawl owes, and would never answer a lone request.

    ``assignments`` are the settings of the command line. Whatever is wrong is told in one line, and ends the
    process with exit code 2 (command line) or 1.
    """
    try:
        known_options([url])
        preflight.check_settings(settings, assignments)
        Origin.of_api(str(settings["THINGIVERSE_API_URL"])).require(url)
        preflight.check_tokens()
        preflight.check_database(settings)
        preflight.check_reachable(settings)
        preflight.make_log(settings)
    except TvspidersError as error:
        sys.exit(complain(error))
    settings.set("SCHEDULER", f"{LoneRequests.__module__}.{LoneRequests.__name__}", priority="cmdline")
