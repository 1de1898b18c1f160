"""How an API origin searches: sizes of pages, the window of 10,000 results, filters by date, sorting."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median_low
from typing import Any

from tvspiders.api import parsing, urls
from tvspiders.api.answers import Verdict
from tvspiders.api.headers import links, total_count
from tvspiders.api.lists import paging
from tvspiders.api.values import count, moment
from tvspiders.console.probe.probe import LIKELY, SEEN, Probe, words_of

PAGES = (1000, 100, 50)
"""Page sizes that are requested, one after the other, until one is honoured."""


async def ask_page_sizes(probe: Probe) -> None:
    """The largest page of a search, and of a list."""
    await _page_size(probe, "search/per_page", lambda size: urls.search("", per_page=size))
    categories = [row for row in await probe.get_rows(urls.categories()) if row.get("slug")]
    largest = max(categories, key=lambda row: count(row.get("count")) or 0, default={})
    slug = str(largest.get("slug") or "3d-printing")
    await _page_size(probe, "list/per_page", lambda size: urls.category_things(slug, per_page=size))


async def ask_past_the_window(probe: Probe) -> None:
    """A page of a search that begins after the 10,000th result."""
    topic = "search/past 10000"
    if probe.total is None or probe.total < paging.WINDOW:
        stated = "no total" if probe.total is None else f"{probe.total:,} results"
        probe.unknown(topic, f"a search for everything states {stated}")
        return
    answer = (await probe.get(urls.search("", page=paging.WINDOW // urls.PER_PAGE + 2))).answer
    if answer.verdict is not Verdict.OK:
        # a server that fails may do so by chance
        sure = SEEN if answer.status < 500 else LIKELY
        probe.found(topic, str(answer.status), sure, words_of(answer))
        return
    hits = answer.document.get("hits") if isinstance(answer.document, dict) else answer.document
    what = "null" if hits is None else "rows" if hits else "an empty page"
    probe.found(topic, what, SEEN, f"a search that states {probe.total:,} results")


async def ask_for_dates(probe: Probe) -> None:
    """Dates as filters: does every returned row match them?"""
    days = sorted(day for row in probe.rows if (day := _day(row)))
    if len(set(days)) < 2:
        for name in ("after", "before"):
            probe.unknown(f"search/posted_{name}", "rows carry no dates to compare")
        return
    cut = median_low(days)
    for name in ("after", "before"):
        rows = await probe.get_rows(urls.search("", sort="popular") + f"&posted_{name}={cut}")
        wrong = sum(day < cut if name == "after" else day > cut for row in rows if (day := _day(row)))
        why = f"{wrong} of {len(rows)} rows are on the other side of {cut}"
        if not rows:
            probe.unknown(f"search/posted_{name}", f"nothing came for {cut}")
        else:
            probe.found(f"search/posted_{name}", "ignored" if wrong else "heeded", SEEN, why)


async def ask_for_a_sort(probe: Probe) -> None:
    """Whether another order returns other rows, or the same in another order."""
    slug = next(
        (str(row["slug"]) for row in await probe.get_rows(urls.categories()) if row.get("slug")), "art"
    )
    plain, popular = [
        [row.get("id") for row in await probe.get_rows(urls.category_things(slug) + order)]
        for order in ("", "&sort=popular")
    ]
    if len(plain) < 3 or not popular:
        probe.unknown("category/sort", f"{len(plain)} rows came")
    else:
        same = plain == popular
        why = "sort=popular brings " + ("the same rows" if same else "other rows, or another order")
        probe.found("category/sort", "ignored" if same else "heeded", SEEN, why)


async def _page_size(probe: Probe, topic: str, path: Callable[[int], str]) -> None:
    most, total, asked = 0, None, 0
    for size in PAGES:
        reply = await probe.get(path(size))
        if reply.answer.verdict is not Verdict.OK:
            continue
        page = parsing.envelope(reply.answer.document)
        last = links(reply.headers).get("last")
        total = page.total if page.total is not None else total_count(reply.headers)
        total = total if total is not None or last != 1 else len(page.rows)
        if len(page.rows) > most:
            most, asked = len(page.rows), size
        if most > urls.PER_PAGE or (total is not None and len(page.rows) >= total):
            break
    if not most:
        probe.unknown(topic, "no row came")
    elif most >= asked or (total is not None and most >= total):
        what = "all there is" if total is not None and most >= total else f"as many as the {asked:,} asked"
        probe.found(topic, f"at least {most}", LIKELY, f"{most:,} rows came, {what}", most)
    else:
        probe.found(topic, str(most), SEEN, f"{most:,} rows came of {asked:,} asked", most)


def _day(row: dict[str, Any]) -> str | None:
    """The day on which a row's thing was published."""
    when = moment(row.get("created_at") or row.get("added"))
    return when[:10] if when else None
