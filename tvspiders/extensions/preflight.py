"""Check the settings as they are in the end, before any other component of ours is made."""

from __future__ import annotations

import logging
import os

from scrapy.crawler import Crawler

from tvspiders.checks.final_settings import check_final_settings
from tvspiders.checks.scrapy_settings import without_effect
from tvspiders.checks.secret_values import know_secrets
from tvspiders.ledger.components import check_components
from tvspiders.middlewares.proxies import configured_proxies
from tvspiders.policies.security.tokens import TokenSource

logger = logging.getLogger(__name__)


class Preflight:
    """Refuses a crawl under settings that would break it, wherever they were made.

    ``scrapy crawl`` has checked them already. In a program, what add-ons do is known only here, in the
    first component that Scrapy makes after them.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Preflight:
        """Raises ``UsageProblem`` for what is wrong or missing, ``ConfigProblem`` for tokens and proxies."""
        know_secrets(os.environ)
        check_final_settings(crawler.settings)
        for line in without_effect(crawler.settings):
            logger.warning("%s", line)
        check_components(crawler.settings)
        TokenSource.from_environment(os.environ)
        configured_proxies(crawler.settings)
        return cls()
