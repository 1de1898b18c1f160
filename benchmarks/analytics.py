"""Graph measures on a million things: ``python -m benchmarks.analytics``.

Makes a database of the size asked for, then runs each task in a process of
its own and takes seconds and peak memory from the kernel. The figures are
written into docs/analytics.md between markers.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "analytics.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


def make(path: Path, nodes: int, edges: int) -> None:
    """A network with hubs, merges, 200 cycles and 20 self-edges; one thing in twenty has two snapshots."""
    import numpy as np
    from sqlalchemy import insert

    from tvspiders.storage import tables
    from tvspiders.storage.database.engine import open_engine, writing
    from tvspiders.storage.database.schema import prepare_schema

    random = np.random.default_rng(7)
    child = random.integers(1, nodes, edges)
    parent = (child * random.random(edges) ** 3).astype(np.int64)
    chain = np.arange(nodes - 1000, nodes - 1)
    back = random.integers(1, nodes, 200)
    pairs = np.concatenate([np.stack([parent, child], 1), np.stack([chain, chain + 1], 1)])
    back_parents = pairs[random.integers(0, edges, 200)]
    pairs = np.concatenate([pairs, back_parents[:, ::-1], np.stack([back[:20]] * 2, 1)])
    pairs = np.unique(pairs, axis=0) + 1
    engine = open_engine(f"sqlite:///{path}")
    prepare_schema(engine)
    licences = (
        "Creative Commons - Attribution",
        "Creative Commons - Attribution - Share Alike",
        "BSD License",
    )
    moment = "2026-11-01T00:00:00.000+00:00"
    with writing(engine) as connection:
        for start in range(0, nodes, 20_000):
            rows = [
                {
                    "id": number, "name": f"Thing {number}", "creator": f"user{number % 90_000}",
                    "creator_id": number % 90_000, "license": licences[number % 3],
                    "added": f"{2009 + number * 17 // nodes}-{number % 12 + 1:02}-01T00:00:00+00:00",
                    "download_count": number % 1000, "like_count": number % 100, "make_count": number % 10,
                    "remix_count": 0, "last_scraped": moment, "detail_scraped": moment, "first_seen": moment,
                }
                for number in range(start + 1, min(start + 20_000, nodes) + 1)
            ]  # fmt: skip
            connection.execute(insert(tables.things), rows)
        for start in range(0, len(pairs), 20_000):
            part = pairs[start : start + 20_000].tolist()
            rows = [
                {
                    "parent_id": a,
                    "child_id": b,
                    "seen_from_child": moment,
                    "first_seen": moment,
                    "last_scraped": moment,
                }
                for a, b in part
            ]
            connection.execute(insert(tables.remix_edges), rows)
        for day in ("2026-11-01", "2026-11-08"):
            rows = [
                {
                    "thing_id": number,
                    "download_count": number % 1000 + (number % 77 if day > "2026-11-05" else 0),
                    "recorded_at": f"{day}T00:00:00.000+00:00",
                }
                for number in range(1, nodes, 20)
            ]  # fmt: skip
            connection.execute(insert(tables.download_snapshots), rows)
    engine.dispose()


def four_measures(url: str) -> dict[str, float]:
    """Degrees, components, depth with cycles collapsed and PageRank, from SQL; seconds of each."""
    import numpy as np

    from tvspiders.extras.analytics.data.columns import whole
    from tvspiders.extras.analytics.data.graph import Graph
    from tvspiders.extras.analytics.data.lineage import Lineage
    from tvspiders.storage.database.reading import open_for_reading
    from tvspiders.storage.queries import network

    seconds: dict[str, float] = {}
    last = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal last
        now = time.perf_counter()
        seconds[name] = now - last
        last = now

    with open_for_reading(url) as connection:
        ids = whole(network.thing_numbers(connection), 1)[:, 0]
        graph = Graph.build(whole(network.edges(connection), 3), ids)
    lap("load from SQL")
    _ = graph.child_counts, graph.parent_counts
    lap("degrees")
    _ = graph.component_sizes
    lap("weak components")
    lineage = Lineage(graph)
    deepest = int(lineage.generation.max())
    lap("depth, cycles collapsed")
    rank = graph.pagerank()
    lap("PageRank (tolerance 1e-10)")
    print(
        f"{len(graph)} nodes, {len(graph.source)} edges, depth {deepest}, {np.argmax(rank)}", file=sys.stderr
    )
    return seconds


def timed(command: list[str], url: str) -> tuple[float, float, float, bytes]:
    """Seconds, CPU seconds and peak MB of a finished process, and what it printed."""
    environment = os.environ | {"DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    before = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[1:]} failed")
    return time.perf_counter() - before, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out


def main() -> None:
    """Make, measure, print, and write the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=1_000_000)
    parser.add_argument("--edges", type=int, default=1_500_000)
    parser.add_argument("--database", help="SQLite file to keep and use again")
    parser.add_argument("--four", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument("--dry", action="store_true", help="leave the document as it is")
    given = parser.parse_args()
    if given.four:
        print(json.dumps(four_measures(given.four)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(given.database) if given.database else Path(folder) / "large.db"
        if not path.exists():
            make(path, given.nodes, given.edges)
        url = f"sqlite:///{path.resolve()}"
        scrapy = [sys.executable, "-m", "scrapy"]
        lines = []
        took, cpu, peak, out = timed([sys.executable, "-m", "benchmarks.analytics", "--four", url], url)
        for name, seconds in json.loads(out).items():
            lines.append(f"| {name} | {seconds:.2f} | | |")
        lines.append(
            f"| **the four measures, from SQL, whole process** | {took:.1f} | {cpu:.1f} | {peak:.0f} |"
        )
        for name, arguments in (
            ("`scrapy report --format json`, all sections", ["report", "--format", "json"]),
            ("`scrapy report --format html`, network of 5,000", ["report", "--format", "html"]),
            ("`scrapy graph --format csv`", ["graph", "--format", "csv"]),
            ("`scrapy graph --format graphml`", ["graph", "--format", "graphml"]),
        ):
            took, cpu, peak, out = timed([*scrapy, *arguments], url)
            lines.append(f"| {name} ({len(out) / 1e6:.1f} MB) | {took:.1f} | {cpu:.1f} | {peak:.0f} |")
            print(lines[-1], file=sys.stderr)
    text = "\n".join(
        [
            f"Measured on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}: "
            f"{given.nodes:,} things, about {given.edges:,} edges, SQLite.",
            "",
            "| task | seconds | CPU seconds | peak MB |",
            "| --- | ---: | ---: | ---: |",
            *lines,
        ]
    )
    print(text)
    if not given.dry:
        whole = DOCUMENT.read_text(encoding="utf-8")
        head, rest = whole.split(BEGIN, 1)
        tail = rest.split(END, 1)[1]
        DOCUMENT.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
