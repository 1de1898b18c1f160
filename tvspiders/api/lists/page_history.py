"""History of a list's pages so far, small enough to be stored with the request for the next one."""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

KEPT = 50
"""Pages whose rows are remembered besides the first one: a row that comes again is known from them."""


@dataclass(frozen=True)
class Page:
    """One page: how many rows, and how many of them new."""

    number: int
    rows: int
    """Rows on it."""
    fresh: int
    """Rows on it that no page before had brought."""


@dataclass(frozen=True)
class SecondRead:
    """What a page held when it was requested a second time."""

    page: int
    rows: int
    fresh: int
    """Rows that had not been met at all."""
    same: bool
    """Whether it brought what it had brought before."""
    why: str = ""
    """Why it was requested again: one of those in ``second_reads``."""
    moved: int = 0
    """Rows that other pages had brought before."""


@dataclass(frozen=True)
class PageHistory:
    """Pages by number: how many rows, how many of them new, and for the latest ones which."""

    pages: Mapping[int, str] = field(default_factory=dict)
    """``rows:digests`` of the fresh rows; of pages long past that were not full ``rows#fresh``."""
    repeats: Mapping[int, int] = field(default_factory=dict)
    """Page of which most rows were known -> the page that had brought most of these."""
    second_reads: tuple[SecondRead, ...] = ()
    """In the order of the requests."""

    def after(self, number: int, keys: Sequence[int | str], size: int) -> tuple[PageHistory, int]:
        """The history with one page more, and how many of its rows are new; a full page has ``size`` rows."""
        digests, known = _digests(keys), self._known()
        fresh = [each for each in digests if each not in known]
        repeats = self.repeats
        if len(keys) > 2 * len(fresh):
            repeats = dict(repeats) | {number: self._source(set(digests))}
        pages = dict(self.pages) | {number: _pack(len(keys), fresh)}
        old = number - KEPT
        if old in pages and old != min(pages):
            past = _unpack(old, pages.pop(old))[0]
            if past.fresh < size:
                pages[old] = f"{past.rows}#{past.fresh}"
        return replace(self, pages=pages, repeats=repeats), len(fresh)

    def with_second_read(
        self, number: int, keys: Sequence[int | str], why: str = ""
    ) -> tuple[PageHistory, SecondRead]:
        """The history after a page was requested a second time."""
        digests, known = _digests(keys), self._known()
        before, old = _unpack(number, self.pages.get(number, "0:"))
        fresh = [each for each in digests if each not in known]
        same = not fresh and len(keys) == before.rows
        moved = len(digests) - len(fresh) - len(set(digests).intersection(old))
        read = SecondRead(number, len(keys), len(fresh), same, why, moved)
        pages = dict(self.pages) | {number: _pack(max(len(keys), before.rows), [*old, *fresh])}
        return replace(self, pages=pages, second_reads=(*self.second_reads, read)), read

    def each(self) -> Iterator[Page]:
        """All pages that are not past and full, in order."""
        for number in sorted(self.pages):
            yield _unpack(number, self.pages[number])[0]

    def full(self, number: int, size: int) -> bool:
        """Whether a page brought as many rows as fit on it."""
        return number in self.pages and _unpack(number, self.pages[number])[0].rows >= size

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; :meth:`from_dict` reads it."""
        second_reads = [
            [read.page, read.rows, read.fresh, read.same, read.why, read.moved] for read in self.second_reads
        ]
        numbered = {str(number): text for number, text in self.pages.items()}
        return {"pages": numbered, "repeats": [*self.repeats.items()], "looks": second_reads}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PageHistory:
        """Read what :meth:`as_dict` wrote, also after a trip through JSON."""
        pages = {int(number): str(text) for number, text in data["pages"].items()}
        return cls(pages, dict(data["repeats"]), tuple(SecondRead(*read) for read in data["looks"]))

    def _known(self) -> set[int]:
        known: set[int] = set()
        for number, text in self.pages.items():
            known.update(_unpack(number, text)[1])
        return known

    def _source(self, digests: set[int]) -> int:
        """The page that first brought most of these rows."""

        def shared(number: int) -> int:
            return len(digests.intersection(_unpack(number, self.pages[number])[1]))

        return max(self.pages, key=shared)


def _digests(keys: Sequence[int | str]) -> list[int]:
    """Four bytes for each row that is on the page, in order."""
    return list(dict.fromkeys(crc32(str(key).encode()) for key in keys))


def _pack(rows: int, fresh: Sequence[int]) -> str:
    return f"{rows}:{b64encode(array('I', fresh).tobytes()).decode()}"


def _unpack(number: int, text: str) -> tuple[Page, array[int]]:
    rows, sign, rest = text.partition(":")
    if not sign:
        rows, _, few = text.partition("#")
        return Page(number, int(rows), int(few)), array("I")
    digests = array("I", b64decode(rest))
    return Page(number, int(rows), len(digests)), digests
