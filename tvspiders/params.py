"""Spider arguments as models: typed, described, and a misspelt one stops the command at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from tvspiders.api.known_categories import KNOWN, slug_for
from tvspiders.api.pasted import thing_id, user_name

MAX_FILE = 32 * 1024 * 1024
"""Bytes of a ``file=`` at most."""


def plain_number(value: Any) -> Any:
    """Only ASCII digits are a number here; Python would also read ``1_000`` and full-width digits."""
    if isinstance(value, str) and not (value.isascii() and value.removeprefix("-").isdigit()):
        raise ValueError("a whole number in digits is accepted")
    return value


def parted(value: Any) -> Any:
    """The parts of a text with commas or line ends between them, blanks around them removed."""
    if not isinstance(value, str):
        return value
    lines = (line.partition("#")[0] if "\n" in value else line for line in value.splitlines())
    return [part.strip() for line in lines for part in line.split(",") if part.strip()]


def each(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    """A validator that reads each part of a list; what is read to the same value is kept once."""

    def validate(value: Any) -> Any:
        parts = parted(value)
        if not isinstance(parts, Iterable):
            raise ValueError("a text with commas is accepted")
        return list(dict.fromkeys(_named(read, part) for part in parts))

    return validate


def _named(read: Callable[[str], Any], part: Any) -> Any:
    """Read one part; the message of an error names it, since the list may be long."""
    try:
        return read(part) if isinstance(part, str) else part
    except ValueError as error:
        message = str(error)
        raise ValueError(message if str(part)[:20] in message else f"{part!r}: {message}") from None


def _unique_names(value: Any) -> Any:
    """Names once each, whatever their case: the site does not tell them apart."""
    names = each(user_name)(value)
    return list({name.casefold(): name for name in reversed(names)}.values())[::-1]


def _category(text: str) -> str:
    """A slug; one that was insisted on keeps its ``slug:``, so that it is accepted when read again."""
    if text.casefold() == "all":
        return "all"
    slug = slug_for(text)
    insisted = text.casefold().startswith("slug:") and slug not in KNOWN
    return f"slug:{slug}" if insisted else slug


def _depth(value: Any) -> Any:
    """``all`` or a whole number from 0, with one message for whatever else comes."""
    text = str(value).strip().casefold()
    if text == "all":
        return "all"
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError("a whole number from 0, or all, is accepted")
    return int(text)


Number = Annotated[int, BeforeValidator(plain_number)]
"""A whole number as people type it."""
Depth = Annotated[Literal["all"] | int, BeforeValidator(_depth)]
"""Generations to walk, or ``all``."""
Things = Annotated[list[int], BeforeValidator(each(thing_id))]
"""Numbers of things, from whatever people paste."""
Users = Annotated[list[str], BeforeValidator(_unique_names)]
"""Login names."""
Categories = Annotated[list[str], BeforeValidator(each(_category))]
"""Slugs of categories, from slugs, names or numbers."""

Sort = Literal["relevant", "text", "popular", "makes", "newest"]
"""Orders of a search for things (OpenAPI of the API, 2026)."""
License = Literal[
    "cc",
    "cc-sa",
    "cc-nd",
    "cc-nc",
    "cc-nc-sa",
    "cc-nc-nd",
    "pd0",
    "gpl",
    "lgpl",
    "bsd",
    "public",
    "none",
    "nokia",
]
"""Codes that a search accepts (two clients of 2025); an answer words licences differently."""
Direction = Literal["children", "parents", "both"]
"""Ways to walk from a thing; ``children,parents`` is ``both``."""
Details = bool | Literal["changed"]
"""Whether things are asked for their own page; ``changed``: where their row shows something new."""
Included = Literal["things", "makes", "likes", "collections", "followers", "following"]
"""What hangs off a profile."""


def _direction(value: Any) -> Any:
    parts = parted(value)
    if isinstance(parts, list) and {"children", "parents"} <= set(parts):
        return "both"
    return parts[0] if isinstance(parts, list) and len(parts) == 1 else value


def _included(value: Any) -> Any:
    parts = parted(value)
    return sorted(set(parts)) if isinstance(parts, list) and all(isinstance(p, str) for p in parts) else parts


_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def _age(value: Any) -> Any:
    """A time span such as ``12h`` or ``7d``."""
    if value is None:
        return None
    text = str(value).strip().casefold()
    number, unit = text[:-1], text[-1:]
    if not (unit in _UNITS and number.isascii() and number.isdigit() and len(number) < 6 and int(number)):
        raise ValueError("a number with m, h, d or w is accepted, such as 12h or 7d")
    return f"{int(number)}{unit}"


class CrawlParams(BaseModel):
    """Arguments that every spider takes."""

    model_config = ConfigDict(extra="forbid")

    max_requests: Number | None = Field(
        default=None,
        ge=1,
        description="Send at most this many requests, then pause; the same command goes on.",
        examples=[250],
    )
    crawl: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Name of the crawl; without one, spider and arguments are its identity.",
        examples=["november"],
    )

    @model_validator(mode="before")
    @classmethod
    def ignore_scrapyd_keys(cls, given: Any) -> Any:
        """Scrapyd adds ``_job`` and ``_version`` to the arguments of each run."""
        if isinstance(given, Mapping):
            return {key: value for key, value in given.items() if not str(key).startswith("_")}
        return given


class ExtraParams(CrawlParams):
    """Arguments of every spider that stores things: what else to ask about each of them."""

    files: bool | Literal["full"] = Field(
        default=False,
        description="Also the files of each thing, never the files themselves: their names where its page "
        "has them, else names, sizes, dates, hashes; full always asks for all that.",
        examples=["true", "full"],
    )
    images: bool = Field(default=False, description="Also the pictures of each thing: names and addresses.")
    comments: bool = Field(
        default=False, description="Also the comments on each thing, authors by number and name only."
    )
    makes: bool = Field(default=False, description="Also the makes of each thing, with date and maker.")
    categories: bool = Field(
        default=False, description="Also the categories of each thing, one request for each."
    )

    @model_validator(mode="after")
    def extras_need_details(self) -> ExtraParams:
        """What hangs off a thing is asked when its own page has said how much there is."""
        asked = [name for name in EXTRAS if getattr(self, name)]
        if asked and not getattr(self, "details", True):
            raise ValueError(f"{asked[0]}=true needs details=true")
        return self


EXTRAS = ("files", "images", "comments", "makes", "categories")
"""Names of the arguments of :class:`ExtraParams` itself."""


class ThingsParams(ExtraParams):
    """Arguments of ``things``."""

    query: str = Field(
        min_length=1, max_length=500, description="Words to search for.", examples=["planters"]
    )
    sort: Sort = Field(default="relevant", description="Order of the results.", examples=["newest"])
    pages: Number | None = Field(
        default=None, ge=1, description="Stop after this many pages of 30; default all.", examples=[3]
    )
    details: Details = Field(
        default=True,
        description="Ask each thing's own page; changed asks it where the row shows something new; "
        "false stores the rows of the search only.",
        examples=["changed", "false"],
    )
    category_id: Number | None = Field(
        default=None, ge=0, description="Only things of this category (0 is Other).", examples=[96]
    )
    license: License | None = Field(
        default=None, description="Only things under this licence.", examples=["cc-sa"]
    )
    beyond_window: bool = Field(
        default=False,
        description="Split a search of more than 10,000 things into slices that can be read to their end.",
    )


class CategoriesParams(ExtraParams):
    """Arguments of ``categories``."""

    category: Categories | None = Field(
        default=None,
        min_length=1,
        description="Slugs, names or numbers of categories, or all; without it the category tree is stored.",
        examples=["household", "96,Math Art", "all"],
    )
    subcategories: bool = Field(
        default=False,
        description="Also the categories below those named, however deep; without category, whatever is "
        "below the second level.",
    )
    pages: Number | None = Field(
        default=None, ge=1, description="Stop each category after this many pages of 30.", examples=[3]
    )
    details: Details = Field(
        default=True,
        description="Ask each thing's own page; changed asks it where the row shows something new; "
        "false stores the rows of the lists only.",
        examples=["changed", "false"],
    )
    beyond_window: bool = Field(
        default=False,
        description="Reach the rest by searches where a category serves fewer things than it states.",
    )


class UsersParams(ExtraParams):
    """Arguments of ``users``."""

    username: Users = Field(
        default_factory=list,
        description="Login names of users, or addresses of their pages.",
        examples=["MakerBot", "MakerBot,tbuser"],
    )
    file: str | None = Field(
        default=None, description="File with login names, one a line or with commas.", examples=["users.txt"]
    )
    include: Annotated[list[Included], BeforeValidator(_included)] = Field(
        default=["things"],
        description="What hangs off the profile: things, makes, likes, collections (with their things), "
        "followers, following.",
        examples=["things,makes,likes"],
    )
    pages: Number | None = Field(
        default=None, ge=1, description="Stop each list after this many pages of 30.", examples=[3]
    )
    details: Details = Field(
        default=True,
        description="Ask the own page of each thing met; changed asks it where the row shows something new; "
        "false stores the rows of the lists only.",
        examples=["changed", "false"],
    )

    @model_validator(mode="before")
    @classmethod
    def read_file(cls, given: Any) -> Any:
        """The contents of ``file`` are part of the crawl's identity, its name is not."""
        return with_file(given, "username")

    @model_validator(mode="after")
    def name_something(self) -> UsersParams:
        """One of the two ways must name something to start from."""
        if not self.username:
            raise ValueError("give username=... or file=...")
        return self


