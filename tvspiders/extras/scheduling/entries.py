"""Jobs to be scheduled: one from a command line, or all that ``schedule.toml`` lists."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from tvspiders.errors import ConfigProblem, UsageProblem
from tvspiders.extras.scheduling.period import Period
from tvspiders.params import names_things


def as_text(value: Any) -> Any:
    """A value of TOML as it would be typed after ``-a NAME=``."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return ",".join(str(as_text(part)) for part in value)
    return value


Text = Annotated[str, BeforeValidator(as_text)]


class Entry(BaseModel):
    """One job: a spider, its arguments, how often."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    spider: str = Field(min_length=1)
    arguments: dict[str, Text] = {}
    settings: dict[str, Text] = {}
    every: str | None = None
    priority: float = Field(default=0.0, allow_inf_nan=False)

    @field_validator("every")
    @classmethod
    def a_period(cls, value: str | None) -> str | None:
        """Validate here, so that the file is refused as a whole."""
        if value is not None:
            Period.parse(value)
        return value

    @property
    def period(self) -> Period | None:
        """The period, ``None`` for one more run each time."""
        return Period.parse(self.every) if self.every else None

    @property
    def title(self) -> str:
        """The entry as text for messages."""
        return " ".join([self.spider, *(f"{name}={value}" for name, value in self.arguments.items())])


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    settings: dict[str, Text] = {}
    crawl: list[Entry] = Field(min_length=1)


def read_entries(path: Path) -> list[Entry]:
    """All ``[[crawl]]`` of a file, each with the settings that stand above them.

    An argument that names a file is seen from the schedule's own folder.

    Raises ``ConfigProblem`` when it cannot be read and ``UsageProblem`` when it says something wrong.
    """
    try:
        read = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigProblem(f"{path} cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageProblem(f"{path} is no TOML: {error}") from None
    try:
        file = _File.model_validate(read)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in problem["loc"])
        said = str(problem["msg"]).removeprefix("Value error, ")
        raise UsageProblem(f"{path}: {place}: {said[:1].lower()}{said[1:]}") from None
    entries = [entry.model_copy(update={"settings": file.settings | entry.settings}) for entry in file.crawl]
    return [beside(entry, path.parent) for entry in entries]


def beside(entry: Entry, folder: Path) -> Entry:
    """Files that arguments name, with their whole path: Scrapyd works in a folder of its own."""
    named = {
        name: str((folder / given).absolute())
        for name, given in entry.arguments.items()
        if name == "file" or (name == "watch" and given.strip() and not names_things(given))
    }
    return entry.model_copy(update={"arguments": entry.arguments | named})
