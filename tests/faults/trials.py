"""Crawls killed at random instants and run again until they end by themselves."""

from __future__ import annotations

import contextlib
import random
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import jobs
from tests.faults.jobs import Job
from tests.support.crawling import PATIENCE, Place, Run, until
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds, verdict_of
from tvspiders.sandbox.running import RunningSandbox

CONCURRENT_REQUESTS, BATCH = 16, 32
MOST_REPEATED = CONCURRENT_REQUESTS + BATCH
"""Requests that one kill may repeat: what was in flight, and one batch."""


@dataclass
class Trial:
    """What became of one crawl."""

    name: str
    kills: int = 0
    landed: list[str] = field(default_factory=list)
    """Where each kill met the crawl: ``before``, ``during`` or ``after`` its requests."""
    repeated: list[int] = field(default_factory=list)
    """Requests asked again after each kill."""
    requests: int = 0
    flaws: list[str] = field(default_factory=list)
    silent: bool = False
    """Whether a run said that all is well although something was lost."""
    seconds: float = 0.0


def sqlite_trial(
    folder: Path,
    sandbox: RunningSandbox,
    seed: int,
    kills: int,
    span: float,
    journal: str = "",
    spider: str = "things",
    job: Job | None = None,
    asked_first: int = 0,
) -> Trial:
    """One crawl on SQLite, killed up to ``kills`` times within ``span`` seconds after each start.

    ``job`` says which crawl; without it one of ``spider`` is drawn. ``asked_first`` is for a kill at no
    random instant but once so many requests were asked.
    """
    dice = random.Random(seed)
    job = job or jobs.drawn(spider, dice, sandbox.oracle)
    sandbox.reset()
    truth = job.truth(sandbox.oracle)
    place = Place(folder, sandbox.url, **({"TV_SQLITE_JOURNAL": journal} if journal else {}))
    trial = Trial(f"{job.spider}, seed {seed}")
    began, finished = time.monotonic(), False
    try:
        while not finished:
            asked = sandbox.counters["requests"]
            aimed = asked_first and trial.kills < kills
            if aimed:
                sandbox.hold(after=asked + asked_first)
            run = place.spider(job.spider, job.arguments)
            life = dice.uniform(0.2, span) if trial.kills < kills else None
            if aimed:
                until(lambda: sandbox.waiting or not run.alive)  # noqa: B023
                life = 0.0
            elif life is not None and dice.random() < 0.7:  # else it may die before it asks anything
                life /= 2
                with contextlib.suppress(AssertionError):
                    until(lambda: sandbox.counters["requests"] > asked or not run.alive)  # noqa: B023
            finished = _live(run, trial, sandbox, life, asked)
            sandbox.release()
            if not finished and verdict_of(place.database) == "complete":
                # The end was on disk already: the same command would begin a new round.
                trial.landed[-1] = "after"
                finished = True
        trial.requests = sandbox.counters["requests"]
        flaws = flaws_of_database(place.database, truth) + flaws_of_feeds([place.feed], truth)
        trial.silent = bool(flaws) and not trial.flaws
        trial.flaws += flaws
        audit = place.scrapy("audit")
        if audit.wait() != 0:
            trial.flaws.append(f"the audit does not close: {audit.line}")
    finally:
        place.clear()
    trial.seconds = time.monotonic() - began
    return trial


def _live(run: Run, trial: Trial, sandbox: RunningSandbox, life: float | None, asked_before: int) -> bool:
    """Let a run live that long, or until it ends; whether it ended by itself."""
    repeated_before = sum(trial.repeated)
    killed = False
    try:
        code = run.wait(PATIENCE if life is None else life)
    except subprocess.TimeoutExpired:
        killed = run.kill()
        code = run.wait()
        if life is None:
            trial.flaws.append(f"a run did not end within {PATIENCE:.0f} s")
            return True
    after = sandbox.counters
    if trial.landed and len(trial.repeated) < trial.kills:
        trial.repeated.append(after["duplicates"] - repeated_before)
        if trial.repeated[-1] > MOST_REPEATED:
            trial.flaws.append(f"{trial.repeated[-1]} requests were asked again after one kill")
    elif after["duplicates"] > repeated_before:
        trial.flaws.append(f"{after['duplicates'] - repeated_before} requests were repeated without a kill")
    if killed:
        trial.kills += 1
        trial.landed.append("before" if after["requests"] == asked_before else "during")
        return False
    if code != 0:
        trial.flaws.append(f"exit code {code}: {run.line}")
    return True


