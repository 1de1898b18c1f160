"""The remix graph, laid out so that children are enumerable without storage.

Ids are dealt out to families round by round, as cards are: round j gives every
family its j-th member. So members grow older as j falls, a parent has a lower
id than its child, and "which id is member j of family f" is arithmetic. Inside,
each family has the shape of one of a few templates drawn from the seed at start.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random

from tvspiders.sandbox.catalogue.mixing import Shuffle, Source

MISSING = -1
"""In a template: a parent that is no thing of this catalogue."""

_TEMPLATES = 24


@dataclass(frozen=True, slots=True)
class Template:
    """The shape of a family: who is remixed from whom, by place in the family."""

    parents: tuple[tuple[int, ...], ...]
    children: tuple[tuple[int, ...], ...]
    fame: tuple[int, ...]
    """Place -> how well known among its family, 0 = best known: hubs come first."""
    famous: tuple[int, ...]
    """The other way round: fame -> place."""


def draw_template(number: int, size: int, source: Source) -> Template:
    """Draw one shape.

    Number 0 has everything a crawler must survive (a hub, a long chain, a cycle,
    a self-edge, a missing parent), so that the smallest catalogue has it too.
    """
    dice = Random(source.number(number))
    parents: list[list[int]] = [[] for _ in range(size)]
    big_hub = number % 6 == 0
    derived, to_hub = (0.85, 0.75) if big_hub else (0.3, 0.3)
    second_hub = size // 6
    for place in range(1, size):
        if dice.random() >= derived or place == second_hub:
            continue
        draw = dice.random()
        if draw < to_hub:
            source_place = 0 if big_hub or place < second_hub or dice.random() < 0.6 else second_hub
        else:
            source_place = dice.randrange(place)
        parents[place].append(source_place)
        if dice.random() < 0.06:
            parents[place].extend(dice.sample(range(place), min(place, dice.choice((1, 1, 2, 3)))))
    if number % 3 == 0:
        step = max(1, size // 64)
        chain = list(range(2, size, step))[:26]
        for older, younger in pairwise(chain):
            parents[younger] = [older]
    if number % 4 == 0:
        for _ in range(max(1, size // 256)):
            older = dice.randrange(1, size // 4)
            younger = dice.randrange(older + 1, size // 2)
            parents[younger].append(older)
            parents[older].append(younger)
        place = dice.randrange(1, size // 3)
        parents[place].append(place)
    for place in range(3, size, 97):
        if number % 2 == 0:
            parents[place].append(MISSING)

    unique = tuple(tuple(sorted(set(each))) for each in parents)
    children: list[list[int]] = [[] for _ in range(size)]
    for place, above in enumerate(unique):
        for parent in above:
            if parent != MISSING:
                children[parent].append(place)
    by_fame = sorted(range(size), key=lambda place: -(1 + len(children[place])) / (0.05 + dice.random()))
    fame = [0] * size
    for rank, place in enumerate(by_fame):
        fame[place] = rank
    return Template(unique, tuple(map(tuple, children)), tuple(fame), tuple(by_fame))


class Families:
    """Every thing's place in the remix graph."""

    def __init__(self, least: int, seed: int) -> None:
        """Make room for at least this many ids."""
        self.size = 64 if least < 2048 else 512
        self.families = -(-least // self.size)
        self.capacity = self.families * self.size
        source = Source(seed, "families")
        self._deal = Shuffle(self.families, Source(seed, "families/deal"))
        self._turn = [source.number(1, j) % self.families for j in range(self.size)]
        self._fame = Shuffle(self.families, Source(seed, "families/fame"))
        templates = min(_TEMPLATES, self.families)
        self._templates = [draw_template(number, self.size, source) for number in range(templates)]

    def place(self, thing: int) -> tuple[int, int]:
        """The family of an id and its member number there."""
        member, card = divmod(thing - 1, self.families)
        return self._deal.at((card + self._turn[member]) % self.families), member

    def thing(self, family: int, member: int) -> int:
        """The id of a member; an id past the end for a missing parent."""
        if member == MISSING:
            return self.capacity + 1 + family
        card = (self._deal.index(family) - self._turn[member]) % self.families
        return member * self.families + card + 1

    def _template(self, family: int) -> Template:
        return self._templates[family % len(self._templates)]

    def parents(self, thing: int) -> list[int]:
        """Ids of the direct parents, issued or not, lowest member first."""
        family, member = self.place(thing)
        return [self.thing(family, parent) for parent in self._template(family).parents[member]]

    def children(self, thing: int) -> list[int]:
        """Ids remixed from this one, issued or not, oldest first."""
        family, member = self.place(thing)
        return [self.thing(family, child) for child in self._template(family).children[member]]

    def rank(self, thing: int) -> int:
        """How well known a thing is in the whole catalogue: 0 is best, each rank once."""
        family, member = self.place(thing)
        return self._template(family).fame[member] * self.families + self._fame.at(family)

    def at_rank(self, rank: int) -> int:
        """The id at a rank."""
        fame, card = divmod(rank, self.families)
        family = self._fame.index(card)
        return self.thing(family, self._template(family).famous[fame])
