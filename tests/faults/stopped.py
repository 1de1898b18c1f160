"""Crawls that get SIGTERM again and again while they end, as systemd and impatient operators send it."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.faults.trials import Trial
from tests.support.crawling import Place, Run, until
from tests.support.truth import PER_PAGE, verdict_of
from tvspiders.sandbox.running import RunningSandbox

UNDER_WAY = 20
"""Requests after which a crawl of hundreds is stopped."""
EXIT_CODES = {"complete": 0, "interrupted": 4}


def stopped_trial(folder: Path, sandbox: RunningSandbox, again: tuple[float, ...]) -> Trial:
    """One crawl, stopped by a signal; more signals come so many seconds after it."""
    sandbox.reset()
    sandbox.hold(after=UNDER_WAY)
    return _trial(folder, sandbox, (0.0, *again), UNDER_WAY + 1, 17, ("interrupted",))


def finished_trial(folder: Path, sandbox: RunningSandbox, signals: tuple[float, ...]) -> Trial:
    """One crawl that ends by itself; signals come so many seconds after its last request."""
    requests = 1 + len(sandbox.oracle.search("box", limit=PER_PAGE)["ids"])
    sandbox.reset()
    return _trial(folder, sandbox, signals, requests, 1, ("complete", "interrupted"))


def _trial(
    folder: Path,
    sandbox: RunningSandbox,
    signals: tuple[float, ...],
    requests: int,
    pages: int,
    verdicts: tuple[str, ...],
) -> Trial:
    place = Place(folder, sandbox.url)
    trial = Trial("SIGTERM " + ", ".join(f"{1000 * each:.0f}" for each in signals) + " ms")
    began = time.monotonic()
    try:
        run = place.crawl(pages=pages, TV_HEALTH_FILE="health.jsonl")
        until(lambda: sandbox.counters["requests"] >= requests or not run.alive)
        first = time.monotonic()
        for moment in signals:
            time.sleep(max(0.0, first + moment - time.monotonic()))
            trial.landed.append("during" if run.alive else "after")
            run.signal(signal.SIGTERM)
            sandbox.release()  # what it must not wait for may come now
        code = run.wait()
        trial.flaws += _flaws(place, run, code, verdicts)
    finally:
        place.clear()
    trial.kills = trial.landed.count("during")
    trial.seconds = time.monotonic() - began
    return trial


def _flaws(place: Place, run: Run, code: int, verdicts: tuple[str, ...]) -> list[str]:
    """Whether exit code, last line, health line, database and feed tell the same end."""
    flaws = []
    health = place.folder / "health.jsonl"
    lines = health.read_text().splitlines() if health.exists() else []
    told = [json.loads(line)["verdict"] for line in lines]
    verdict = told[0] if told else ""
    if len(told) != 1 or verdict not in verdicts:
        flaws.append(f"the health file says {told}")
    if code != EXIT_CODES.get(verdict):
        flaws.append(f"exit code {code} of a crawl that is {verdict}")
    if not run.line.startswith(f"tvspiders: {verdict}"):
        flaws.append(f"the last line is {run.line!r}")
    if verdict_of(place.database) != verdict:
        flaws.append(f"the database says {verdict_of(place.database)}")
    feed = place.feed.read_text() if place.feed.exists() else ""
    if not feed.endswith("\n"):
        flaws.append("the feed does not end with a whole line")
    items = [json.loads(line) for line in feed.splitlines()]
    written = sorted(item["id"] for item in items if item["kind"] == "thing")
    with closing(sqlite3.connect(place.folder / "x.db")) as connection:
        answered = "SELECT id FROM things WHERE last_scraped IS NOT NULL ORDER BY id"
        stored = [number for (number,) in connection.execute(answered)]
    if written != stored:
        flaws.append(f"{len(stored)} things are stored, {len(written)} are in the feed")
    return flaws