class RemixesParams(ExtraParams):
    """Arguments of ``remixes``."""

    thing: Things = Field(
        default_factory=list,
        description="Roots: numbers, thing:NUMBER or addresses of things.",
        examples=["763622", "763622,thing:2"],
    )
    file: str | None = Field(
        default=None, description="File with roots, one a line or with commas.", examples=["ids.txt"]
    )
    direction: Annotated[Direction, BeforeValidator(_direction)] = Field(
        default="both", description="Walk to children, to parents, or both ways.", examples=["children"]
    )
    depth: Depth = Field(
        default=2, description="Generations to walk away from the roots, or all.", examples=[1, "all"]
    )
    details: Details = Field(
        default=True,
        description="Ask the own page of each thing; changed and false spare that of remixes of the last "
        "generation where their row shows nothing new, or in any case: they lead no further.",
        examples=["changed", "false"],
    )

    @model_validator(mode="before")
    @classmethod
    def read_file(cls, given: Any) -> Any:
        """The contents of ``file`` are part of the crawl's identity, its name is not."""
        return with_file(given, "thing")

    @model_validator(mode="after")
    def name_something(self) -> RemixesParams:
        """One of the two ways must name something to start from."""
        if not self.thing:
            raise ValueError("give thing=... or file=...")
        if self.depth == "all" and self.details is not True:
            raise ValueError(
                "details=changed and details=false need a depth: without, no generation is the last"
            )
        return self

    @property
    def generations(self) -> int | None:
        """Generations to walk; ``None`` without end."""
        return None if self.depth == "all" else self.depth


