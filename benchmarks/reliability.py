"""Kill crawls hundreds of times and compare what they hold with what they should.

    python -m benchmarks.reliability --kills 200 --postgres-kills 100 --syscalls 10
    python -m benchmarks.reliability --spiders categories,users,remixes \\
        --kills 20 --postgres-kills 10 --syscalls 0
    python -m benchmarks.reliability --kills 0 --postgres-kills 0 --syscalls 0 --stops 300

Everything runs on this machine: the sandbox answers, real ``scrapy crawl`` processes are
killed with ``kill -9`` and started again with the same command until they end by
themselves. Prints the table of ``docs/reliability.md``; exit code 1 if anything was lost,
doubled or hidden.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, as_completed, wait
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.faults import stopped, syscalls
from tests.faults.trials import MOST_REPEATED, Trial, postgresql_trial, sqlite_trial

HEAD = (
    "| crawl | crawls | kills | before / during / after the requests | crawls with a flaw | of them silent "
    "| requests repeated per kill | most |"
)
_own: dict[str, Any] = {}
"""What each process of the pool keeps: its sandbox."""


def set_up(latency: float, jitter: float) -> None:
    from tvspiders.sandbox.config import SandboxConfig
    from tvspiders.sandbox.running import running

    _own["stack"] = ExitStack()
    config = SandboxConfig(latency=latency, jitter=jitter)
    _own["sandbox"] = _own["stack"].enter_context(running(config))


def on_sqlite(folder: str, seed: int, kills: int, span: float, journal: str, spider: str) -> Trial:
    return _kept(folder, lambda path: sqlite_trial(path, _own["sandbox"], seed, kills, span, journal, spider))


def on_postgresql(folder: str, seed: int, kills: int, span: float, server_url: str, spider: str) -> Trial:
    import psycopg

    name = f"trial_{seed}"
    with psycopg.connect(server_url.replace("/NAME", "/postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        url = server_url.replace("/NAME", f"/{name}")
        trial = _kept(
            folder,
            lambda path: postgresql_trial(path, _own["sandbox"], url, seed, kills, span, spider=spider),
        )
        if not trial.flaws:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    return trial


def plan_syscalls(folder: str, journal: str, step: int) -> list[Any]:
    return list(syscalls.moments(Path(folder), _own["sandbox"], journal, step))


def at_syscall(folder: str, moment: Any, journal: str) -> Trial:
    return _kept(folder, lambda path: syscalls.syscall_trial(path, _own["sandbox"], moment, journal))


def at_end(folder: str, again: tuple[float, ...]) -> Trial:
    return _kept(folder, lambda path: stopped.stopped_trial(path, _own["sandbox"], again))


def at_own_end(folder: str, signals: tuple[float, ...]) -> Trial:
    return _kept(folder, lambda path: stopped.finished_trial(path, _own["sandbox"], signals))


def _kept(folder: str, work: Callable[[Path], Trial]) -> Trial:
    """Run in a folder that is removed if all was well."""
    path = Path(folder)
    shutil.rmtree(path, ignore_errors=True)
    trial = work(path)
    if not trial.flaws:
        shutil.rmtree(path, ignore_errors=True)
    return trial


def series(pool: ProcessPoolExecutor, wanted: int, plan: Iterator[tuple[Any, ...]], jobs: int) -> list[Trial]:
    """Trials until so many kills have landed."""
    trials: list[Trial] = []
    under_way: set[Future[Trial]] = set()
    planned = 0
    while sum(trial.kills for trial in trials) < wanted:
        landed = sum(trial.kills for trial in trials)
        while len(under_way) < jobs and (landed + planned < wanted or not under_way):
            step = next(plan, None)
            if step is None:
                wanted = 0
                break
            under_way.add(pool.submit(*step))
        if not under_way:
            break
        done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
        for future in done:
            trials.append(future.result())
            report(trials[-1], sum(trial.kills for trial in trials), wanted)
    return trials + [future.result() for future in under_way]


def sweep(pool: ProcessPoolExecutor, options: argparse.Namespace, folder: Path, rows: list[str]) -> int:
    """Kills at durable system calls; returns how many crawls had a flaw."""
    if not options.syscalls:
        return 0
    reason = syscalls.why_not()
    if reason:
        print(f"no sweep over system calls: {reason}", file=sys.stderr)
        return 0
    bad = 0
    for journal in ("delete", "wal"):
        place = folder / f"count-{journal}"
        found = pool.submit(plan_syscalls, str(place), journal, options.syscalls).result()
        jobs = [
            pool.submit(at_syscall, str(folder / f"{journal}-{number}"), moment, journal)
            for number, moment in enumerate(found)
        ]
        trials = []
        for job in as_completed(jobs):
            trials.append(job.result())
            report(trials[-1], len(trials), len(jobs))
        rows.append(row(f"killed at a system call, journal mode {journal}", trials))
        bad += sum(bool(trial.flaws) for trial in trials)
    return bad


def stops(pool: ProcessPoolExecutor, wanted: int, folder: Path, dice: random.Random) -> list[Trial]:
    """A second SIGTERM at every millisecond of the end and a third after it; every fifth ends by itself."""
    jobs = []
    for millisecond in range(wanted):
        second = millisecond / 1000
        third = second + dice.uniform(0.0, 0.1)
        work = at_own_end if millisecond % 5 == 4 else at_end
        jobs.append(pool.submit(work, str(folder / f"stop-{millisecond}"), (second, third)))
    trials = []
    for job in as_completed(jobs):
        trials.append(job.result())
        report(trials[-1], len(trials), wanted)
    return trials


def report(trial: Trial, landed: int, wanted: int) -> None:
    note = "; ".join(trial.flaws) or "nothing lost, nothing doubled"
    print(
        f"  {trial.name}: {trial.kills} kills ({', '.join(trial.landed)}), {sum(trial.repeated)} repeated, "
        f"{trial.seconds:.1f} s: {note}   [{landed}/{wanted}]",
        file=sys.stderr,
        flush=True,
    )


def row(name: str, trials: list[Trial]) -> str:
    kills = sum(trial.kills for trial in trials)
    landed = [place for trial in trials for place in trial.landed]
    repeated = [number for trial in trials for number in trial.repeated]
    per_kill = sum(repeated) / kills if kills else 0.0
    return (
        f"| {name} | {len(trials)} | {kills} | {landed.count('before')} / {landed.count('during')} / "
        f"{landed.count('after')} | {sum(bool(trial.flaws) for trial in trials)} | "
        f"{sum(trial.silent for trial in trials)} | {per_kill:.1f} | {max(repeated, default=0)} |"
    )


def machine() -> str:
    import scrapy
    import sqlalchemy

    return (
        f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}, "
        f"Scrapy {scrapy.__version__}, SQLAlchemy {sqlalchemy.__version__}, SQLite {sqlite3.sqlite_version}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument(
        "--spiders", type=lambda text: text.split(","), default=["things"], help="which, with commas"
    )
    parser.add_argument("--kills", type=int, default=200, help="of each spider on SQLite")
    parser.add_argument(
        "--postgres-kills", type=int, default=100, help="of each spider on PostgreSQL with three workers"
    )
    parser.add_argument("--syscalls", type=int, default=10, help="sweep: every so manieth write; 0: none")
    parser.add_argument("--stops", type=int, default=0, help="crawls that get SIGTERM again while they end")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="trials at a time")
    parser.add_argument("--latency", type=float, default=5.0)
    parser.add_argument("--jitter", type=float, default=20.0)
    parser.add_argument("--folder", type=Path, help="where trials run; those with flaws stay")
    options = parser.parse_args()

    folder = options.folder or Path(tempfile.mkdtemp(prefix="reliability-"))
    dice = random.Random(options.seed)
    began = time.monotonic()
    rows: list[str] = []
    bad = 0
    with ExitStack() as stack:
        pool = stack.enter_context(
            ProcessPoolExecutor(
                options.jobs,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=set_up,
                initargs=(options.latency, options.jitter),
            )
        )

        def sqlite_plan(spider: str, journal: str) -> Iterator[tuple[Any, ...]]:
            while True:
                seed = dice.randrange(10**9)
                place = str(folder / f"sqlite-{seed}")
                yield on_sqlite, place, seed, dice.randint(1, 6), 6.0, journal, spider

        def postgresql_plan(spider: str, server_url: str) -> Iterator[tuple[Any, ...]]:
            while True:
                seed = dice.randrange(10**9)
                place = str(folder / f"postgresql-{seed}")
                yield on_postgresql, place, seed, dice.randint(1, 4), 6.0, server_url, spider

        def run(name: str, wanted: int, plan: Iterator[tuple[Any, ...]]) -> int:
            trials = series(pool, wanted, plan, options.jobs)
            rows.append(row(name, trials))
            return sum(bool(trial.flaws) for trial in trials)

        for spider in options.spiders:
            for journal in ("delete", "wal"):
                if options.kills:
                    plan = sqlite_plan(spider, journal)
                    bad += run(f"`{spider}`, SQLite, journal mode {journal}", -(-options.kills // 2), plan)
        if options.postgres_kills:
            from tests.faults.server import Server

            server = Server()
            stack.callback(server.close)
            for spider in options.spiders:
                plan = postgresql_plan(spider, server.url("NAME"))
                bad += run(f"`{spider}`, PostgreSQL, three workers", options.postgres_kills, plan)
        bad += sweep(pool, options, folder, rows)
        if options.stops:
            trials = stops(pool, options.stops, folder, dice)
            rows.append(row("SIGTERM again at every millisecond of the end", trials))
            bad += sum(bool(trial.flaws) for trial in trials)
    print(f"{machine()}; seed {options.seed}; {time.monotonic() - began:.0f} s\n")
    print(HEAD)
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(rows))
    print(f"\nallowed are {MOST_REPEATED} repeated requests per kill")
    if bad:
        print(f"{bad} crawls with a flaw; see {folder}")
        sys.exit(1)
    if not options.folder:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