def postgresql_trial(
    folder: Path,
    sandbox: RunningSandbox,
    url: str,
    seed: int,
    kills: int,
    span: float,
    workers: int = 3,
    spider: str = "things",
) -> Trial:
    """One crawl on PostgreSQL by several workers; any of them is killed, and left dead or started again."""
    dice = random.Random(seed)
    job = jobs.drawn(spider, dice, sandbox.oracle)
    sandbox.reset()
    truth = job.truth(sandbox.oracle)
    place = Place(folder, sandbox.url, url)
    trial = Trial(f"{job.spider}, seed {seed}")
    began = time.monotonic()

    def start(number: int) -> Run:
        return place.spider(job.spider, job.arguments, feed=f"out{number}.jsonl", TV_LEASE_SECONDS=3)

    sandbox.hold(after=truth.requests - 1)  # the end waits for the first kill
    runs = {number: start(number) for number in range(workers)}
    dead: set[int] = set()
    try:
        if dice.random() < 0.8:  # else the first kills meet workers that have not asked anything yet
            until(lambda: sandbox.counters["requests"])
            began, span = time.monotonic() - 0.3, span / 2
        moments = [began + moment for moment in sorted(dice.uniform(0.3, span) for _ in range(kills))]
        for moment in moments:
            time.sleep(max(0.0, moment - time.monotonic()))
            living = [number for number, run in runs.items() if run.alive]
            if not living:
                break
            number = dice.choice(living)
            asked = sandbox.counters["requests"]
            if not runs[number].kill():
                continue
            trial.kills += 1
            trial.landed.append("before" if not asked else "during")
            # A worker that joins after the end would begin a new round, so it must come early enough.
            again = dice.random() < 0.5 or len(living) == 1
            if verdict_of(url) == "complete":
                trial.landed[-1] = "after"
            elif (again and sandbox.counters["unique"] < truth.requests / 2) or len(living) == 1:
                # It joins before any other can come to the end.
                sandbox.hold(after=0)
                runs[number] = run = start(number)
                until(lambda: "Spider opened" in run.text or not run.alive)  # noqa: B023
            else:
                dead.add(number)
            sandbox.release()
        sandbox.release()
        for number, run in runs.items():
            if number not in dead and run.wait() != 0:
                trial.flaws.append(f"worker {number}: exit code {run.wait()}: {run.line}")
        counters = sandbox.counters
        trial.requests, repeated = counters["requests"], counters["duplicates"]
        trial.repeated.append(repeated)
        if repeated > trial.kills * MOST_REPEATED:
            trial.flaws.append(f"{repeated} requests were asked again after {trial.kills} kills")
        flaws = flaws_of_database(url, truth)
        flaws += flaws_of_feeds(
            [folder / f"out{n}.jsonl" for n in runs if n not in dead], truth, whole=not dead
        )
        flaws += _flaws_of_export(place, truth, spider)
        trial.silent = bool(flaws) and not trial.flaws
        trial.flaws += flaws
        audit = place.scrapy("audit")
        if audit.wait() != 0:
            trial.flaws.append(f"the audit does not close: {audit.line}")
    finally:
        place.clear()
    trial.seconds = time.monotonic() - began
    return trial


def _flaws_of_export(place: Place, truth: Truth, spider: str) -> Sequence[str]:
    """The whole crawl as ``scrapy export`` writes it, whoever of the workers is dead."""
    path = place.folder / "export.jsonl"
    run = place.scrapy("export", "things", "edges", "--crawl", spider, "-o", str(path))
    if run.wait() != 0:
        return [f"export: exit code {run.wait()}: {run.line}"]
    flaws = flaws_of_feeds([path], truth, whole=True)
    return [flaw for flaw in flaws if "creators" not in flaw and "tombstones" not in flaw]
