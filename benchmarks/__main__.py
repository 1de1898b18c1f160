"""Measure what the project costs, and write it into ``docs/performance.md``.

    python -m benchmarks                 # all, about an hour on two idle cores
    python -m benchmarks contest         # one part
    python -m benchmarks --quick         # small and inexact, nothing written

The other figures have commands of their own: ``benchmarks.quota``, ``benchmarks.reliability``,
``benchmarks.analytics``, ``benchmarks.sandbox_rate``, ``benchmarks.ledger_overhead``.
"""

from __future__ import annotations

import argparse

from benchmarks import contest, single, tables

PARTS = ("contest", "single")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure, and note the figures.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, nothing written")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    rounds, pages, large = (1, 34, 5_000) if options.quick else (options.rounds, 334, 50_000)
    for part in options.parts or PARTS:
        if part == "contest":
            text = contest.text(contest.measure(rounds, pages))
        else:
            text = single.text(min(rounds, 3), large)
        print(text)
        if not options.quick:
            tables.write(part, text)


if __name__ == "__main__":
    main()
