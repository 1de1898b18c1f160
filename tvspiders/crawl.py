"""What the components of one crawl share."""

from __future__ import annotations

from scrapy.settings import BaseSettings

from tvspiders.policies.backoff import Backoff
from tvspiders.policies.outcome import Limits


def limits_of(settings: BaseSettings) -> Limits:
    """How often a request is sent, and after which pauses."""
    backoff = Backoff(settings.getfloat("TV_RETRY_BASE"), settings.getfloat("TV_RETRY_CAP"))
    return Limits(settings.getint("TV_MAX_ATTEMPTS"), backoff)
