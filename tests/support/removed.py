"""Which tests of the core go with an extra that was removed: those marked for it, and its commands' rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tvspiders.extras import EXTRAS

COMMANDS = {
    "account": {"like", "unlike", "login", "logout"},
    "analytics": {"report", "graph"},
    "pages": {"pages"},
    "proxies": {"proxy"},
    "scheduling": {"schedule", "jobs"},
    "webhooks": {"webhooks"},
}
"""Commands of each extra; the spider of pages has the same name."""
SETTINGS = {"pages": ("TV_PAGE", "TV_SPLASH"), "proxies": ("TV_PROXY", "THINGIVERSE_PROXY")}
"""How the settings and variables of an extra begin."""
REMOVED = COMMANDS.keys() - set(EXTRAS)
GONE = {command for extra in REMOVED for command in COMMANDS[extra]}
BEGINNINGS = tuple(word for extra in REMOVED for word in SETTINGS.get(extra, ()))


def skip_what_is_removed(item: pytest.Item) -> None:
    """Skip a test that needs an extra which is not there."""
    extras = {name for mark in item.iter_markers("of_extra") for name in mark.args}
    if "daemon" in item.path.parts:  # where crawls are scheduled
        extras.add("scheduling")
    callspec = getattr(item, "callspec", None)
    given = list(callspec.params.values()) if callspec else []
    named = {word for value in given for word in _commands(value)}
    if extras & REMOVED or named & GONE or any(_begins(value) for value in given):
        item.add_marker(pytest.mark.skip(reason="its extra was removed"))


def _commands(value: Any) -> Iterator[str]:
    """What a parameter may name as a command: the first word, or the second one after ``crawl``."""
    words = value.split() if isinstance(value, str) else value
    if isinstance(words, list | tuple) and words and all(isinstance(word, str) for word in words):
        yield words[0]
        if words[0] in ("crawl", "plan") and len(words) > 1:
            yield words[1]


def _begins(value: Any) -> bool:
    if isinstance(value, str):
        return bool(BEGINNINGS) and value.startswith(BEGINNINGS)
    return isinstance(value, list | tuple | dict) and any(_begins(part) for part in value)
