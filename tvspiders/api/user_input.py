"""Parse numbers and names that people paste: addresses of the site, and other spellings."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from tvspiders.api.values import KEY_LENGTH, LARGEST

_THING = re.compile(r"(?:thing:)?([0-9]{1,19})", re.ASCII | re.IGNORECASE)
_COLLECTION = re.compile(r"(?:collection:)?([0-9]{1,19})", re.ASCII | re.IGNORECASE)
_COLLECTION_PATH = re.compile(r"/(?:[^/]+/)?(?:collections/|collection:)([0-9]{1,19})(?:/[^?#]*)?", re.ASCII)
_THING_PATH = re.compile(r"/(?:thing:|things/)([0-9]{1,19})(?:/[^?#]*)?", re.ASCII)
_TAG_PATH = re.compile(r"/(?:tag:|tags/)([^/]+)(?:/.*)?", re.DOTALL)
_HOSTS = ("thingiverse.com", "www.thingiverse.com", "m.thingiverse.com", "api.thingiverse.com")


def collection_id(text: str) -> int:
    """Read the number of a collection from ``16696069``, ``collection:16696069`` or an address of it.

    Raises:
        ValueError: when there is no such number, with one line for a person.

    >>> collection_id("https://www.thingiverse.com/pia/collections/16696069/things")
    16696069
    """
    return _pasted(
        text, _COLLECTION, _COLLECTION_PATH, "collection: give 16696069 or its thingiverse.com address"
    )


def tag_slug(text: str) -> str:
    """A tag as addresses write it (specification): blanks become ``_``, other signs are left out.

    Raises:
        ValueError: for an address of something else, and when nothing is left.

    >>> tag_slug("hot end!")
    'hot_end'
    >>> tag_slug("https://www.thingiverse.com/tag:hot_end")
    'hot_end'
    """
    given = text.strip()
    name = given.removeprefix("tag:")
    if "/" in given:
        found = _TAG_PATH.fullmatch(_site_path(given) or "")
        name = unquote(found[1]) if found else ""
    slug = "" if set(name) & {"/", ":"} else re.sub(r"[^\w-]", "", name.replace(" ", "_"))
    if not slug or len(slug) > KEY_LENGTH:
        raise ValueError(
            f"{_shown(given)!r}: a tag is accepted, such as planter, or its thingiverse.com address"
        )
    return slug


def thing_id(text: str) -> int:
    """Read the number of a thing from ``763622``, ``thing:763622`` or any address of the thing.

    Raises:
        ValueError: when there is no such number, with one line for a person.

    >>> thing_id("www.thingiverse.com/thing:763622/files")
    763622
    """
    return _pasted(
        text, _THING, _THING_PATH, "thing: give 763622, thing:763622 or its thingiverse.com address"
    )


def user_name(text: str) -> str:
    """A login name, also from the address of one of its pages.

    Raises:
        ValueError: for an address of something else, with one line for a person.

    >>> user_name("https://www.thingiverse.com/MakerBot/designs?page=2")
    'MakerBot'
    """
    given = text.strip()
    name = given.removeprefix("@")
    if "/" in given:
        parts = [part for part in (_site_path(given) or "").split("/") if part]
        named = parts[1:] if parts[:1] == ["users"] else parts
        name = unquote(named[0]) if named else ""
        name = "" if ":" in name else name  # thing:763622, make:5
    if not name or len(name) > KEY_LENGTH or any(ord(sign) < 32 for sign in name):
        raise ValueError(
            f"{_shown(given)!r}: a login name is accepted, such as MakerBot, or its thingiverse.com address"
        )
    return name


def _site_path(text: str) -> str | None:
    """The path of an address of the site, with or without its scheme; ``None`` for anything else."""
    if "/" not in text:
        return None
    try:
        parts = urlsplit(text if "://" in text else "https://" + text)
        known = parts.scheme in ("http", "https") and parts.hostname in _HOSTS
    except ValueError:  # "http://[": no address at all
        return None
    return parts.path if known else None


def _pasted(text: str, alone: re.Pattern[str], path: re.Pattern[str], what: str) -> int:
    """The number in what somebody pasted."""
    given = text.strip()
    found = alone.fullmatch(given)
    if not found and (inside := _site_path(given)):
        found = path.fullmatch(inside)
    number = int(found[1]) if found else 0
    if not 1 <= number <= LARGEST:
        raise ValueError(f"{_shown(given)!r} is no {what}")
    return number


def _shown(given: str) -> str:
    return given if len(given) <= 60 else given[:57] + "..."
