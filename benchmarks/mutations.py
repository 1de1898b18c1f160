"""Read a million damaged answers: no crash, no wrong item, little memory.

    python -m benchmarks.mutations                     # a million, seed 1
    python -m benchmarks.mutations --number 100000 --seed 7

Damages recorded answers of every kind in reproducible ways, as the tests do in a shorter form, and
prints what became of them. Exit code 1 for an exception or a wrong item.
"""

from __future__ import annotations

import argparse
import platform
import resource
import sys
import time
from collections import Counter
from random import Random

from tests.support.invariants import problems
from tests.support.kinds import KINDS, read_items
from tests.support.mutations import harmless, mutations

SHOWN = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--number", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    began = time.process_time()
    for number, (kind, body) in enumerate(mutations(options.seed, options.number)):
        try:
            items, refused = read_items(kind, body)
            wrong += [f"{number} {kind}: {problem}" for item in items for problem in problems(item)]
        except Exception as error:
            wrong.append(f"{number} {kind}: {type(error).__name__}: {error}")
            continue
        outcomes["whole" if not refused else "in part" if items else refused[0]] += 1
    tried = refusals = 0
    for kind in KINDS:
        for _, after in harmless(kind, Random(options.seed), 10):
            tried += 1
            refusals += bool(read_items(kind, after)[1])
    seconds = time.process_time() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{platform.machine()}, Python {platform.python_version()}, seed {options.seed}")
    print(
        f"{options.number} answers, {seconds:.0f} s of CPU, {most:.0f} MB at most; "
        f"{len(wrong)} crashes and wrong items"
    )
    for name, times in outcomes.most_common():
        print(f"  {name}: {times} ({times / options.number:.1%})")
    print(f"damage outside of stored columns: {tried - refusals} of {tried} read whole")
    print(*wrong[:SHOWN], sep="\n")
    sys.exit(bool(wrong or refusals))


if __name__ == "__main__":
    main()
