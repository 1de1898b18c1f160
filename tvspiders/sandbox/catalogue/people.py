"""The generated users: names, ids, and who made, likes, prints and follows what.

A user is known inside by its rank: 0 has published most. The name is arithmetic
on the rank, so a name is found again without a list.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tvspiders.sandbox.catalogue.bands import Bands, Pairs, fitted
from tvspiders.sandbox.catalogue.mixing import Shuffle, Source
from tvspiders.sandbox.catalogue.vocabulary import USER_FIRST, USER_LAST

_NAMED = {0: "prolific_Pia", 1: "MakerBot"}
"""Users with a name of their own: the most prolific, and the one of the documents."""

_RANKS = {name.casefold(): rank for rank, name in _NAMED.items()}
_STYLES = ("{}{}", "{}_{}", "{}-{}", "{}.{}")
_NAME = re.compile(r"([a-z]+)[-_.]?([a-z]+?)(\d*)")
_FIRST = {word: place for place, word in enumerate(USER_FIRST)}
_LAST = {word.casefold(): place for place, word in enumerate(USER_LAST)}
_COMBINATIONS = len(USER_FIRST) * len(USER_LAST)


class People:
    """Users by rank, and the pairs they are part of."""

    def __init__(self, capacity: int, seed: int) -> None:
        """Users for a catalogue of ``capacity`` ids."""
        top = float(min(1280, capacity // 12))
        self.designs = fitted(top, total=capacity, ranks=max(20, capacity // 4))
        """Ids by creator."""
        self.count = self.designs.ranks * 5 // 4
        """How many users there are; the last fifth has published nothing."""
        self._things = Shuffle(capacity, Source(seed, "people/things"))
        self._names = Shuffle(self.count, Source(seed, "people/names"))
        self._ids = Shuffle(self.count, Source(seed, "people/ids"))
        self._others = Shuffle(self.count, Source(seed, "people/others"))
        self._turn = 5 - self._others.at(1)  # MakerBot likes and prints a lot
        self._source = Source(seed, "people")

        fame = (capacity / 6_600_000) ** 0.35
        self.likes = self._pairs(
            "likes", Bands(lambda rank: 24_000 * fame * (rank + 1) ** -0.6, ranks=capacity), seed
        )
        """Slots of likes: thing rank on the left, user on the right."""
        self.makes = self._pairs(
            "makes", Bands(lambda rank: 1_100 * fame * (rank + 1) ** -0.52, ranks=capacity), seed
        )
        """Slots of makes: thing rank on the left, maker on the right."""
        followers = Bands(lambda rank: 18_000 * fame * (rank + 1) ** -0.75, ranks=self.count)
        self.follows = self._pairs("follows", followers, seed)
        """Slots of follows: followed user on the left, follower on the right."""

    def _pairs(self, purpose: str, left: Bands, seed: int) -> Pairs:
        total = max(1, left.total)
        right = fitted(max(4.0, total / 2000), total=total, ranks=max(2, self.count * 9 // 10))
        return Pairs(left, right, Source(seed, f"people/{purpose}"))

    def creator(self, thing: int) -> int:
        """The rank of the user who published a thing."""
        return self.designs.owner(self._things.index(thing - 1))[0]

    def designed(self, rank: int) -> list[int]:
        """Ids published by a user, whatever has become of them, newest first."""
        places = self.designs.slots(rank)
        capacity = self._things.size
        return sorted((self._things.at(place) + 1 for place in places if place < capacity), reverse=True)

    def shuffled(self, rank: int) -> int:
        """The user's rank among those who like, make and follow: unrelated to how much they publish."""
        return (self._others.at(rank) + self._turn) % self.count

    def unshuffled(self, rank: int) -> int:
        """The user at a rank among those who like, make and follow."""
        return self._others.index((rank - self._turn) % self.count)

    def id(self, rank: int) -> int:
        """The numeric id."""
        return self._ids.at(rank) + 1

    def rank_of_id(self, number: int) -> int | None:
        """The user with an id."""
        return self._ids.index(number - 1) if 1 <= number <= self.count else None

    @lru_cache(maxsize=65536)  # noqa: B019 - one People for each sandbox, kept as long as it
    def name(self, rank: int) -> str:
        """The user name, in its canonical case."""
        if rank in _NAMED:
            return _NAMED[rank]
        number, words = divmod(self._names.at(rank), _COMBINATIONS)
        last, first = divmod(words, len(USER_FIRST))
        drawn = self._source.number(words)
        stem = USER_FIRST[first]
        if drawn & 4:
            stem = stem.capitalize()
        return _STYLES[drawn & 3].format(stem, USER_LAST[last]) + (str(number) if number else "")

    def rank_of_name(self, name: str) -> int | None:
        """The user with a name, in any case."""
        folded = name.casefold()
        if folded in _RANKS:
            return _RANKS[folded]
        found = _NAME.fullmatch(folded)
        if not found:
            return None
        first, last = _FIRST.get(found[1]), _LAST.get(found[2])
        for cut in range(1, len(folded)) if first is None or last is None else ():
            first, last = _FIRST.get(folded[:cut]), _LAST.get(folded[cut:].rstrip("0123456789"))
            if first is not None and last is not None:
                break
        if first is None or last is None:
            return None
        place = int(found[3] or 0) * _COMBINATIONS + last * len(USER_FIRST) + first
        if place >= self.count:
            return None
        rank = self._names.index(place)
        return rank if self.name(rank).casefold() == folded else None

    def gone(self, rank: int) -> bool:
        """Whether the account was deleted (4 in 1,000, never the best known)."""
        return rank > 9 and self._source.number(rank, 1) % 1000 < 4
