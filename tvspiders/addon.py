"""``ADDONS = {"tvspiders.addon.TvSpiders": 0}`` lets any Scrapy project run the spiders of tvspiders."""

from __future__ import annotations

from typing import Any

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, default_settings
from scrapy.utils.python import global_object_name

OF_THE_PROJECT = ("BOT_NAME", "COMMANDS_MODULE", "LOG_LEVEL", "NEWSPIDER_MODULE", "SPIDER_MODULES")
"""Settings that only our own project uses."""
SPIDERS = "tvspiders.spiders"


class TvSpiders:
    """Brings spiders, components and settings of tvspiders; what the project sets itself has precedence.

    The environment (``THINGIVERSE_API_URL``, ``DATABASE_URL``, tokens, proxies) is read as always.
    """

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """Before the spiders are looked for."""
        bring_settings(settings)

    def update_settings(self, settings: BaseSettings) -> None:
        """For a crawler that was made without a runner."""
        bring_settings(settings)


def has_addon(settings: BaseSettings) -> bool:
    """Whether the project has our add-on switched on."""
    ours = global_object_name(TvSpiders)
    return any(
        place is not None and (key if isinstance(key, str) else global_object_name(key)) == ours
        for key, place in settings.getdict("ADDONS").items()
    )


def bring_settings(settings: BaseSettings) -> None:
    """Add what ``tvspiders/settings.py`` says, below the project's own settings; twice is once."""
    from tvspiders import settings as ours

    for name, value in vars(ours).items():
        if name.endswith("_BASE") and isinstance(value, dict):
            _merge(settings, name, value)
        elif name.isupper() and name not in OF_THE_PROJECT:
            settings.set(name, value, "addon")
    modules = settings.getlist("SPIDER_MODULES")
    if not any(str(module).startswith(SPIDERS) for module in modules):
        settings.set("SPIDER_MODULES", [*modules, SPIDERS], _priority(settings, "SPIDER_MODULES"))


def _merge(settings: BaseSettings, name: str, ours: dict[str, Any]) -> None:
    """Add what we have beyond Scrapy's own, by name: to load each component would take long.

    What the project has changed stays.
    """
    scrapys = getattr(default_settings, name)
    merged = settings.getdict(name)
    names = {key if isinstance(key, str) else global_object_name(key): key for key in merged}
    for key, value in ours.items():
        if value != scrapys.get(key) and merged.get(names.get(key)) == scrapys.get(key):
            merged[names.get(key, key)] = value
        elif key not in scrapys and key not in names:
            merged[key] = value
    settings.set(name, merged, _priority(settings, name))


def _priority(settings: BaseSettings, name: str) -> int:
    return max(settings.getpriority(name) or 0, SETTINGS_PRIORITIES["addon"])
