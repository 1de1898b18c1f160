"""Which names of lists an API origin serves, and which fields its rows carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tvspiders.api import parsing, urls
from tvspiders.api.answers import Verdict
from tvspiders.api.lists.names import NAMES, spelled
from tvspiders.api.values import count, identity
from tvspiders.console.probe.probe import SEEN, Probe

DETAILS, PROFILES = 5, 3
"""Requests at most for things, and for users."""
COUNTS = ("download_count", "view_count", "like_count", "make_count", "remix_count", "collect_count")
"""Counts of a thing that rows may carry."""


async def ask_popular_things(probe: Probe) -> None:
    """Popular things: a page of rows, and own pages until one states remixes and one makes."""
    reply = await probe.get(urls.search("", sort="popular"))
    if reply.answer.verdict is Verdict.OK:
        page = parsing.envelope(reply.answer.document)
        probe.rows, probe.total = [row for row in page.rows if isinstance(row, dict)], page.total
    for row in probe.rows[:DETAILS]:
        number = identity(row.get("id"))
        thing = await probe.get_thing(number) if number else None
        if thing is not None:
            probe.things.append(thing)
        if len(probe.things) > 1 and _most(probe, "remix_count") and _most(probe, "make_count"):
            return


async def ask_names(probe: Probe) -> None:
    """Both names of each list, of a subject that states at least one entry."""
    makers: list[str] = []
    for key, counter, path in (
        ("thing/derivatives", "remix_count", urls.derivatives),
        ("thing/copies", "make_count", urls.copies),
    ):
        thing = _most(probe, counter)
        if thing is None:
            probe.unknown(key, f"no thing that was asked states a {counter}")
            continue
        rows = await _both(probe, key, path(thing["id"]), count(thing[counter]))
        if key == "thing/derivatives":
            probe.listed = rows
        makers += [name for row in rows for name in _people(row)]
    makers += [name for thing in probe.things for name in _people(thing)]
    await _profiles(probe, list(dict.fromkeys(makers)))
    for key, counter, of_user in (
        ("user/copies", "make_count", urls.user_copies),
        ("user/likes", "like_count", urls.user_likes),
    ):
        user = max(probe.users, key=lambda user: count(user.get(counter)) or 0, default=None)
        if user is None:
            probe.unknown(key, "no user could be asked")
            continue
        await _both(probe, key, of_user(str(user["name"])), count(user.get(counter)))


async def look_at_fields(probe: Probe) -> None:
    """Which fields own pages and rows carry."""
    if probe.things:
        carrying = sum(isinstance(thing.get("categories"), list) for thing in probe.things)
        why = f"in {carrying} of {len(probe.things)} own pages"
        probe.found("detail/categories", "yes" if carrying else "no", SEEN, why)
    else:
        probe.unknown("detail/categories", "no thing could be asked")
    for topic, rows in (("search/counts", probe.rows), ("list/counts", probe.listed)):
        if not rows:
            probe.unknown(topic, "no row came")
            continue
        carried = [name for name in COUNTS if any(count(row.get(name)) is not None for row in rows)]
        probe.found(topic, ", ".join(carried) or "none", SEEN, f"in {len(rows)} rows", carried)


def _most(probe: Probe, counter: str) -> dict[str, Any] | None:
    """The thing that states most of something; ``None`` where none states any."""
    stating = [thing for thing in probe.things if count(thing.get(counter))]
    return max(stating, key=lambda thing: count(thing.get(counter)) or 0, default=None)


async def _profiles(probe: Probe, names: Sequence[str]) -> None:
    """Users, until one has makes and one likes."""
    for name in names[:PROFILES]:
        answer = (await probe.get(urls.user(name))).answer
        if answer.verdict is Verdict.OK and isinstance(answer.document, dict):
            probe.users.append(answer.document)
        if all(any(count(u.get(c)) for u in probe.users) for c in ("make_count", "like_count")):
            return


async def _both(probe: Probe, key: str, path: str, stated: int | None) -> list[dict[str, Any]]:
    """Request a list under both names; returns its rows."""
    alive: list[str] = []
    rows: list[dict[str, Any]] = []
    for name in NAMES[key]:
        answer = (await probe.get(spelled(path, name))).answer
        if answer.verdict is Verdict.OK:
            alive.append(name)
            rows = rows or [row for row in parsing.envelope(answer.document).rows if isinstance(row, dict)]
        elif answer.verdict is not Verdict.GONE:
            probe.unknown(key, f"{name}: {answer.status} {answer.reason}")
            return rows
    why = f"its subject states {stated:,}" if stated else "its subject states none"
    if alive:
        probe.found(key, " and ".join(alive), SEEN, why, alive[0])
    elif stated:
        probe.found(key, "neither", SEEN, why)
    else:
        probe.unknown(key, f"404 under both names, and {why}")
    return rows


def _people(row: dict[str, Any]) -> Iterator[str]:
    """Names of those who made what a row, or a thing's own page, is about."""
    for role in ("maker", "creator"):
        person = row.get(role)
        if isinstance(person, dict) and isinstance(person.get("name"), str) and person["name"]:
            yield person["name"]
