"""Users: profiles, the summaries inside other answers, and who follows whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tvspiders.api.lists.rows import Listing, as_row, listing, row_id
from tvspiders.api.scrubbing import without_addresses
from tvspiders.api.values import count, identity, label, link, moment, text
from tvspiders.errors import AnswerRefused
from tvspiders.items import AnyItem, Creator, Follow, Like

_SKILLS = {level.lower(): level for level in ("Novice", "Intermediate", "Advanced")}


def user_profile(document: Any, asked: str) -> list[AnyItem]:
    """The user asked for; ``asked`` is a login name in any case, or ``me``.

    The real names of the counts come first (``count_of_followers``, recorded
    since 2021), the guide's (``follower_count``) are read where they are absent.

    Raises:
        AnswerRefused: ``shape``, ``no-name``, or ``wrong-id`` for another user.

    """
    row = as_row(document)
    creator = _named(row)
    if asked.lower() not in ("me", creator.username.lower()):
        raise AnswerRefused("wrong-id", f"asked for {asked!r}, got {creator.username!r}")
    creator.profile = True
    return [creator]


def is_own(document: Mapping[str, Any]) -> bool:
    """Whether this is what only the owner of an account sees (recorded 2022).

    ``email`` has been in everybody's profile since 2025, but empty.
    """
    return bool(document.get("email")) or any(name in document for name in ("default_license", "current_app"))


def creator_summary(row: Any) -> Creator | None:
    """The user inside another answer; ``None`` for a deleted account (null) or one without a name."""
    return _creator(row) if isinstance(row, dict) else None


def user_row(row: Any) -> list[AnyItem]:
    """One row of a list of users: a summary, never a profile (recorded 2021).

    Raises:
        AnswerRefused: ``shape`` or ``no-name``.

    """
    return [_named(row)]


def user_rows(document: Any) -> Listing:
    """A list of users, from a search or from ``likes``."""
    return listing(document, user_row)


def followers(document: Any, username: str, user_id: int) -> Listing:
    """Users who follow this one, each with the relation (specification; not recorded).

    A row without a number is refused: names change hands.
    """

    def parse(row: Any) -> list[AnyItem]:
        creator, number = _named(row), row_id(row)
        return [
            Follow(follower_id=number, followed_id=user_id, follower=creator.username, followed=username),
            creator,
        ]

    return listing(document, parse)


def following(document: Any, username: str, user_id: int) -> Listing:
    """Users whom this one follows, each with the relation (specification; not recorded)."""

    def parse(row: Any) -> list[AnyItem]:
        creator, number = _named(row), row_id(row)
        return [
            Follow(follower_id=user_id, followed_id=number, follower=username, followed=creator.username),
            creator,
        ]

    return listing(document, parse)


def thing_likes(document: Any, thing_id: int) -> Listing:
    """Users who like a thing, each with that fact.

    The shape of a row is not recorded: a user's summary, or a map that holds one as ``user``.
    """

    def parse(row: Any) -> list[AnyItem]:
        given = as_row(row)
        inner = given.get("user")
        person = inner if isinstance(inner, dict) else given
        creator = _named(person)
        return [Like(user_id=row_id(person), thing_id=thing_id, username=creator.username), creator]

    return listing(document, parse)


def _named(row: Any) -> Creator:
    creator = _creator(as_row(row))
    if creator is None:
        raise AnswerRefused("no-name")
    return creator


def _creator(row: Mapping[str, Any]) -> Creator | None:
    """Fields that summaries and profiles share."""
    username = label(row.get("name")) or label(row.get("username"))
    if username is None:
        return None
    return Creator(
        id=identity(row.get("id")),
        username=username,
        name=without_addresses(_full_name(row)),
        follower_count=_first_count(row, "count_of_followers", "follower_count"),
        following_count=_first_count(row, "count_of_following", "following_count"),
        thing_count=_first_count(row, "count_of_designs", "thing_count"),
        make_count=_first_count(row, "make_count", "count_of_makes"),
        collection_count=_first_count(row, "collection_count", "count_of_collections"),
        download_count=count(row.get("count_of_downloads")),
        like_count=_first_count(row, "like_count", "count_of_likes"),
        favorite_count=count(row.get("favorite_count")),
        skill_level=_SKILLS.get((text(row.get("skill_level")) or "").strip().lower()),
        registered=moment(row.get("registered")),
        last_active=moment(row.get("last_active")),
        location=text(row.get("location")),
        country=text(row.get("country")),
        website=text(row.get("website")),
        first_name=without_addresses(text(row.get("first_name"))),
        last_name=without_addresses(text(row.get("last_name"))),
        bio=without_addresses(text(row.get("bio"))),
        thumbnail=link(row.get("thumbnail")),
        cover_image=link(row.get("cover_image")) or link(row.get("cover")),
        url=link(row.get("public_url")),
    )


def _first_count(row: Mapping[str, Any], *names: str) -> int | None:
    return next((found for name in names if (found := count(row.get(name))) is not None), None)


def _full_name(row: Mapping[str, Any]) -> str | None:
    """``full_name`` of a profile, else first and last name; empty text if the user gave none."""
    full = text(row.get("full_name"))
    if full is not None:
        return full.strip()
    parts = [part for part in (text(row.get("first_name")), text(row.get("last_name"))) if part is not None]
    return " ".join(part.strip() for part in parts).strip() if parts else None
