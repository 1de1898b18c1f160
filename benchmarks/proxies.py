"""Measure what bad exits cost a crawl, and who sees what.

    python -m benchmarks.proxies          # about three minutes on two idle cores

Real ``scrapy crawl`` processes go through real proxy processes (Basic
authentication, CONNECT) to a sandbox that speaks TLS, all on loopback. The
sandbox's oracle knows what a perfect crawl holds, the proxies remember what they
were sent. Prints the table of ``docs/proxies.md``; exit code 1 if a crawl is not
complete or a bound is not kept.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import scrapy

from tests.support.authority import Authority
from tests.support.crawling import PAGES, QUERY, Place, Run, until
from tests.support.running_gateway import RunningGateway, gateway
from tests.support.truth import Truth, flaws_of_database
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running

ROTATE = "acme-session-{session}"
SHARES = {"dead": 0.05, "silent": 0.05, "page": 0.02, "reset": 0.02}
WAIT = 20.0
"""Seconds for which the processor is watched while all exits rest."""


class Bench:
    """One folder, one sandbox behind TLS, and the rows of the table."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.stack = stack
        self.authority = Authority(folder)
        certificate, key = map(str, self.authority.sign())
        self.sandbox: RunningSandbox = stack.enter_context(
            running(SandboxConfig(certfile=certificate, keyfile=key, latency=5, jitter=10))
        )
        self.places = 0
        self.failed = False
        self.truth = Truth.of_search(self.sandbox.oracle, QUERY, PAGES)

    def gateway(self, **config: Any) -> RunningGateway:
        return self.stack.enter_context(gateway(**config))

    @contextmanager
    def place(self, proxy: str, **environment: str) -> Iterator[Place]:
        self.sandbox.reset()
        self.places += 1
        given = {"THINGIVERSE_PROXY": proxy, "SSL_CERT_FILE": str(self.authority.root)} | environment
        place = Place(self.folder / f"place-{self.places}", self.sandbox.url, **given)
        try:
            yield place
        finally:
            place.clear()

    def row(self, case: str, figure: str, bound: str, kept: bool) -> None:
        self.failed |= not kept
        print(f"| {case} | {figure} | {bound} |{'' if kept else ' **not kept** |'}", flush=True)

    def whole(self, place: Place, run: Run) -> bool:
        """Whether the crawl ended well and holds all that it should."""
        code = run.wait(300)
        flaws = flaws_of_database(place.database, self.truth)
        for flaw in flaws or ([run.line] if code else []):
            print(f"  {flaw}", file=sys.stderr)
        return code == 0 and not flaws


def rotate(bench: Bench) -> None:
    exits = bench.gateway()
    with bench.place(exits.url(ROTATE)) as place:
        run = place.crawl()
        run.wait(300)
        kept = bench.whole(place, run) and len(exits.users()) == bench.truth.requests
    bench.row("`rotate`: sessions", f"{len(exits.users())} for {len(exits.seen)} requests", "one each", kept)


def sticky(bench: Bench) -> None:
    exits = bench.gateway()
    tokens = "first-token-01 second-token-02 third-token-03"
    with bench.place(exits.url(ROTATE), THINGIVERSE_TOKEN=tokens) as place:
        run = place.crawl(TV_PROXY_MODE="sticky", TV_QUOTA="20/1s")
        until(
            lambda: len(bench.sandbox.counters["by_token"]) == 3 and bench.sandbox.counters["requests"] > 200
        )
        before = len(exits.users())
        exits.set(**{next(iter(exits.users())): "dead"})
        run.wait(300)
        kept = bench.whole(place, run) and (before, len(exits.users())) == (3, 4)
    figure = f"{before}, then {len(exits.users())} after one was cut off"
    bench.row("`sticky`, three tokens: sessions", figure, "3, then 4", kept)


def bad_sessions(bench: Bench) -> None:
    exits = bench.gateway(shares=SHARES)
    with bench.place(exits.url(ROTATE)) as place:
        run = place.crawl(DOWNLOAD_TIMEOUT=5)
        run.wait(300)
        share = len(exits.seen) / bench.truth.requests
        kept = bench.whole(place, run) and share <= 1.25
    case = "5 % of sessions dead, 5 % silent, 2 % with 403 pages, 2 % reset: requests"
    bench.row(case, f"{share:.3f} of the least", "1.25", kept)


def blocked_exits(bench: Bench) -> None:
    faults = {"bob": "silent", "dave": "mute"}
    exits = bench.gateway(faults=faults)
    with bench.place(" ".join(exits.url(user) for user in ("alice", "bob", "carol", "dave"))) as place:
        run = place.crawl(DOWNLOAD_TIMEOUT=2, TV_PROXY_REST=1)
        run.wait(300)
        most = max(exits.users()[user] for user in faults)
        kept = bench.whole(place, run) and most <= 3
    bench.row("two of four proxies silent: requests that one of them wasted", f"{most} at most", "3", kept)


def all_dead(bench: Bench) -> None:
    exits = bench.gateway()
    with bench.place(exits.url(ROTATE)) as place:
        run = place.crawl(TV_QUOTA="60/1s", TV_PROXY_PATIENCE=WAIT + 20)
        until(lambda: bench.sandbox.counters["requests"] > 100)
        exits.set(all="dead")
        until(lambda: "all proxies cool down" in run.text)
        process, began = psutil.Process(run.pid), time.monotonic()
        before = sum(process.cpu_times()[:2])
        time.sleep(WAIT)
        share = (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began)
        code = run.wait(300)
        named = "it was the proxies" in run.line
        exits.set(all="")
        kept = bench.whole(place, place.crawl()) if code == 1 and named else False
    bench.row("all exits dead: share of one core while waiting", f"{share:.1%}", "5 %", kept and share < 0.05)
    bench.row(
        "… the crawl then", f"exit code {code}, names the proxies, is whole after the next run", "", kept
    )


def interception(bench: Bench) -> None:
    certificate, key = map(str, Authority(bench.folder, "stranger").sign())
    exits = bench.gateway(certificate=certificate, key=key)
    with bench.place(exits.url(ROTATE)) as place:
        run = place.crawl()
        code = run.wait(300)
    seen = sum(bool(entry["clear"]) for entry in exits.seen)
    kept = code == 1 and not seen and "certificate of their own" in run.line
    bench.row("a proxy with its own certificate: requests that it could read", str(seen), "0", kept)


CASES = (rotate, sticky, bad_sessions, blocked_exits, all_dead, interception)


def main() -> None:
    """Run the cases that were asked for, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="?", default="", help="only cases whose function's name holds this")
    asked = parser.parse_args()
    print(f"Python {platform.python_version()}, Scrapy {scrapy.__version__}, {os.cpu_count()} cores")
    print("| what | measured | bound |\n|---|---|---|")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tvspiders-proxies-")))
        bench = Bench(folder, stack)
        for case in CASES:
            if asked.name in case.__name__:
                case(bench)
    sys.exit(bench.failed)


if __name__ == "__main__":
    main()
