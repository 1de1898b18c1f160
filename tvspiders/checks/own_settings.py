"""The ``TV_*`` settings: types, bounds and meanings. Their values are in ``tvspiders/settings.py``."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.fields import FieldInfo
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from tvspiders.checks.setting_types import File, Flag, Folder, Number, Quota, Takes, Whole
from tvspiders.errors import UsageProblem
from tvspiders.extras import offered


class CoreSettings(BaseModel):
    """Types, bounds and meanings of the core's settings."""

    model_config = ConfigDict(defer_build=True)  # only OwnSettings, made of all, is used

    TV_QUOTA: Quota = Field(description="requests per period for each token")
    TV_QUOTA_SPREAD: Flag = Field(description="spread requests evenly over the period; `False` allows bursts")
    TV_QUOTA_SHARED: Flag = Field(
        description="count the quota in the database, so that processes on one token share it"
    )
    TV_MAX_ATTEMPTS: Whole = Field(
        ge=1, description="failures of one request before it is parked or quarantined"
    )
    TV_RETRY_BASE: Number = Field(
        ge=0, description="seconds before the second attempt; doubled for each further one, with jitter"
    )
    TV_RETRY_CAP: Number = Field(ge=0, description="seconds between two attempts at most")
    TV_BLOCK_PAUSE: Number = Field(
        ge=0, description="seconds of silence after a challenge page; doubled each time"
    )
    TV_BLOCK_LIMIT: Whole = Field(
        ge=0, description="pauses, or blocked public pages in a row, after which the crawl ends as blocked"
    )
    TV_LEASE_BATCH: Whole = Field(ge=1, description="requests taken from the ledger at a time")
    TV_LEASE_SECONDS: Number = Field(
        ge=0.1,
        description=(
            "life of a lease without a heartbeat, where workers share a crawl (PostgreSQL); the same for "
            "all of them"
        ),
    )
    TV_CLOSE_SECONDS: Number = Field(
        ge=0, description="how long a crawl that was asked to stop waits for a database that is away"
    )
    TV_DEDUPE_SIZE: Whole = Field(
        ge=0, description="items whose content is remembered in memory to drop repeats early"
    )
    TV_RAW_JSON: Flag = Field(
        description=(
            "keep each thing's own page as plain text in `things.raw_json`; without it a thing takes a "
            "quarter of the disk (see [performance](performance.md)), and `scrapy reparse` can fill the "
            "column in later from answers that are kept"
        ),
    )
    TV_KEEP_PROFILES: Flag = Field(
        description=(
            "store and export first and last name, bio and pictures of users; without it these columns stay "
            "as they are ([what that leaves](database.md#backup-deletion))"
        ),
    )
    TV_KEEP_ANSWERS: Annotated[Number, Takes("a number of days")] = Field(
        description="days for which raw answers are kept after their round; negative: for ever"
    )
    TV_KEEP_PEOPLE: Annotated[Number, Takes("a number of days")] = Field(
        description=(
            "days for which personal data is kept after a response last held it "
            "([people](people.md#how-long)); negative: for ever"
        )
    )
    TV_PROGRESS: Literal["auto", "terminal", "log", "off"] = Field(
        description="how progress is shown; `auto`: by whether standard error is a terminal"
    )
    TV_PROGRESS_SECONDS: Number = Field(ge=0.1, description="seconds between two progress lines in a log")
    TV_HEALTH_FILE: File = Field(
        description="a file that gets a line of JSON at the end of each run ([deploy](deploy.md#health))"
    )
    TV_METRICS_DIR: Folder = Field(
        description="a folder that gets a file of metrics for Prometheus; needs `prometheus-client`"
    )

    @classmethod
    def check(cls, settings: BaseSettings) -> None:
        """Raises ``UsageProblem`` for the first value that is not accepted; settings without a value pass."""
        given = {name: settings[name] for name in cls.model_fields if name in settings}
        try:
            cls.model_validate(given)
        except ValidationError as error:
            wrong = [problem for problem in error.errors() if problem["type"] != "missing"]
            if wrong:
                name, value, said = str(wrong[0]["loc"][0]), wrong[0]["input"], wrong[0]["msg"]
                raise UsageProblem(_told(name, value, said)) from None


OwnSettings: type[CoreSettings] = create_model(
    "OwnSettings",
    # the fields of the last one come first
    __base__=(*map(load_object, reversed(list(offered("SETTINGS_MODEL")))), CoreSettings),
)
"""The core's, then the extras'."""


def _told(name: str, value: Any, said: str) -> str:
    if name == "TV_QUOTA":
        return said.removeprefix("Value error, ")
    return f"setting {name}={value!r} is not accepted; it takes {takes(OwnSettings.model_fields[name])}"


def takes(field: FieldInfo) -> str:
    """What a setting accepts, in words."""
    for part in field.metadata:
        if isinstance(part, Takes):
            return part.words
    if get_origin(field.annotation) is Literal:
        return ", ".join(get_args(field.annotation))
    if field.annotation is bool:
        return "True or False"
    words = "a whole number" if field.annotation is int else "a number"
    for part in field.metadata:
        for bound, word in (("ge", "from"), ("le", "to")):
            if hasattr(part, bound):
                words += f" {word} {getattr(part, bound):g}"
    return words


def check_names(names: Iterable[str]) -> None:
    """Raises ``UsageProblem`` for a ``TV_*`` setting that does not exist."""
    known = sorted(OwnSettings.model_fields)
    for name in names:
        if name.startswith("TV_") and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
            raise UsageProblem(f"there is no setting {name}; {hint}")


def check_own_settings(settings: BaseSettings) -> None:
    """Raises ``UsageProblem`` for a setting of ours that is misspelt or wrong, and for a wrong log level."""
    check_names(settings)
    OwnSettings.check(settings)
    level = settings["LOG_LEVEL"]
    if not isinstance(level, int) and level not in logging.getLevelNamesMapping():
        raise UsageProblem(
            f"log level {level!r} is not accepted; there are: DEBUG, INFO, WARNING, ERROR, CRITICAL"
        )


def table() -> str:
    """All settings as a Markdown table."""
    from tvspiders import settings

    lines = ["| name | default | takes | meaning |", "|---|---|---|---|"]
    lines += [
        f"| `{name}` | `{getattr(settings, name)}` | {takes(field)} | {field.description} |"
        for name, field in OwnSettings.model_fields.items()
    ]
    return "\n".join(lines) + "\n"
