"""What each ``TV_*`` setting accepts, so that a wrong value is told before anything begins."""

from __future__ import annotations

import difflib
import logging
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from scrapy.settings import BaseSettings

from tvspiders.errors import UsageProblem
from tvspiders.policies.exits import FALLBACKS, MODES
from tvspiders.policies.quota import parse_quota

Rule = tuple[Callable[[Any], bool], str]
"""Whether a value is accepted, and what is."""


def _whole(least: int) -> Rule:
    def accepted(value: Any) -> bool:
        return int(value) >= least

    return accepted, f"a whole number from {least}"


def _seconds(least: float, most: float = math.inf) -> Rule:
    def accepted(value: Any) -> bool:
        return math.isfinite(float(value)) and least <= float(value) <= most

    return accepted, f"a number from {least:g}" + (f" to {most:g}" if most < math.inf else "")


def _finite(value: Any) -> bool:
    return math.isfinite(float(value))


def _flag(value: Any) -> bool:
    BaseSettings({"flag": value}).getbool("flag")
    return True


def _countries(value: Any) -> bool:
    return re.fullmatch(r"\s*|none|\s*[A-Za-z]{2}(\s*,\s*[A-Za-z]{2})*\s*", str(value)) is not None


PROGRESS = ("auto", "terminal", "log", "off")
FLAG: Rule = (_flag, "True or False")
RULES: Mapping[str, Rule] = {
    "TV_QUOTA_SPREAD": FLAG,
    "TV_QUOTA_SHARED": FLAG,
    "TV_MAX_ATTEMPTS": _whole(1),
    "TV_RETRY_BASE": _seconds(0),
    "TV_RETRY_CAP": _seconds(0),
    "TV_BLOCK_PAUSE": _seconds(0),
    "TV_BLOCK_LIMIT": _whole(0),
    "TV_PROXY_MODE": (lambda value: value in MODES, ", ".join(MODES)),
    "TV_PROXY_COUNTRY": (_countries, "country codes of two letters, like us,de, or none"),
    "TV_PROXY_FALLBACK": (lambda value: value in FALLBACKS, ", ".join(FALLBACKS)),
    "TV_PROXY_LIFETIME": _seconds(0),
    "TV_PROXY_SESSIONS": _whole(1),
    "TV_PROXY_REST": _seconds(0.1),
    "TV_PROXY_PATIENCE": _seconds(0),
    "TV_LEASE_BATCH": _whole(1),
    "TV_LEASE_SECONDS": _seconds(0.1),
    "TV_CLOSE_SECONDS": _seconds(0),
    "TV_DEDUPE_SIZE": _whole(0),
    "TV_RAW_JSON": FLAG,
    "TV_KEEP_ANSWERS": (_finite, "a number of days"),
    "TV_PROGRESS": (lambda value: value in PROGRESS, ", ".join(PROGRESS)),
    "TV_PROGRESS_SECONDS": _seconds(0.1),
    "TV_HEALTH_FILE": (lambda value: True, "the name of a file"),
    "TV_METRICS_DIR": (lambda value: True, "the name of a folder"),
    "TV_PAGE_SECONDS": _seconds(0),
    "TV_PAGE_WAIT": _seconds(0.1, 30),
    "TV_SPLASH_HTTP": FLAG,
}
"""``TV_QUOTA`` has a message of its own."""


def check_values(settings: BaseSettings) -> None:
    """Raises ``UsageProblem`` for a setting whose value would break the crawl later."""
    try:
        parse_quota(str(settings["TV_QUOTA"]))
    except ValueError as error:
        raise UsageProblem(str(error)) from None
    for name, (accepted, what) in RULES.items():
        if name in settings and not _holds(accepted, settings[name]):
            raise UsageProblem(f"setting {name}={settings[name]!r} is not accepted; it takes {what}")
    level = settings["LOG_LEVEL"]
    if not isinstance(level, int) and level not in logging.getLevelNamesMapping():
        raise UsageProblem(
            f"log level {level!r} is not accepted; there are: DEBUG, INFO, WARNING, ERROR, CRITICAL"
        )


def check_names(assignments: Iterable[str]) -> None:
    """Raises ``UsageProblem`` for a ``TV_*`` setting that does not exist."""
    from tvspiders import settings as defaults

    known = sorted(name for name in vars(defaults) if name.startswith("TV_"))
    for assignment in assignments:
        name = assignment.partition("=")[0]
        if name.startswith("TV_") and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
            raise UsageProblem(f"there is no setting {name}; {hint}")


def _holds(accepted: Callable[[Any], bool], value: Any) -> bool:
    try:
        return accepted(value)
    except (TypeError, ValueError, OverflowError):
        return False
