"""Check the spider arguments of a command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrapy import Spider

from tvspiders.checks.secret_values import SECRET_NAMES
from tvspiders.errors import UsageProblem
from tvspiders.params import CrawlParams, read_arguments


def check_arguments(spider: type[Spider], given: Mapping[str, Any]) -> CrawlParams | None:
    """The arguments as the spider will have them, ``None`` for a spider without a model.

    Raises ``UsageProblem`` for a misspelt, missing or wrong argument, and for a secret.
    """
    for name in given:
        if any(part in name.upper() for part in SECRET_NAMES):
            raise UsageProblem(
                f"refusing the argument {name!r} on the command line, where other users can read it; "
                "set it in the environment"
            )
    model: type[CrawlParams] | None = getattr(spider, "argument_model", None)
    return read_arguments(str(spider.name), model, given) if model is not None else None
