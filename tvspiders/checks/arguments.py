"""Check the spider arguments of a command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrapy import Spider

from tvspiders.checks.secret_values import SECRET_NAMES
from tvspiders.errors import UsageProblem
from tvspiders.params import check_arguments as check_model
from tvspiders.spiders.arguments import argument_model


def check_arguments(spider: type[Spider], given: Mapping[str, Any]) -> None:
    """Raises ``UsageProblem`` for a misspelt, missing or wrong spider argument, and for a secret."""
    for name in given:
        if any(part in name.upper() for part in SECRET_NAMES):
            raise UsageProblem(
                f"refusing the argument {name!r} on the command line, where other users can read it; "
                "set it in the environment"
            )
    check_model(str(spider.name), argument_model(spider), given)
