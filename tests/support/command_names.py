"""Names of our commands."""

from __future__ import annotations

import pkgutil

import tvspiders.commands

REFUSED = {"bench", "parse"}
"""Commands of Scrapy that say in one line why not; docs/scrapy.md has them."""
NAMES = sorted(module.name for module in pkgutil.iter_modules(tvspiders.commands.__path__))
OFFERED = set(NAMES) - REFUSED
