"""The generated catalogue: facts about any thing, user, make and list on any day.

Nothing is stored. Every fact is a pure function of the seed, the id and the day,
so a catalogue of six million things starts at once and fits in a few megabytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from tvspiders.sandbox.catalogue.families import Families
from tvspiders.sandbox.catalogue.lifecycle import Lifecycle, State
from tvspiders.sandbox.catalogue.mixing import Source
from tvspiders.sandbox.catalogue.people import People
from tvspiders.sandbox.catalogue.vocabulary import LICENSES
from tvspiders.sandbox.catalogue.words import Words

_LICENSE_BY_MILLE = tuple(number for number, entry in enumerate(LICENSES) for _ in range(entry[2]))


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of one thing on one day."""

    likes: int
    makes: int
    remixes: int
    collects: int
    comments: int
    root_comments: int
    downloads: int
    views: int


@dataclass(frozen=True, slots=True)
class Flags:
    """What is true of a thing for ever."""

    wip: bool
    nsfw: bool
    ai: bool
    winner: bool
    printable: bool
    featured: bool
    customizable: bool


class Catalogue:
    """Facts, by id and day.

    >>> catalogue = Catalogue(things=1000, seed=1)
    >>> catalogue.counts(1, day=0) == Catalogue(things=1000, seed=1).counts(1, day=0)
    True
    """

    def __init__(self, things: int, seed: int, falling: float = 0.0) -> None:
        self.things = things
        self.seed = seed
        self.families = Families(max(things + things // 10, things + 28), seed)
        capacity = self.families.capacity
        self.capacity = capacity
        self.life = Lifecycle(things, capacity, seed)
        self.words = Words(things, capacity, seed)
        self.people = People(capacity, seed)
        self.featured_ranks = max(3, capacity // 400)
        """The best known ranks, of which featured things are taken."""
        self._source = Source(seed, "things")
        self._falling = falling
        self._fallen = Source(seed, "falling")

    # Things

    def drawn(self, thing: int) -> int:
        """64 bits that belong to the thing, for everything small about it."""
        return self._source.number(thing)

    def state(self, thing: int, day: int) -> State:
        """What a request for the thing meets."""
        return self.life.state(thing, day)

    def visible(self, things: Iterable[int], day: int) -> list[int]:
        """Those whose detail answers 200, in the order given."""
        visible = self.life.visible
        return [thing for thing in things if visible(thing, day)]

    def parents(self, thing: int, day: int) -> list[int]:
        """Direct parents as the detail names them: deleted, hidden and missing ones too."""
        newest, capacity = self.life.newest(day), self.capacity
        return [parent for parent in self.families.parents(thing) if parent <= newest or parent > capacity]

    def children(self, thing: int, day: int) -> list[int]:
        """Visible derivatives, newest first."""
        return self.visible(reversed(self.families.children(thing)), day)

    def license(self, thing: int) -> tuple[str, str]:
        """The request value and the text of the licence."""
        code, text, _ = LICENSES[_LICENSE_BY_MILLE[self.drawn(thing) % 1000]]
        return code, text

    def flags(self, thing: int) -> Flags:
        """Flags that do not change."""
        drawn = self.drawn(thing) >> 10
        return Flags(
            wip=drawn % 50 == 0,
            nsfw=(drawn >> 6) % 100 == 0,
            ai=(drawn >> 13) % 40 == 0,
            winner=(drawn >> 19) % 500 == 0,
            printable=(drawn >> 28) % 5 == 0,
            featured=self.featured(thing),
            customizable=self.customizable(thing),
        )

    def featured(self, thing: int) -> bool:
        """Whether the editors chose it: half of the best known."""
        return self.families.rank(thing) < self.featured_ranks and self.drawn(thing) >> 60 & 1 == 0

    def customizable(self, thing: int) -> bool:
        """Whether it is a customized copy, which searches leave out by default."""
        return (self.drawn(thing) >> 40) % 20 == 0

    def counts(self, thing: int, day: int) -> Counts:
        """All the numbers; they grow with the days and agree with the lists."""
        rank = self.families.rank(thing)
        drawn = self.drawn(thing)
        likes = self._liked_ever(thing, day, rank)
        age = day - self.life.birthday(thing)
        often = 1 + (drawn >> 20) % 14
        downloads = likes * (6 + often) + (drawn >> 24) % 90 * min(age + 30, 30) // 30
        downloads += (likes + 2) * often * max(age, 0) // 150
        comments = self.comment_count(thing, day, rank)
        left = self.like_count(thing, day, rank)
        return Counts(
            likes=left,
            makes=self.make_count(thing, day, rank),
            remixes=len(self.children(thing, day)),
            collects=left + left * ((drawn >> 30) % 12) // 10,
            comments=comments,
            root_comments=-(-comments * 2 // 3),
            downloads=downloads,
            views=downloads * (2 + (drawn >> 34) % 4) + likes,
        )

    def like_count(self, thing: int, day: int, rank: int | None = None) -> int:
        """How many like it."""
        rank = self.families.rank(thing) if rank is None else rank
        if self.falls(thing):
            return max(0, self._liked_ever(thing, 0, rank) - day)
        return self._liked_ever(thing, day, rank)

    def _liked_ever(self, thing: int, day: int, rank: int) -> int:
        """How many liked it by this day, those who took it back included."""
        return self.life.grown(self.people.likes.left.count(rank), self._share(thing), thing, day)

    def falls(self, thing: int) -> bool:
        """Whether likes and makes of the thing are taken back, one a day; its downloads and views grow on."""
        return self._falling > 0 and self._fallen.share(thing) < self._falling

    def make_count(self, thing: int, day: int, rank: int | None = None) -> int:
        """How many copies it has."""
        rank = self.families.rank(thing) if rank is None else rank
        most, fallen = self.people.makes.left.count(rank), day if self.falls(thing) else 0
        counted = self.life.grown(most, self._share(thing), thing, 0 if fallen else day)
        return max(0, counted - fallen)

    def comment_count(self, thing: int, day: int, rank: int | None = None) -> int:
        """How many comments it has, replies included."""
        rank = self.families.rank(thing) if rank is None else rank
        most = self.people.makes.left.count(rank)
        return self.life.grown(most + most // 3, 1 - self._share(thing), thing, day)

    def _share(self, thing: int) -> float:
        return (self.drawn(thing) >> 44 & 0x3FF) / 1024

    # Makes

    def makes(self, thing: int, day: int) -> range:
        """Numbers of a thing's makes, oldest first; a make's id is its number + 1."""
        slots = self.people.makes.left.slots(self.families.rank(thing))
        return slots[: self.make_count(thing, day)]

    def maker(self, make: int) -> int:
        """The user who printed it."""
        return self.people.unshuffled(self.people.makes.right_of(make))

    def made_thing(self, make: int) -> tuple[int, int]:
        """The thing that was printed, and which print of it this was."""
        rank, place = self.people.makes.left.owner(make)
        return self.families.at_rank(rank), place

    # Users

    def creator(self, thing: int) -> int | None:
        """The user who published it; None when the account is gone."""
        rank = self.people.creator(thing)
        return None if self.people.gone(rank) else rank

    def designs(self, user: int, day: int) -> list[int]:
        """Visible things of a user, newest first."""
        return self.visible(self.people.designed(user), day)

    @lru_cache(maxsize=65536)  # noqa: B019 - one Catalogue for each sandbox, kept as long as it
    def design_count(self, user: int, day: int) -> int:
        """How many things a profile says that the user has: the hidden ones too, which no list shows."""
        states = (self.life.state(thing, day) for thing in self.people.designed(user))
        return sum(state.hidden or state is State.VISIBLE for state in states)

    def copies(self, user: int, day: int) -> list[int]:
        """Numbers of the makes a user shows, newest first."""
        slots = self.people.makes.slots_of_right(self.people.shuffled(user))
        return sorted((make for make in slots if self.make_exists(make, day)), reverse=True)

    def make_exists(self, make: int, day: int) -> bool:
        """Whether a make was posted by this day and its thing is still there."""
        if not 0 <= make < self.people.makes.left.total:
            return False
        thing, place = self.made_thing(make)
        return place < self.make_count(thing, day) and self.life.visible(thing, day)

    @lru_cache(maxsize=65536)  # noqa: B019
    def copy_count(self, user: int, day: int) -> int:
        """How many makes a user shows."""
        return len(self.copies(user, day))

    def liked(self, user: int, day: int) -> list[int]:
        """Visible things a user likes."""
        likes, found = self.people.likes, dict[int, None]()
        for slot in sorted(likes.slots_of_right(self.people.shuffled(user)), reverse=True):
            rank, place = likes.left.owner(slot)
            thing = self.families.at_rank(rank)
            if place < self.like_count(thing, day, rank) and self.life.visible(thing, day):
                found[thing] = None
        return list(found)

    def likers(self, thing: int, day: int) -> list[int]:
        """Users who like a thing, as many as its like_count says."""
        slots = self.people.likes.left.slots(self.families.rank(thing))
        return [
            self.people.unshuffled(self.people.likes.right_of(slot))
            for slot in slots[: self.like_count(thing, day)]
        ]

    def follower_count(self, user: int) -> int:
        """How many follow a user."""
        return self.people.follows.left.count(user)

    def following_count(self, user: int) -> int:
        """How many a user follows."""
        return len(
            [
                s
                for s in self.people.follows.right.slots(self.people.shuffled(user))
                if s < self.people.follows.left.total
            ]
        )

    def followers(self, user: int) -> list[int]:
        """Who follows a user."""
        follows = self.people.follows
        return [self.people.unshuffled(follows.right_of(slot)) for slot in follows.left.slots(user)]

    def following(self, user: int) -> list[int]:
        """Whom a user follows."""
        follows = self.people.follows
        return [follows.left.owner(slot)[0] for slot in follows.slots_of_right(self.people.shuffled(user))]

    # Collections: number k of user u has the id u * 16 + k + 1

    def collection_count(self, user: int) -> int:
        """How many collections a user shows."""
        return self._source.number(user, 5) % 7

    def collections(self, user: int) -> list[int]:
        """Ids of a user's collections."""
        return [user * 16 + number + 1 for number in range(self.collection_count(user))]

    def collector(self, collection: int) -> int | None:
        """Whose collection it is; None when there is none of this id."""
        user, number = divmod(collection - 1, 16)
        exists = 0 <= user < self.people.count and number < self.collection_count(user)
        return user if exists and not self.people.gone(user) else None

    def collected(self, collection: int, day: int) -> list[int]:
        """Visible things in a collection, more of the well-known than of the others."""
        size = 1 + self._source.number(collection, 6) % 90
        ranks = (int(self.capacity * self._source.share(collection, 7, n) ** 3) for n in range(size))
        found = dict.fromkeys(self.families.at_rank(rank) for rank in ranks)
        return self.visible(found, day)

    # Whole orders

    def newest_first(self, day: int) -> Iterator[int]:
        """Every issued id, from the newest down."""
        return iter(range(self.life.newest(day), 0, -1))

    def best_known_first(self) -> Iterator[int]:
        """Every id, from the best known down, issued or not."""
        return (self.families.at_rank(rank) for rank in range(self.capacity))
