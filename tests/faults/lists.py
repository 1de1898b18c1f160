"""Crawls of lists with odd pages, rows that move, and a kill: what is not stored is told at the end."""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.crawling import Place, until
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.api.site import Site
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.oracle import Oracle
from tvspiders.sandbox.running import running

PAGES = 40
THINGS = 3000
SPIDERS = ("things", "categories", "listings", "users", "remixes")
ODD = ("17=empty", "17=short", "17=repeated", "17=as-5", "17=as-30")
MOVES = ("", "arrive/12", "vanish/12", "rise/15", "sink/15")


@dataclass(frozen=True)
class Case:
    """One crawl: which list, what is odd, and whether it is killed."""

    spider: str
    odd: tuple[str, ...] = ()
    moves: str = ""
    hints: bool = True
    kill: bool = False
    hidden: bool = False

    def __str__(self) -> str:
        parts = (self.spider, *self.odd, self.moves, "" if self.hints else "no hints")
        return " ".join(part for part in (*parts, "hidden" * self.hidden, "kill" * self.kill) if part)


@dataclass
class Result:
    """What came of it."""

    code: int
    line: str
    lost: int
    """Rows that were there from start to end and are not stored."""
    doubtful: int
    ratio: float
    """Pages of the list that were asked against the least."""
    flaws: list[str] = field(default_factory=list)


def list_of(spider: str, oracle: Oracle) -> tuple[dict[str, Any], list[int], int]:
    """Arguments of a crawl of one list, the ids on it, and the requests beside its pages."""
    if spider == "things":
        return {"query": "box", "details": "false"}, oracle.search("box")["ids"], 0
    if spider == "categories":
        return {"category": "gadgets", "details": "false"}, oracle.category("gadgets")["ids"], 0
    if spider == "listings":
        return {"kind": "verified", "details": "false"}, oracle.listed("verified")["ids"], 0
    if spider == "users":
        name = oracle.prolific(1)[0]
        given = {"username": name, "include": "things", "details": "false"}
        return given, served(f"/users/{name}/things"), 1
    hub = oracle.hubs(1)[0]
    children = served(f"/things/{hub}/derivatives")
    return {"thing": hub, "direction": "children", "depth": 1, "details": "false"}, children, 1


def served(path: str) -> list[int]:
    """Ids of a whole list, in the order of the site."""
    site = Site(SandboxConfig(things=THINGS, page_cap=1000))
    return [row["id"] for row in json.loads(site.answer(Ask.read(f"{path}?per_page=1000")).body)]


def stored(spider: str, place: Place, arguments: dict[str, Any]) -> set[int]:
    """The rows that are in the database."""
    query = "SELECT id FROM things WHERE last_scraped IS NOT NULL"
    if spider == "remixes":
        query = f"SELECT child_id FROM remix_edges WHERE parent_id = {arguments['thing']}"
    database = sqlite3.connect(place.database.removeprefix("sqlite:///"))
    try:
        return {row[0] for row in database.execute(query)}
    finally:
        database.close()


def tried(case: Case, folder: Path) -> Result:
    """Run one crawl to its end and compare."""
    oracle = Oracle(SandboxConfig(things=THINGS))
    arguments, ids, beside = list_of(case.spider, oracle)
    size = min(20, math.ceil(len(ids) / PAGES))
    config = SandboxConfig(
        things=THINGS,
        page_cap=size,
        search_page_cap=size,
        odd_pages=frozenset(case.odd),
        row_moves=case.moves,
        hints=case.hints,
        hidden_places=size // 4 if case.hidden else 0,
        control=True,
    )
    with running(config) as sandbox:
        place = Place(folder, sandbox.url)
        try:
            if case.kill:
                sandbox.hold(after=PAGES // 2)
            run = place.spider(case.spider, arguments)
            if case.kill:
                until(lambda: sandbox.waiting or not run.alive)
                killed = run.kill()
                sandbox.release()
                if killed:
                    run = place.spider(case.spider, arguments)
            code = run.wait()
            pages = sandbox.counters["requests"] - beside
            repeated = pages - (len(set(asked(sandbox.journal))) - beside)
            answered = max(sandbox.front.site.odd_pages.answered.values(), default=0)
            lasting = set(sandbox.oracle.lasting(ids, answered))
            if case.hidden:
                lasting -= hidden_of(ids, size)
            lost = len(lasting - stored(case.spider, place, arguments))
            bill = re.search(r"(\d+) extra request", run.line)
            extra = int(bill[1]) if bill else 0
            least = math.ceil(len(sandbox.front.site.odd_pages.now("", ids)) / size)
            if case.moves.startswith("arrive"):
                least = math.ceil(len(lasting) / size)
            ratio = (pages - max(0, repeated - extra) * case.kill) / (least + (not case.hints))
            found = re.search(r"(\d+) rows? of \d+ lists? in doubt", run.line)
            result = Result(code, run.line, lost, int(found[1]) if found else 0, ratio)
            audit = place.scrapy("audit")
            if audit.wait() != 0:
                result.flaws.append(f"the audit does not close: {audit.line}")
        finally:
            place.clear()
    result.flaws += flaws_of(case, result)
    return result


def asked(journal: Sequence[Any]) -> list[str]:
    """Targets of all requests."""
    return [entry.target for entry in journal]


def hidden_of(ids: list[int], size: int) -> set[int]:
    """Rows that no page shows."""
    hidden: set[int] = set()
    for start in range(size, len(ids), 2 * size):
        page = ids[start : start + size]
        hidden.update(page[max(0, len(page) - size // 4) :])
    return hidden


def flaws_of(case: Case, result: Result) -> list[str]:
    """What is not as promised."""
    flaws = []
    silent = case.hints or not case.moves
    if result.code not in (0, 3):
        flaws.append(f"exit code {result.code}: {result.line}")
    if result.code == 0 and result.lost and silent:
        flaws.append(f"{result.lost} rows are lost, and it is called complete: {result.line}")
    if result.code == 3 and result.lost > result.doubtful > 0 and "at least" not in result.line:
        flaws.append(f"{result.lost} rows are lost, more than are in doubt: {result.line}")
    if result.code == 3 and not result.doubtful:
        flaws.append(f"it is partial and names no doubt: {result.line}")
    if result.lost and result.code == 0 and not silent and "unproven" not in result.line:
        flaws.append(f"{result.lost} rows are lost, and nothing says that it is unproven: {result.line}")
    once = all(each.endswith("@once") for each in case.odd)
    if once and not case.moves and (result.code or result.lost):
        flaws.append(f"what was odd once lost {result.lost}: {result.line}")
    most = 1.05 if case.hidden and not case.odd else 1.3 if case.odd or case.moves or not case.hints else 1.0
    if result.ratio > most + 1e-9:
        flaws.append(f"{result.ratio:.3f} times the least pages: {result.line}")
    return flaws


def mixtures(number: int) -> list[Case]:
    """That many cases: every spider, every oddity once and for good, every move, with and without a kill."""
    cases = []
    for place in range(number):
        odd = ODD[place % len(ODD)] + ("@once" if place // len(ODD) % 2 == 0 else "")
        second = f"25={('empty', 'short')[place % 2]}@once" if place % 4 == 3 else ""
        cases.append(
            Case(
                SPIDERS[(place + place // len(SPIDERS)) % len(SPIDERS)],
                tuple(part for part in (odd, second) if part),
                MOVES[place * 3 // 2 % len(MOVES)],
                hints=place % 7 != 6,
                kill=place % 3 == 1,
            )
        )
    return cases
