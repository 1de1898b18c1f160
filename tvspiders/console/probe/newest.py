"""Which things an API origin has: old lists of the whole site, the newest thing, deleted and hidden ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

from tvspiders.api import urls
from tvspiders.console.probe.probe import LIKELY, SEEN, Probe, Spent, ids, words_of

LISTINGS = ("newest", "popular", "featured", "verified")
"""Addresses that the specification calls deprecated."""
PER_PAGE = 1000
"""Rows that are requested; the API returns as many as it allows."""
GAPS = 24
"""Requests at most for numbers that a list of newest things leaves out."""


async def ask_old_lists(probe: Probe) -> None:
    """The old addresses of the whole site's lists."""
    alive = []
    for kind in LISTINGS:
        rows = await probe.get_rows(_listed(1) if kind == "newest" else urls.listed(kind))
        if rows:
            alive.append(kind)
        if kind == "newest":
            probe.newest = ids(rows)
    answer = ", ".join(alive) or "none"
    probe.found("old listings", answer, SEEN, f"{len(LISTINGS)} asked", alive)


async def ask_newest(probe: Probe) -> None:
    """The highest number of a thing."""
    by_search = ids(await probe.get_rows(_searched(1)))
    if not by_search and not probe.newest:
        probe.unknown("newest", "no row came")
        return
    newest = max([*by_search, *probe.newest])
    both = bool(by_search and probe.newest) and max(by_search) == max(probe.newest)
    if not probe.newest:
        probe.newest, probe.newest_by_search = by_search, True
    why = "by the search and by the list" if both else "by one of search and list"
    probe.found("newest", str(newest), SEEN if both else LIKELY, why, newest)


async def ask_missing_things(probe: Probe) -> None:
    """The response for a deleted thing, and for a hidden one; numbers between the newest are such."""
    with suppress(Spent):
        async for number in _suspects(probe):
            if len(probe.refusals) == 2:
                break
            await probe.get_thing(number)
    for topic in ("deleted", "hidden"):
        answer = probe.refusals.get(topic)
        if answer is None:
            probe.unknown(topic, "none was met; a crawl of many things meets some")
        else:
            words = words_of(answer)
            value = {"status": answer.status, "message": words}
            probe.found(topic, f"{answer.status} {words}", SEEN, "one was asked", value)


async def _suspects(probe: Probe) -> AsyncIterator[int]:
    """Numbers that are likely to be gone or hidden: the known ones, then those that the newest leave out."""
    for known in probe.missing:
        yield known
    page, there, left = 1, probe.newest, GAPS
    while there and left:
        shown = set(there)
        gaps = [number for number in range(max(there), min(there), -1) if number not in shown][:left]
        left -= len(gaps)
        for number in gaps:
            yield number
        page += 1
        path = _searched(page) if probe.newest_by_search else _listed(page)
        there = [min(there), *ids(await probe.get_rows(path))]
        if len(there) == 1:
            return


def _listed(page: int) -> str:
    return urls.newest(page, per_page=PER_PAGE)


def _searched(page: int) -> str:
    # with customized copies, which would be gaps otherwise
    return urls.search("", page, per_page=PER_PAGE, sort="newest", show_customized=True)