class RefreshParams(ExtraParams):
    """Arguments of ``refresh``."""

    watch: Things = Field(
        default_factory=list,
        description="Things that are asked first in any case: a file with numbers or addresses, or these "
        "themselves.",
        examples=["763622,thing:2"],
    )
    older_than: Annotated[str | None, BeforeValidator(_age)] = Field(
        default=None,
        description="Only things whose last answer is older than this, watched ones excepted: 12h, 7d, 2w.",
        examples=["7d"],
    )

    @model_validator(mode="before")
    @classmethod
    def read_file(cls, given: Any) -> Any:
        """The contents of the file are part of the crawl's identity, its name is not."""
        watch = given.get("watch") if isinstance(given, Mapping) else None
        if not isinstance(watch, str) or names_things(watch):
            return given
        found = parted(_read_file(Path(watch), "watch") + "\n") if watch.strip() else []
        if not found:
            raise ValueError(f"watch={watch!r} names nothing")
        return {**given, "watch": found}

    @property
    def older_than_seconds(self) -> float | None:
        """``older_than`` in seconds."""
        return (
            None
            if self.older_than is None
            else int(self.older_than[:-1]) * float(_UNITS[self.older_than[-1]])
        )


def names_things(text: str) -> bool:
    """Whether a text is numbers or addresses of things; else it names a file."""
    try:
        return bool(each(thing_id)(text))
    except ValueError:
        return False


def with_file(given: Any, name: str) -> Any:
    """Arguments with what the file says put behind what was given by hand."""
    if not isinstance(given, Mapping) or not isinstance(given.get("file"), str):
        return given
    found = parted(_read_file(Path(given["file"])) + "\n")
    if not found:
        raise ValueError(f"file={given['file']!r} names nothing")
    named = {key: value for key, value in given.items() if key not in ("file", name)}
    return named | {name: [*parted(given.get(name) or ""), *found]}


def _read_file(path: Path, name: str = "file") -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
    except OSError as error:
        raise ValueError(f"{name}={str(path)!r} cannot be read: {error.strerror or error}") from None
    if len(raw) > MAX_FILE:
        raise ValueError(f"{name}={str(path)!r} is larger than {MAX_FILE // 1024 // 1024} MB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{name}={str(path)!r} is no text in UTF-8") from None


def explain(error: ValidationError) -> str:
    """What is wrong with the arguments and what is accepted, in one line."""
    told: dict[str, None] = {}
    previous = ""
    for problem in error.errors(include_url=False):
        text = _explain_one(dict(problem))
        start, found, rest = text.partition(": input should be ")
        if found and previous == start:  # another kind that the same value could have been
            told[f"{told.popitem()[0]}, or {rest}"] = None
        else:
            told[text] = None
        previous = start if found else ""
    return "; ".join(told)


def _explain_one(problem: dict[str, Any]) -> str:
    place = [str(part) for part in problem["loc"]]
    name = place[0] if place else ""
    if problem["type"] == "extra_forbidden":
        return f"unknown argument {name!r}"
    if problem["type"] == "missing":
        return f"argument {name!r} is missing"
    if problem["type"] == "bool_parsing":
        problem["msg"] = "input should be true or false"
    message = str(problem["msg"]).removeprefix("Value error, ")
    message = f"{message[:1].lower()}{message[1:]}"
    if not name:
        return message
    given = repr(problem.get("input"))
    return f"argument {name}={given if len(given) <= 80 else given[:77] + '...'}: {message}"
