"""How much memory and time answers of hostile shapes cost a crawl.

    python -m benchmarks.shapes                 # every shape, a crawl of five things each
    python -m benchmarks.shapes lists --answers 16

A server answers the pages of things with small bodies that grow when they are unpacked or
decoded; a real ``scrapy crawl remixes`` asks for them. Exit code 1 where a crawl takes more
than 512 MB, or ends in any other way than complete or partial.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.shapes import MOST, SHAPES, memory, packed, serving
from tests.support.crawling import Place

FAST = ("TV_QUOTA=100000/1s", "TV_QUOTA_SPREAD=False", "TV_RETRY_BASE=0.1", "TV_MAX_ATTEMPTS=2")


def crawl(name: str, answers: int) -> tuple[int, float, float, str]:
    """Exit code, MB at most, seconds and last line of a crawl that meets so many such answers."""
    with serving(name) as url, tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), url)
        things = ",".join(str(number) for number in range(1, answers + 1))
        began, most = time.monotonic(), 0.0
        settings = [part for setting in FAST for part in ("-s", setting)]
        run = place.scrapy("crawl", "remixes", "-a", f"thing={things}", "-a", "depth=1", *settings)
        try:
            while run.alive:
                most = max(most, memory(run.pid))
                time.sleep(0.02)
            return run.wait(), most, time.monotonic() - began, run.line
        finally:
            place.clear()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("shapes", nargs="*", default=list(SHAPES))
    parser.add_argument("--answers", type=int, default=5, help="answers of the shape in one crawl")
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, {options.answers} answers each\n")
    print("| body | bytes | packed | MB at most | seconds | end |\n|---|---|---|---|---|---|", flush=True)
    bad = False
    for name in options.shapes:
        code, most, took, last = crawl(name, options.answers)
        body = SHAPES[name]()
        sizes = f"{len(body):,} | {len(packed(body, 1)):,}"
        print(f"| {name} | {sizes} | {most:.0f} | {took:.1f} | {last[11:45]} |", flush=True)
        bad = bad or most > MOST or code not in (0, 3)
    sys.exit(bad)


if __name__ == "__main__":
    main()
