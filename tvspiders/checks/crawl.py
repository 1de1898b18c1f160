"""All that can be checked of a crawl without touching disk or network."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.spiderloader import get_spider_loader

from tvspiders.checks.arguments import check_arguments
from tvspiders.checks.final_settings import check_settings
from tvspiders.checks.reachability import check_proxy
from tvspiders.checks.secret_values import check_tokens
from tvspiders.errors import UsageProblem
from tvspiders.ledger.components import check_components
from tvspiders.params import CrawlParams


@dataclass(frozen=True)
class CheckedCrawl:
    """What a crawl will have."""

    settings: Settings
    """With the spider's own, and what add-ons make of them."""
    arguments: CrawlParams | None
    """``None`` for a spider without a model."""


def check_crawl(
    settings: Settings, spider: type[Spider], given: Mapping[str, Any], from_command_line: list[str]
) -> CheckedCrawl:
    """Check arguments, settings, tokens, proxies and components.

    ``given`` are the spider's arguments, ``from_command_line`` the settings of ``-s``.

    Raises:
        UsageProblem: for what is misspelt, missing or a secret on the command line.
        ConfigProblem: for what environment or settings hold and cannot be used.

    """
    arguments = check_arguments(spider, given)
    final = final_settings(spider, settings)
    check_settings(final, from_command_line)
    check_tokens()
    check_proxy(final, from_command_line)
    check_components(final)
    return CheckedCrawl(final, arguments)


def spider_of(settings: Settings, name: str) -> type[Spider]:
    """The spider of this name; raises ``UsageProblem`` where there is none."""
    loader = get_spider_loader(settings)
    if name not in loader.list():
        raise UsageProblem(f"there is no spider {name!r}; there are: {', '.join(sorted(loader.list()))}")
    return loader.load(name)


def final_settings(spider: type[Spider], settings: Settings) -> Settings:
    """The settings as the spider's ``custom_settings`` and the add-ons leave them.

    Raises ``UsageProblem`` for an add-on that fails.
    """
    crawler = Crawler(spider, settings)
    if crawler.settings["ADDONS"]:
        try:
            crawler.addons.load_settings(crawler.settings)
        except Exception as error:
            raise UsageProblem(f"ADDONS: {failed_component(error)}") from error
    return crawler.settings


def failed_component(error: BaseException) -> str:
    """The component that Scrapy was loading when the error was raised, and the error, in one line."""
    named = ""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if not frame.f_globals.get("__name__", "").startswith("scrapy."):
            continue
        names = frame.f_locals
        if "clspath" in names:  # of a list of components
            named = _path(names["clspath"])
        elif "objcls" in names:  # of a component that there is one of
            named = _path(names["objcls"])
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return f"{named} failed ({said})" if named else said


def _path(component: object) -> str:
    if isinstance(component, str):
        return component
    return f"{getattr(component, '__module__', '')}.{getattr(component, '__qualname__', component)}"
