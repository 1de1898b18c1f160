"""The registry of the extras: features that the crawler works without.

Each extra is a folder beside this file. To remove one, delete its folder and its line in ``EXTRAS``.
Nothing outside of this package imports an extra: what it adds is found from here, by folder (commands,
spiders) or by the constants of its ``__init__``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from os.path import join
from typing import Any

from tvspiders.errors import ConfigProblem

EXTRAS = (
    "account",
    "analytics",
    "pages",
    "proxies",
    "scheduling",
    "webhooks",
)


def folders(kind: str) -> list[str]:
    """Folders of the extras with modules of a kind, to be added to the ``__path__`` of the core's package.

    So ``extras/analytics/commands/report.py`` is the module ``tvspiders.commands.report``.
    Plain text, since in an egg there are no folders to look at.
    """
    return [join(root, extra, kind) for root in __path__ for extra in EXTRAS]


def offered(name: str) -> Iterator[Any]:
    """What the extras offer under a name: a constant of their ``__init__``."""
    for extra in EXTRAS:
        module = import_module(f"{__name__}.{extra}")
        if hasattr(module, name):
            yield getattr(module, name)


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Raises ``ConfigProblem`` when a package is missing that is installed with the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        name = str(error.name).partition(".")[0]
        if name == "tvspiders":
            raise
        raise ConfigProblem(
            f"the package {name} is not installed; it comes with: pip install 'tvspiders[{extra}]'"
        ) from None
