"""Arguments of ``users``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from tvspiders.api.user_input import user_name
from tvspiders.params.crawl import ExtraParams
from tvspiders.params.files import FileParams
from tvspiders.params.values import Details, Number, each, parted


def _unique_names(value: Any) -> Any:
    """Names once each: the site ignores their case."""
    names = each(user_name)(value)
    return list({name.casefold(): name for name in reversed(names)}.values())[::-1]


Users = Annotated[list[str], BeforeValidator(_unique_names)]
"""Login names."""
Included = Literal["things", "makes", "likes", "collections", "followers", "following"]
"""What can be read besides a profile."""


def _included(value: Any) -> Any:
    parts = parted(value)
    return sorted(set(parts)) if isinstance(parts, list) and all(isinstance(p, str) for p in parts) else parts


class UsersParams(FileParams, ExtraParams):
    """Arguments of ``users``."""

    named = "username"

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
        description="What to read besides the profile: things, makes, likes, collections (with their "
        "things), followers, following.",
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
