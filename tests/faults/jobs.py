"""Crawls to be killed, one for each spider, and what each of them should hold in the end."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.crawling import PAGES, QUERY
from tests.support.truth import Truth
from tvspiders.sandbox.oracle import Oracle

QUERIES = ("box", "modular", "useful")
"""Words with more than 510 things each."""
CATEGORIES = ("household", "hobby", "toys-and-games")
"""Categories with more than 510 things each."""


@dataclass(frozen=True)
class Job:
    """One crawl: the spider, its arguments, and the truth about it."""

    spider: str
    arguments: dict[str, object]
    truth: Callable[[Oracle], Truth]


def search(query: str = QUERY, pages: int = PAGES) -> Job:
    return Job(
        "things", {"query": query, "pages": pages}, lambda oracle: Truth.of_search(oracle, query, pages)
    )


def category(slug: str = "household", pages: int = PAGES) -> Job:
    return Job(
        "categories",
        {"category": slug, "pages": pages},
        lambda oracle: Truth.of_category(oracle, slug, pages),
    )


def user(name: str = "MakerBot") -> Job:
    include = "things,makes,likes,collections"
    return Job("users", {"username": name, "include": include}, lambda oracle: Truth.of_user(oracle, name))


def family(roots: tuple[int, ...]) -> Job:
    """The remix families of these things, to their ends."""
    return Job(
        "remixes",
        {"thing": ",".join(map(str, roots)), "depth": "all"},
        lambda oracle: Truth.of_remixes(oracle, roots),
    )


def drawn(spider: str, dice: random.Random, oracle: Oracle) -> Job:
    """A crawl of about 500 requests."""
    if spider == "things":
        return search(dice.choice(QUERIES))
    if spider == "categories":
        return category(dice.choice(CATEGORIES))
    if spider == "users":
        return user(dice.choice(oracle.prolific(5)[1:]))
    return family((dice.choice(oracle.hubs(8)),))
