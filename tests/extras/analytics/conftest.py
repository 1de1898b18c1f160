from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.extras.analytics.book import Book


@pytest.fixture
def book(sqlite_template: Path, tmp_path: Path) -> Book:
    """A database of ours without rows."""
    path = tmp_path / "book.db"
    shutil.copy(sqlite_template, path)
    return Book(f"sqlite:///{path}")


@pytest.fixture
def family(book: Book) -> Book:
    """Cycles, merges, a self-edge, ghosts and a chain, by three creators.

    1 -> 2, 3, 4; 2 -> 5; 3 -> 5 (merge); 5 -> 6 -> 7 -> 6 (cycle); 4 -> 4 (self);
    90 (ghost) -> 1; 8 -> 91 (ghost); 9 alone.
    """
    book.things(1, 2, 5, creator="ann", creator_id=11, added="2020-01-01T00:00:00+00:00", remix_count=5)
    book.things(3, 6, 8, creator="bob", creator_id=12, added="2021-01-01T00:00:00+00:00", remix_count=1)
    book.things(4, 7, 9, creator="cy", creator_id=13, added="2022-07-02T00:00:00+00:00")
    book.edges((1, 2), (1, 3), (1, 4), (2, 5), (3, 5), (5, 6), (6, 7), (7, 6), (4, 4))
    return book.edges((90, 1), (8, 91), both=False)


@pytest.fixture
def filled(family: Book) -> str:
    family.snapshots(1, ("2026-11-01", 10), ("2026-11-08", 30))
    return family.url
