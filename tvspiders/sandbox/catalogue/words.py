"""Which words belong to which thing, and which things to a word.

Ids are laid out in several shuffled orders ("spaces"); a word owns a range of
places in one of them. A thing's words are the ranges it lies in, a word's things
the ids in its range: both directions without a list.

Space 0 holds categories and, inside each, its nouns. Space 1 holds the words
before a noun, space 2 tags that are in no name, space 3 all the words nobody
thought of: there a word's range is drawn from the word itself.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import sqrt

from tvspiders.sandbox.catalogue import vocabulary
from tvspiders.sandbox.catalogue.categories import CATEGORIES, Category, children
from tvspiders.sandbox.catalogue.mixing import Shuffle, Source, text_number

NONSENSE = "zzq"
"""A search word that starts with these letters finds nothing."""


@dataclass(frozen=True, slots=True)
class Range:
    """Places of one space, ``start`` included, ``stop`` not; may wrap round the end."""

    space: int
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Noun:
    """What a thing is, and where it is filed."""

    word: str
    category: Category


def normal(term: str) -> str:
    """The form in which words are compared: no case, no final s, single spaces.

    >>> normal(" Gothic_Architecture"), normal("Planters"), normal("glass")
    ('gothic architecture', 'planter', 'glass')
    """
    folded = " ".join(term.casefold().replace("_", " ").split())
    if len(folded) > 3 and folded.endswith("s") and not folded.endswith("ss"):
        folded = folded[:-1]
    return folded


class Words:
    """The ranges of all words, and the way back from an id."""

    def __init__(self, issued: int, capacity: int, seed: int) -> None:
        self._capacity = capacity
        self._root = sqrt(issued) * capacity / issued
        self._spaces = [Shuffle(capacity, Source(seed, f"words/{n}")) for n in range(4)]
        self._own: dict[str, Range] = {}
        self._categories: dict[str, Range] = {}
        self._starts: list[int] = []
        self._nouns: list[Noun] = []
        self._lay_out_nouns()
        narrow = [(word, round(self._root * factor)) for word, factor in vocabulary.MODIFIERS_NARROW]
        broad = [(word, capacity * weight // 1000) for word, weight in vocabulary.MODIFIERS]
        self._modifier_starts, self._modifiers = self._lay_out(1, narrow + broad)
        labels = [(word, capacity * weight // 1000) for word, weight in vocabulary.LABELS]
        self._label_starts, self._labels = self._lay_out(2, labels)

    def _lay_out_nouns(self) -> None:
        total = sum(category.weight for category in CATEGORIES)
        done = 0
        for category in CATEGORIES:
            start = self._capacity * done // total
            done += category.weight
            stop = self._capacity * done // total
            self._categories[category.slug] = Range(0, start, stop)
            place = start
            narrow = vocabulary.NARROW.get(category.slug, ())
            for word, factor in narrow:
                room = (stop - start) * 2 / 3 * factor / sum(each for _, each in narrow)
                width = min(round(self._root * factor), round(room))
                place = self._own_noun(word, category, place, place + width)
            broad = vocabulary.BROAD[category.slug]
            rest = stop - place
            for number, word in enumerate(broad):
                end = stop - rest * (len(broad) - 1 - number) // len(broad)
                place = self._own_noun(word, category, place, end)
        for category in CATEGORIES:
            under = children(category.slug)
            if under:
                first, last = self._categories[category.slug], self._categories[under[-1].slug]
                self._categories[category.slug] = Range(0, first.start, last.stop)

    def _own_noun(self, word: str, category: Category, start: int, stop: int) -> int:
        self._own[normal(word)] = Range(0, start, stop)
        self._starts.append(start)
        self._nouns.append(Noun(word, category))
        return stop

    def _lay_out(self, space: int, words: list[tuple[str, int]]) -> tuple[list[int], list[str]]:
        starts, names, place = [], [], 0
        for word, width in words:
            width = min(width, self._capacity // 10)
            self._own[normal(word)] = Range(space, place, place + width)
            starts.append(place)
            names.append(word)
            place += width
        return [*starts, place], [*names, ""]

    def noun(self, thing: int) -> Noun:
        """What the thing is."""
        return self._nouns[bisect_right(self._starts, self._spaces[0].index(thing - 1)) - 1]

    def modifier(self, thing: int) -> str:
        """The word before the noun, or nothing."""
        return self._modifiers[bisect_right(self._modifier_starts, self._spaces[1].index(thing - 1)) - 1]

    def label(self, thing: int) -> str:
        """The tag that is not in the name, or nothing."""
        return self._labels[bisect_right(self._label_starts, self._spaces[2].index(thing - 1)) - 1]

    def category(self, slug: str) -> Range:
        """The places of a category; of a root, with all its children."""
        return self._categories[slug]

    def known(self, term: str) -> Range | None:
        """The range of a word of the vocabulary."""
        return self._own.get(normal(term))

    def ranges(self, term: str) -> list[Range]:
        """The ranges a hit must lie in: one, or several when every word of a
        phrase is in the vocabulary. Nothing for a nonsense word.
        """
        if normal(term).startswith(NONSENSE):
            return []
        whole = self.known(term)
        if whole:
            return [whole]
        parts = [self.known(part) for part in term.split()]
        if len(parts) > 1 and all(parts):
            return [part for part in parts if part]
        drawn = text_number(normal(term))
        width = max(1, min(round(self._root * (0.1 + drawn % 1000 / 1000)), self._capacity // 5))
        start = drawn // 1000 % self._capacity
        return [Range(3, start, start + width)]

    def holds(self, where: Range, thing: int) -> bool:
        """Whether a thing lies in a range."""
        return (self._spaces[where.space].index(thing - 1) - where.start) % self._capacity < len(where)

    def thing(self, where: Range, offset: int) -> int:
        """The id at an offset of a range."""
        return self._spaces[where.space].at((where.start + offset) % self._capacity) + 1

    def vocabulary(self) -> list[str]:
        """Every known word, as searches compare it."""
        return list(self._own)
