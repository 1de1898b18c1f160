"""What a crawl failed with before it began, in one line."""

from __future__ import annotations

import traceback


def failed_component(error: BaseException) -> str:
    """The component that Scrapy was loading, and what it failed with."""
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
