"""Find ids for searches, categories, tags and the site-wide lists.

Nobody scans the catalogue when a range will do: of all the ranges a question
names (a word, a category, what is featured, what has makes, a user's things) the
smallest is walked, and the others are checked for each id.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from heapq import nlargest, nsmallest
from itertools import islice

from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.categories import BY_ID
from tvspiders.sandbox.catalogue.mixing import text_number
from tvspiders.sandbox.catalogue.vocabulary import USER_FIRST, USER_LAST
from tvspiders.sandbox.catalogue.words import Range, normal

WINDOW = 10_000
"""Results of a search that can be reached; ``total`` never says more."""

SORTS = ("relevant", "text", "popular", "makes", "newest")


@dataclass(frozen=True, slots=True)
class Question:
    """A search for things. None means the filter was not given."""

    term: str = ""
    sort: str = "relevant"
    category_id: int | None = None
    license: str | None = None
    is_featured: bool | None = None
    has_makes: bool | None = None
    is_derivative: bool | None = None
    customizable: bool | None = None
    show_customized: bool = False
    liked_by: int | None = None
    made_by: int | None = None
    creator: int | None = None
    """A user's rank: search only what that user published."""
    after: str | None = None
    """A date, where the API applies dates."""
    before: str | None = None


_Walk = tuple[int, Callable[[], Iterable[int]]]


