"""Try one kind of fault on real crawls.

python -m benchmarks.faults              # answers: every kind of spoilt answer
python -m benchmarks.faults NAME --help
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys

from benchmarks import faults

NAMES = sorted(found.name for found in pkgutil.iter_modules(faults.__path__) if found.name != "__main__")


def main() -> int:
    """Run the fault that is named."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="name", metavar="NAME", required=True)
    named = {}
    for name in NAMES:
        named[name] = importlib.import_module(f"benchmarks.faults.{name}")
        text = named[name].__doc__ or ""
        below = kinds.add_parser(
            name,
            help=text.partition("\n")[0],
            description=text,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        named[name].add_arguments(below)
    given = sys.argv[1:]
    asked = parser.parse_args(
        given if given and given[0] in (*NAMES, "-h", "--help") else ["answers", *given]
    )
    return int(named[asked.name].run(asked))


if __name__ == "__main__":
    sys.exit(main())
