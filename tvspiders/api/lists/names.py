"""Lists that the API serves under one of two names, which differ from origin to origin.

Requests are kept under the first name, that of the specification; which name an origin answers to is
learned (``policies.api_names``), and put in when the request leaves.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tvspiders.api.answers import Answer, Verdict

NAMES: dict[str, tuple[str, str]] = {
    "thing/derivatives": ("derivatives", "remixes"),
    "thing/copies": ("copies", "makes"),
    "user/copies": ("copies", "makes"),
    "user/likes": ("likes", "favorites"),
}
"""List, with whose it is -> its names: that of the specification, then the other one."""

_BELOW = re.compile(r"/(?:thing|user|collection)s/[^/?]+/[^/?]")
_LIST = re.compile(r"/(thing|user)s/[^/?]+/([a-z]+)(?=\?|$)")


class Named(NamedTuple):
    """Position of such a list's name in a path."""

    key: str
    """One of :data:`NAMES`."""
    start: int
    end: int


def list_in(path: str) -> Named | None:
    """The list that a path asks for, where it has two names.

    >>> list_in("/things/2/derivatives?page=1").key
    'thing/derivatives'
    """
    found = _LIST.match(path)
    if found is None or f"{found[1]}/{found[2]}" not in NAMES:
        return None
    return Named(f"{found[1]}/{found[2]}", found.start(2), found.end(2))


def spelled(path: str, name: str) -> str:
    """The path of a list under another name; any other path as it is.

    >>> spelled("/things/2/derivatives?page=1", "remixes")
    '/things/2/remixes?page=1'
    """
    found = list_in(path)
    return path if found is None else path[: found.start] + name + path[found.end :]


def spelled_for(path: str, known: dict[str, str]) -> str:
    """The path under the name that is known for its list, if any."""
    found = list_in(path)
    return path if found is None or found.key not in known else spelled(path, known[found.key])


def is_below_subject(path: str) -> bool:
    """Whether a path asks for what hangs off a thing, user or collection.

    >>> is_below_subject("/users/ada/things?page=1"), is_below_subject("/users/ada")
    (True, False)
    """
    return _BELOW.match(path) is not None


def subject_lives(answer: Answer) -> bool:
    """Whether a list is missing, and nothing says that what it belongs to is.

    Of a thing or collection that is gone, the API says that it does not exist, also below it.
    """
    return answer.verdict is Verdict.GONE and "does not exist" not in answer.message