class Finder:
    """Ids by query and day."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @lru_cache(maxsize=96)  # noqa: B019 - one Finder for each sandbox, kept as long as it
    def things(self, question: Question, day: int) -> array[int]:
        """The ids a search lists, in order, at most `WINDOW` of them."""
        catalogue, words = self._catalogue, self._catalogue.words
        ranges = words.ranges(question.term) if question.term.strip() else []
        if question.term.strip() and not ranges:
            return array("I")
        if question.category_id is not None:
            category = BY_ID.get(question.category_id)
            if category is None:
                return array("I")
            ranges = [*ranges, words.category(category.slug)]
        walks = [(len(where), self._walk(where)) for where in ranges] + self._other_walks(question, day)
        passes = self._filters(question, day)
        if walks:
            _, walk = min(walks, key=lambda each: each[0])
            passes += [partial(words.holds, where) for where in ranges if len(walks) > 1]
            passes += self._memberships(question, day)
            found = self._kept(walk(), passes)
            if question.sort == "newest":
                return array("I", nlargest(WINDOW, found))
            if question.sort in ("popular", "makes"):
                return array("I", nsmallest(WINDOW, found, key=catalogue.families.rank))
            return array("I", islice(found, WINDOW))
        whole = catalogue.newest_first(day) if question.sort == "newest" else catalogue.best_known_first()
        return array("I", islice(self._kept(whole, passes), WINDOW))

    def _walk(self, where: Range) -> Callable[[], Iterable[int]]:
        words = self._catalogue.words
        return lambda: (words.thing(where, offset) for offset in range(len(where)))

    def _other_walks(self, question: Question, day: int) -> list[_Walk]:
        catalogue = self._catalogue
        at_rank = catalogue.families.at_rank
        walks: list[_Walk] = []
        if question.is_featured:
            walks.append((catalogue.featured_ranks, lambda: map(at_rank, range(catalogue.featured_ranks))))
        if question.has_makes:
            ranks = catalogue.people.makes.left.ranks
            walks.append((ranks, lambda: map(at_rank, range(ranks))))
        for ids in self._members(question, day):
            walks.append((len(ids), partial(iter, ids)))
        return walks

    def _members(self, question: Question, day: int) -> list[list[int]]:
        """The id lists that a question about one user comes down to."""
        catalogue, people = self._catalogue, self._catalogue.people
        found: list[list[int]] = []
        if question.liked_by is not None:
            user = people.rank_of_id(question.liked_by)
            found.append([] if user is None else catalogue.liked(user, day))
        if question.made_by is not None:
            user = people.rank_of_id(question.made_by)
            copies = [] if user is None else catalogue.copies(user, day)
            found.append(list(dict.fromkeys(catalogue.made_thing(make)[0] for make in copies)))
        if question.creator is not None:
            found.append(people.designed(question.creator))
        return found

    def _memberships(self, question: Question, day: int) -> list[Callable[[int], bool]]:
        return [set(ids).__contains__ for ids in self._members(question, day)]

    def _filters(self, question: Question, day: int) -> list[Callable[[int], bool]]:
        catalogue = self._catalogue
        passes: list[Callable[[int], bool]] = [lambda thing: catalogue.life.indexed(thing, day)]
        if question.after is not None:
            passes.append(lambda thing: catalogue.life.added(thing).date().isoformat() >= str(question.after))
        if question.before is not None:
            passes.append(lambda thing: catalogue.life.added(thing).date().isoformat() < str(question.before))
        if question.license is not None:
            passes.append(lambda thing: catalogue.license(thing)[0] == question.license)
        if question.is_featured is not None:
            passes.append(lambda thing: catalogue.featured(thing) is question.is_featured)
        if question.has_makes is not None:
            passes.append(lambda thing: (catalogue.make_count(thing, day) > 0) is question.has_makes)
        if question.is_derivative is not None:
            passes.append(lambda thing: bool(catalogue.parents(thing, day)) is question.is_derivative)
        if question.customizable:
            passes.append(catalogue.customizable)
        elif not question.show_customized:
            passes.append(lambda thing: not catalogue.customizable(thing))
        return passes

    @staticmethod
    def _kept(things: Iterable[int], passes: list[Callable[[int], bool]]) -> Iterator[int]:
        return (thing for thing in things if all(test(thing) for test in passes))

    # Lists of visible things

    @lru_cache(maxsize=12)  # noqa: B019
    def category(self, slug: str, day: int) -> array[int]:
        """All visible things of a category, newest first: no window here."""
        return self._newest_visible(self._walk(self._catalogue.words.category(slug))(), day)

    @lru_cache(maxsize=12)  # noqa: B019
    def tag(self, name: str, day: int) -> array[int] | None:
        """All visible things with a tag, newest first; None when nobody uses the tag."""
        where = self._catalogue.words.known(normal(name))
        return None if where is None else self._newest_visible(self._walk(where)(), day)

    def _newest_visible(self, things: Iterable[int], day: int) -> array[int]:
        visible = self._catalogue.life.visible
        return array("I", sorted((thing for thing in things if visible(thing, day)), reverse=True))

    @lru_cache(maxsize=12)  # noqa: B019
    def listed(self, name: str, day: int) -> array[int]:
        """``newest``, ``popular``, ``featured`` or ``verified``: at most `WINDOW` visible things."""
        catalogue = self._catalogue
        things: Iterable[int] = (
            catalogue.newest_first(day) if name == "newest" else catalogue.best_known_first()
        )
        if name == "featured":
            things = (
                thing for thing in islice(things, catalogue.featured_ranks) if catalogue.featured(thing)
            )
        elif name == "verified":
            things = islice(things, 1, None, 3)
        visible = catalogue.life.visible
        return array("I", islice((thing for thing in things if visible(thing, day)), WINDOW))

    # Users, makes, collections

    @lru_cache(maxsize=12)  # noqa: B019
    def users(self, term: str) -> list[int]:
        """Users whose name holds the term, the most prolific first; at most `WINDOW`."""
        people = self._catalogue.people
        folded = "".join(term.casefold().split())
        if not folded:
            return [rank for rank in range(min(people.count, WINDOW + 99)) if not people.gone(rank)][:WINDOW]
        exact = people.rank_of_name(folded)
        parts = [word for word in (*USER_FIRST, *USER_LAST) if folded in word.casefold()]
        found = set[int]() if exact is None else {exact}
        if parts:
            ranks = (
                rank
                for rank in range(people.count)
                if any(p.casefold() in people.name(rank).casefold() for p in parts)
            )
            found.update(islice(ranks, 2000))
        return sorted(rank for rank in found if not people.gone(rank))

    def makes(self, question: Question, user: int | None, day: int) -> list[int]:
        """Makes of the things a search finds, or of one user; at most `WINDOW`."""
        catalogue = self._catalogue
        if user is not None:
            return catalogue.copies(user, day)[:WINDOW]
        things = (thing for thing in self.things(question, day) if catalogue.life.visible(thing, day))
        return list(
            islice((make for thing in things for make in reversed(catalogue.makes(thing, day))), WINDOW)
        )

    def collections(self, term: str) -> list[int]:
        """Collections a term finds: those of a stretch of users drawn from the term."""
        people = self._catalogue.people
        if normal(term).startswith("zzq"):
            return []
        drawn = text_number(normal(term))
        users = ((drawn + k) % people.count for k in range(min(people.count, 20 + drawn % 200)))
        return [c for user in users if not people.gone(user) for c in self._catalogue.collections(user)][
            :WINDOW
        ]
