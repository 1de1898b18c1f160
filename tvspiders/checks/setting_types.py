"""Types of settings: how each is read, and what it takes in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from scrapy.settings import BaseSettings

from tvspiders.policies.quota.limit import parse_quota


@dataclass(frozen=True)
class Takes:
    """What is accepted, in words, where type and bounds do not say it."""

    words: str


def read_as(read: Callable[[Any], Any]) -> BeforeValidator:
    """Read a value as the code that uses the setting does."""

    def reading(value: Any) -> Any:
        try:
            return read(value)
        except (TypeError, OverflowError) as error:
            raise ValueError(str(error)) from None

    return BeforeValidator(reading)


def _flag(value: Any) -> bool:
    return BaseSettings({"flag": value}).getbool("flag")


def _quota(value: str) -> str:
    parse_quota(value)
    return value


Whole = Annotated[int, read_as(int)]
Number = Annotated[float, read_as(float), Field(allow_inf_nan=False)]
Flag = Annotated[bool, read_as(_flag)]
Quota = Annotated[str, read_as(str), AfterValidator(_quota), Takes("`300/5m`, `300/1h`, `30/3s` …")]
File = Annotated[str | Path | None, Takes("the name of a file")]
Folder = Annotated[str | Path | None, Takes("the name of a folder")]
