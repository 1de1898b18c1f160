"""scrapy-splash on a Scrapy that it was not written for.

scrapy-splash 0.11 imports a name that Scrapy 2.13 and later no longer have, and finds its download slot by a
method that is gone. The name is lent to it while it is imported, and the slot is never asked for (see
``splash.py``). Imported only when pages are rendered.
"""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

import scrapy
import scrapy.utils.url
from w3lib.url import canonicalize_url

from tvspiders.errors import ConfigProblem

SCRAPY = ((2, 19), (2, 20))
"""From this version of Scrapy up to, and without, that one."""
SPLASH = "0.11."
"""How the version of scrapy-splash begins."""


def load_splash(
    scrapy_version: tuple[Any, ...] = scrapy.version_info, splash_version: str | None = None
) -> ModuleType:
    """The module ``scrapy_splash``.

    Raises:
        ConfigProblem: when it is not installed, or in versions that were not tried together.

    """
    try:
        found = splash_version or version("scrapy-splash")
    except PackageNotFoundError:
        raise ConfigProblem(
            "the package scrapy-splash is not installed; it comes with: pip install 'tvspiders[pages]'"
        ) from None
    if not (SCRAPY[0] <= scrapy_version[:2] < SCRAPY[1] and found.startswith(SPLASH)):
        installed = ".".join(map(str, scrapy_version))
        raise ConfigProblem(
            f"pages were not tested with scrapy-splash {found} on Scrapy {installed}; they take 0.11 on 2.19"
        )
    lent = not hasattr(scrapy.utils.url, "canonicalize_url")
    if lent:
        scrapy.utils.url.canonicalize_url = canonicalize_url  # type: ignore[attr-defined]
    try:
        return importlib.import_module("scrapy_splash")
    finally:
        if lent:
            del scrapy.utils.url.canonicalize_url  # type: ignore[attr-defined]
