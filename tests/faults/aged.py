"""Crawls of a site whose answers come out of the past, compared with what is true and what was known."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.support.crawling import PATIENCE, Place, Run, until
from tests.support.truth import PER_PAGE
from tvspiders.sandbox.running import RunningSandbox
from tvspiders.storage.database.url import parse_url

COLUMNS = ("modified", "download_count", "view_count", "like_count", "make_count", "collect_count")
NEVER_FALL = ("modified", "download_count", "view_count")
SHORT: dict[str, Any] = {"TV_QUOTA_SPREAD": False, "TV_RETRY_BASE": 0.2}
LEAST_SHARE = 0.01
"""Extra requests at most, as a share of a round."""


@dataclass
class AgeTrial:
    """A second round over old answers, and what came of it."""

    name: str
    flaws: list[str] = field(default_factory=list)
    requests: int = 0
    """Least number of requests of the second round."""
    extra: int = 0
    """Requests beyond these."""
    refused: int = 0
    """Pages that were refused as older."""
    runs: int = 0
    kills: int = 0
    seconds: float = 0.0


def age_trial(
    folder: Path,
    sandbox: RunningSandbox,
    begin: Callable[[RunningSandbox], None],
    *,
    name: str,
    query: str = "box",
    pages: int = 17,
    days: int = 1,
    end: Callable[[RunningSandbox], None] | None = None,
    database: str | None = None,
    workers: int = 1,
    kill: random.Random | None = None,
    share: float = LEAST_SHARE,
    heals: bool = False,
) -> AgeTrial:
    """Store a round, let days go by and the fault ``begin``; then see what a second round keeps.

    ``heals`` says that the fault lasts for all of the second round: that is partial then, and complete
    once the fault has come to its ``end``.
    """
    trial, began = AgeTrial(name), time.monotonic()
    place = Place(folder, sandbox.url, database)
    try:
        first = place.crawl(query=query, pages=pages, feed=None, **SHORT)
        if first.wait(PATIENCE):
            trial.flaws.append(f"first round: {first.line}")
            return trial
        before = stored(place.database)
        sandbox.advance(days)
        begin(sandbox)
        asked_before = sandbox.counters["requests"]
        places = [place, *(Place(folder / str(n), sandbox.url, database) for n in range(1, workers))]
        runs = [_second_round(each, query, pages) for each in places]
        if kill is not None:
            moment = asked_before + kill.randrange(20, 500)
            until(lambda: sandbox.counters["requests"] >= moment or not runs[0].alive)
            trial.kills += runs[0].kill()
            runs[0] = _second_round(place, query, pages) if trial.kills else runs[0]

        def listed() -> set[int]:
            return set(sandbox.oracle.search(query, limit=pages * PER_PAGE)["ids"])

        codes = [run.wait(PATIENCE) for run in runs]
        _compare(trial, sandbox, place.database, listed(), before, whole=not heals)
        if codes != [3 if heals else 0] * workers:
            trial.flaws.append("; ".join(f"exit code {run.wait()}: {run.line}" for run in runs))
        if end is not None:
            end(sandbox)
        if heals:
            last = _second_round(place, query, pages)
            if last.wait(PATIENCE):
                trial.flaws.append(f"after the fault: {last.line}")
            _compare(trial, sandbox, place.database, listed(), before, whole=True)
        _count(trial, sandbox, place.database, asked_before)
        if not trial.kills and workers == 1 and trial.extra > share * trial.requests:
            trial.flaws.append(f"{trial.extra} extra requests of {trial.requests}")
        trial.flaws += _flaws_of_feeds([each.feed for each in places], sandbox) if not trial.flaws else []
        return trial
    finally:
        trial.runs, trial.seconds = len(place.runs), time.monotonic() - began
        place.clear()


def stored(url: str) -> dict[int, dict[str, Any]]:
    """What the database says of the things whose page is stored."""
    wanted = f"SELECT id, {', '.join(COLUMNS)} FROM things WHERE detail_scraped IS NOT NULL"
    return {row["id"]: row for row in _rows(url, wanted)}


def _second_round(place: Place, query: str, pages: int) -> Run:
    return place.crawl(query=query, pages=pages, **SHORT)


def _rows(url: str, query: str) -> list[dict[str, Any]]:
    engine = create_engine(parse_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def _compare(
    trial: AgeTrial,
    sandbox: RunningSandbox,
    url: str,
    listed: set[int],
    before: dict[int, dict[str, Any]],
    whole: bool,
) -> None:
    """Note what was moved back, and, in a ``whole`` round, all that is not as the oracle says."""
    oracle, now = sandbox.oracle, stored(url)
    met = {
        int(row["key"])
        for row in _rows(
            url,
            "SELECT key FROM crawl_items WHERE kind = 'thing' AND crawl_id = (SELECT max(id) FROM crawls)",
        )
    }
    corrected = sandbox.front.site.corrections
    for number, known in before.items():
        for name in NEVER_FALL if number not in corrected else ():
            if now[number][name] < known[name]:
                trial.flaws.append(f"{name} of {number} went from {known[name]} to {now[number][name]}")
    for number in sorted(met) if whole else ():
        truth = oracle.thing(number)
        wrong = [name for name in COLUMNS if truth["state"] == "visible" and now[number][name] != truth[name]]
        if wrong:
            trial.flaws.append(f"{wrong} of {number}: {now[number]} is stored, {truth} is true")
    if whole and (lost := before.keys() & listed - met - _gone(url)):
        trial.flaws.append(f"{len(lost)} things are not in the round")
    fallen = _rows(
        url,
        "SELECT a.thing_id FROM download_snapshots a JOIN download_snapshots b ON a.thing_id = b.thing_id "
        "AND a.recorded_at < b.recorded_at "
        "WHERE a.download_count > b.download_count "
        "OR a.view_count > b.view_count",
    )
    if len({row["thing_id"] for row in fallen} - corrected.keys()):
        trial.flaws.append(f"{len(fallen)} pairs of snapshots go back in time")


def _gone(url: str) -> set[int]:
    found = _rows(url, "SELECT subject_id FROM tombstones WHERE subject = 'thing' AND reappeared_at IS NULL")
    return {int(row["subject_id"]) for row in found}


def _count(trial: AgeTrial, sandbox: RunningSandbox, url: str, asked_before: int) -> None:
    (row,) = _rows(url, "SELECT count(*) AS n FROM requests WHERE crawl_id = (SELECT max(id) FROM crawls)")
    trial.requests = row["n"]
    trial.extra = sandbox.counters["requests"] - asked_before - trial.requests
    (row,) = _rows(url, "SELECT count(*) AS n FROM answers WHERE refused = 'age'")
    trial.refused = row["n"]


def _flaws_of_feeds(feeds: Sequence[Path], sandbox: RunningSandbox) -> list[str]:
    """Lines of the last feed that are not true."""
    flaws: list[str] = []
    for path in feeds:
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            item = json.loads(line)
            if item["kind"] != "thing":
                continue
            truth = sandbox.oracle.thing(item["id"])
            if any(item[name] != truth[name] for name in COLUMNS if truth["state"] == "visible"):
                flaws.append(f"a line of the feed tells an old thing {item['id']}")
    return flaws
