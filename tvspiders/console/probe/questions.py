"""What an API origin answers today, found out with a few requests: the questions of ``scrapy probe``."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median_low
from typing import Any

from tvspiders.api import paging, parsing, urls
from tvspiders.api.answers import Answer, Verdict
from tvspiders.api.headers import links, total_count
from tvspiders.api.list_names import NAMES, spelled
from tvspiders.api.values import count, identity, moment
from tvspiders.console.api.client import Reply
from tvspiders.console.probe.quota import QuotaSigns
from tvspiders.errors import AnswerRefused

MOST = 60
"""Requests at most."""
SEEN, LIKELY, UNKNOWN = "seen", "likely", "not known"
"""How sure an answer is."""
PAGES = (1000, 100, 50)
"""Page sizes that are asked for, one after the other, until one is honoured."""
LISTINGS = ("newest", "popular", "featured", "verified")
"""Addresses that the specification calls deprecated."""
DETAILS, PROFILES, GAPS = 5, 3, 24
"""Requests at most for things, for users, and for numbers that a list of newest things leaves out."""
COUNTS = ("download_count", "view_count", "like_count", "make_count", "remix_count", "collect_count")
"""Counts of a thing that rows may carry."""

Ask = Callable[[str], Awaitable[Reply]]


@dataclass(frozen=True)
class Finding:
    """One answer."""

    topic: str
    """Its name in the database."""
    question: str
    answer: str
    sure: str
    """``seen``, ``likely`` or ``not known``."""
    why: str
    """What it rests on, or what it takes."""
    value: Any = None
    """The answer for programs; ``None`` where it is not known."""


class Spent(Exception):
    """No more requests are allowed (raised by :class:`Probe`)."""


@dataclass
class Probe:
    """Asks, and keeps what the next question can use."""

    ask: Ask
    missing: Sequence[int] = ()
    """Things that are known to be gone or hidden."""
    clock: Callable[[], float] = time.time
    asked: int = 0
    findings: list[Finding] = field(default_factory=list)
    signs: QuotaSigns = field(default_factory=QuotaSigns)
    things: list[dict[str, Any]] = field(default_factory=list)
    """Own pages."""
    users: list[dict[str, Any]] = field(default_factory=list)
    """Profiles."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """Of a search for what is popular."""
    listed: list[dict[str, Any]] = field(default_factory=list)
    """Things of a list that is no search."""
    total: int | None = None
    """Results of a search for everything."""
    newest: list[int] = field(default_factory=list)
    """Numbers on the first page of a list of newest things."""
    categories: list[dict[str, Any]] = field(default_factory=list)
    """Rows of the list of categories."""
    more: Callable[[int], str] = field(default=lambda page: _newest(page))
    """Address of a page of that list."""
    refusals: dict[str, Answer] = field(default_factory=dict)
    """``deleted`` and ``hidden`` -> the answer to such a thing's page."""

    async def run(self) -> list[Finding]:
        """Ask everything; what the requests do not suffice for is not known."""
        for question, topics in (
            (self._begin, ()),
            (self._names, tuple(NAMES)),
            (self._fields, ()),
            (self._page_sizes, ("search/per_page", "list/per_page")),
            (self._window, ("search/past 10000",)),
            (self._dates, ("search/posted_after", "search/posted_before")),
            (self._category_sort, ("category/sort",)),
            (self._listings, ("old listings",)),
            (self._newest, ("newest",)),
            (self._bodies, ("deleted", "hidden")),
        ):
            try:
                await question()
            except Spent:
                told = {finding.topic for finding in self.findings}
                for topic in topics:
                    if topic not in told:
                        self._unknown(topic, f"the {MOST} requests are spent")
            except AnswerRefused as error:
                for topic in topics:
                    self._unknown(topic, f"the answer is not understood ({error})")
        self.findings[:0] = [
            Finding(topic, QUESTIONS[topic], *found) for topic, found in self.signs.findings().items()
        ]
        return self.findings

    # -- asking ----------------------------------------------------------------------------------

    async def _get(self, path: str) -> Reply:
        if self.asked >= MOST or self.signs.refused:
            raise Spent
        self.asked += 1
        reply = await self.ask(path)
        self.signs.note(reply.answer, reply.headers, self.clock())
        if self.signs.refused:
            raise Spent
        return reply

    async def _rows(self, path: str) -> list[dict[str, Any]]:
        """Rows of a list or search; none of an answer that brings no list."""
        reply = await self._get(path)
        if reply.answer.verdict is not Verdict.OK:
            return []
        return [row for row in parsing.envelope(reply.answer.document).rows if isinstance(row, dict)]

    async def _thing(self, number: int) -> dict[str, Any] | None:
        """A thing's own page; of one that is missing the answer is kept."""
        answer = (await self._get(urls.thing(number))).answer
        if answer.verdict is Verdict.GONE:
            self.refusals.setdefault("deleted", answer)
        elif answer.verdict in (Verdict.HIDDEN, Verdict.FORBIDDEN):
            self.refusals.setdefault("hidden", answer)
        document = answer.document
        return document if answer.verdict is Verdict.OK and isinstance(document, dict) else None

    def _found(self, topic: str, answer: str, sure: str, why: str, value: Any = None) -> None:
        value = answer if value is None and sure != UNKNOWN else value
        self.findings.append(Finding(topic, QUESTIONS[topic], answer, sure, why, value))

    def _unknown(self, topic: str, why: str) -> None:
        self._found(topic, "-", UNKNOWN, why)

    # -- questions -------------------------------------------------------------------------------

    async def _begin(self) -> None:
        """Popular things: a page of rows, and own pages until one states remixes and one makes."""
        reply = await self._get(urls.search("", sort="popular"))
        if reply.answer.verdict is Verdict.OK:
            page = parsing.envelope(reply.answer.document)
            self.rows, self.total = [row for row in page.rows if isinstance(row, dict)], page.total
        for row in self.rows[:DETAILS]:
            number = identity(row.get("id"))
            thing = await self._thing(number) if number else None
            if thing is not None:
                self.things.append(thing)
            if len(self.things) > 1 and self._most("remix_count") and self._most("make_count"):
                return

    def _most(self, counter: str) -> dict[str, Any] | None:
        """The thing that states most of something; ``None`` where none states any."""
        stating = [thing for thing in self.things if count(thing.get(counter))]
        return max(stating, key=lambda thing: count(thing.get(counter)) or 0, default=None)

    async def _names(self) -> None:
        """Both names of each list, of a subject that states more than nothing."""
        makers: list[str] = []
        for key, counter, path in (
            ("thing/derivatives", "remix_count", urls.derivatives),
            ("thing/copies", "make_count", urls.copies),
        ):
            thing = self._most(counter)
            if thing is None:
                self._unknown(key, f"no thing that was asked states a {counter}")
                continue
            rows = await self._both(key, path(thing["id"]), count(thing[counter]))
            if key == "thing/derivatives":
                self.listed = rows
            makers += [name for row in rows for name in _people(row)]
        makers += [name for thing in self.things for name in _people(thing)]
        await self._profiles(list(dict.fromkeys(makers)))
        for key, counter, of_user in (
            ("user/copies", "make_count", urls.user_copies),
            ("user/likes", "like_count", urls.user_likes),
        ):
            user = max(self.users, key=lambda user: count(user.get(counter)) or 0, default=None)
            if user is None:
                self._unknown(key, "no user could be asked")
                continue
            await self._both(key, of_user(str(user["name"])), count(user.get(counter)))

    async def _profiles(self, names: Sequence[str]) -> None:
        """Users, until one has makes and one likes."""
        for name in names[:PROFILES]:
            answer = (await self._get(urls.user(name))).answer
            if answer.verdict is Verdict.OK and isinstance(answer.document, dict):
                self.users.append(answer.document)
            if all(any(count(u.get(c)) for u in self.users) for c in ("make_count", "like_count")):
                return

    async def _both(self, key: str, path: str, stated: int | None) -> list[dict[str, Any]]:
        """Ask a list under both names; returns its rows."""
        alive: list[str] = []
        rows: list[dict[str, Any]] = []
        for name in NAMES[key]:
            answer = (await self._get(spelled(path, name))).answer
            if answer.verdict is Verdict.OK:
                alive.append(name)
                rows = rows or [
                    row for row in parsing.envelope(answer.document).rows if isinstance(row, dict)
                ]
            elif answer.verdict is not Verdict.GONE:
                self._unknown(key, f"{name}: {answer.status} {answer.reason}")
                return rows
        why = f"its subject states {stated:,}" if stated else "its subject states none"
        if alive:
            self._found(key, " and ".join(alive), SEEN, why, alive[0])
        elif stated:
            self._found(key, "neither", SEEN, why)
        else:
            self._unknown(key, f"404 under both names, and {why}")
        return rows

    async def _fields(self) -> None:
        """What own pages and rows carry."""
        if self.things:
            carrying = sum(isinstance(thing.get("categories"), list) for thing in self.things)
            why = f"in {carrying} of {len(self.things)} own pages"
            self._found("detail/categories", "yes" if carrying else "no", SEEN, why)
        else:
            self._unknown("detail/categories", "no thing could be asked")
        for topic, rows in (("search/counts", self.rows), ("list/counts", self.listed)):
            if not rows:
                self._unknown(topic, "no row came")
                continue
            carried = [name for name in COUNTS if any(count(row.get(name)) is not None for row in rows)]
            self._found(topic, ", ".join(carried) or "none", SEEN, f"in {len(rows)} rows", carried)

    async def _page_sizes(self) -> None:
        """The largest page of a search, and of a list."""
        await self._page_size("search/per_page", lambda size: urls.search("", per_page=size))
        self.categories = [row for row in await self._rows(urls.categories()) if row.get("slug")]
        largest = max(self.categories, key=lambda row: count(row.get("count")) or 0, default={})
        slug = str(largest.get("slug") or "3d-printing")
        await self._page_size("list/per_page", lambda size: urls.category_things(slug, per_page=size))

    async def _page_size(self, topic: str, path: Callable[[int], str]) -> None:
        most, total, asked = 0, None, 0
        for size in PAGES:
            reply = await self._get(path(size))
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
            self._unknown(topic, "no row came")
        elif most >= asked or (total is not None and most >= total):
            what = (
                "all there is" if total is not None and most >= total else f"as many as the {asked:,} asked"
            )
            self._found(topic, f"at least {most}", LIKELY, f"{most:,} rows came, {what}", most)
        else:
            self._found(topic, str(most), SEEN, f"{most:,} rows came of {asked:,} asked", most)

    async def _window(self) -> None:
        """A page of a search that begins after its 10,000th result."""
        topic = "search/past 10000"
        if self.total is None or self.total < paging.WINDOW:
            told = "no total" if self.total is None else f"{self.total:,} results"
            self._unknown(topic, f"a search for everything tells {told}")
            return
        answer = (await self._get(urls.search("", page=paging.WINDOW // urls.PER_PAGE + 2))).answer
        if answer.verdict is not Verdict.OK:
            # a server that fails may do so by chance
            sure = SEEN if answer.status < 500 else LIKELY
            self._found(topic, str(answer.status), sure, _said(answer))
            return
        hits = answer.document.get("hits") if isinstance(answer.document, dict) else answer.document
        what = "null" if hits is None else "rows" if hits else "an empty page"
        self._found(topic, what, SEEN, f"a search that tells {self.total:,} results")

    async def _dates(self) -> None:
        """Dates as filters: does every row that comes keep to them?"""
        days = sorted(day for row in self.rows if (day := _day(row)))
        if len(set(days)) < 2:
            for name in ("after", "before"):
                self._unknown(f"search/posted_{name}", "rows carry no dates to compare")
            return
        cut = median_low(days)
        for name in ("after", "before"):
            rows = await self._rows(urls.search("", sort="popular") + f"&posted_{name}={cut}")
            wrong = sum(day < cut if name == "after" else day > cut for row in rows if (day := _day(row)))
            why = f"{wrong} of {len(rows)} rows are on the other side of {cut}"
            if not rows:
                self._unknown(f"search/posted_{name}", f"nothing came for {cut}")
            else:
                self._found(f"search/posted_{name}", "ignored" if wrong else "heeded", SEEN, why)

    async def _category_sort(self) -> None:
        """Whether another order brings other rows, or the same in another order."""
        slug = next(
            (str(row["slug"]) for row in await self._rows(urls.categories()) if row.get("slug")), "art"
        )
        plain, popular = [
            [row.get("id") for row in await self._rows(urls.category_things(slug) + order)]
            for order in ("", "&sort=popular")
        ]
        if len(plain) < 3 or not popular:
            self._unknown("category/sort", f"{len(plain)} rows came")
        else:
            same = plain == popular
            why = "sort=popular brings " + ("the same rows" if same else "other rows, or another order")
            self._found("category/sort", "ignored" if same else "heeded", SEEN, why)

    async def _listings(self) -> None:
        """The old addresses of the whole site's lists."""
        alive = []
        for kind in LISTINGS:
            rows = await self._rows(_newest(1) if kind == "newest" else urls.listed(kind))
            if rows:
                alive.append(kind)
            if kind == "newest":
                self.newest = _ids(rows)
        answer = ", ".join(alive) or "none"
        self._found("old listings", answer, SEEN, f"{len(LISTINGS)} asked", alive)

    async def _newest(self) -> None:
        """The highest number of a thing."""
        found = _ids(await self._rows(_searched(1)))
        if not found and not self.newest:
            self._unknown("newest", "no row came")
            return
        newest = max([*found, *self.newest])
        both = bool(found and self.newest) and max(found) == max(self.newest)
        if not self.newest:
            self.newest, self.more = found, _searched
        why = "by the search and by the list" if both else "by one of search and list"
        self._found("newest", str(newest), SEEN if both else LIKELY, why, newest)

    async def _bodies(self) -> None:
        """What is answered for a deleted thing, and for a hidden one; numbers between the newest are such."""
        with suppress(Spent):
            async for number in self._suspects():
                if len(self.refusals) == 2:
                    break
                await self._thing(number)
        for topic in ("deleted", "hidden"):
            answer = self.refusals.get(topic)
            if answer is None:
                self._unknown(topic, "none was met; a crawl of many things meets some")
            else:
                said = _said(answer)
                value = {"status": answer.status, "message": said}
                self._found(topic, f"{answer.status} {said}", SEEN, "one was asked", value)

    async def _suspects(self) -> AsyncIterator[int]:
        """Numbers that are likely to be gone or hidden: those known, then those that the newest leave out."""
        for known in self.missing:
            yield known
        page, there, left = 1, self.newest, GAPS
        while there and left:
            shown = set(there)
            gaps = [number for number in range(max(there), min(there), -1) if number not in shown][:left]
            left -= len(gaps)
            for number in gaps:
                yield number
            page += 1
            there = [min(there), *_ids(await self._rows(self.more(page)))]
            if len(there) == 1:
                return


def _newest(page: int) -> str:
    return urls.newest(page, per_page=PAGES[0])


def _searched(page: int) -> str:
    # with customized copies, which would be gaps otherwise
    return urls.search("", page, per_page=PAGES[0], sort="newest", show_customized=True)


QUESTIONS = {
    "quota": "requests in a window",
    "window": "a window begins",
    "thing/derivatives": "list of a thing's remixes",
    "thing/copies": "list of a thing's makes",
    "user/copies": "list of a user's makes",
    "user/likes": "list of a user's likes",
    "detail/categories": "categories in a thing's page",
    "search/counts": "counts in rows of a search",
    "list/counts": "counts in rows of a list",
    "search/per_page": "rows on a page of a search",
    "list/per_page": "rows on a page of a list",
    "search/past 10000": "past 10,000 results",
    "search/posted_after": "posted_after",
    "search/posted_before": "posted_before",
    "category/sort": "sort in a category",
    "old listings": "old listings alive",
    "newest": "newest thing",
    "deleted": "page of a deleted thing",
    "hidden": "page of a hidden thing",
}
"""Topic -> what is asked, in words."""

_NUMBER = re.compile(r"\d+")


def _said(answer: Answer) -> str:
    """The words of an error, without the number of a thing."""
    return _NUMBER.sub("N", answer.message) or "(no words)"


def _ids(rows: Sequence[dict[str, Any]]) -> list[int]:
    return [number for row in rows if (number := identity(row.get("id")))]


def _day(row: dict[str, Any]) -> str | None:
    """The day on which a row's thing was published."""
    when = moment(row.get("created_at") or row.get("added"))
    return when[:10] if when else None


def _people(row: dict[str, Any]) -> Iterator[str]:
    """Names of those who made what a row, or a thing's own page, is about."""
    for role in ("maker", "creator"):
        person = row.get(role)
        if isinstance(person, dict) and isinstance(person.get("name"), str) and person["name"]:
            yield person["name"]
