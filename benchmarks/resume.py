"""How soon a crawl with a million queued requests goes on, and in how much memory.

python -m benchmarks.resume --queued 1000000 --answered 200000
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.support.crawling import Place, until
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import running


def fill(path: Path, queued: int, answered: int) -> None:
    """Put rows beside those of a short crawl, as a long one would have left them."""
    with closing(sqlite3.connect(path)) as connection, connection:
        crawl, body = connection.execute(
            "SELECT crawl_id, body FROM answers WHERE status = 200 ORDER BY length(body) DESC LIMIT 1"
        ).fetchone()
        first = connection.execute("SELECT max(id) FROM requests").fetchone()[0] + 1
        connection.executemany(
            "INSERT INTO requests (id, crawl_id, fingerprint, path, callback, kwargs, rank, depth, state, "
            "attempts, status, answered_at) VALUES (?, ?, ?, ?, 'parse_thing', ?, -10, 1, ?, 0, ?, ?)",
            (
                (
                    first + n,
                    crawl,
                    hashlib.blake2b(b"%d" % n, digest_size=16).digest(),
                    f"/things/{100_000 + n}",
                    f'{{"thing_id":{100_000 + n}}}',
                    "done" if n < answered else "queued",
                    200 if n < answered else None,
                    "2026-11-21T07:00:00.000+00:00" if n < answered else None,
                )
                for n in range(queued + answered)
            ),
        )
        connection.executemany(
            "INSERT INTO answers (request_id, crawl_id, received_at, status, codec, body, scrubbed) "
            "SELECT ?, ?, '2026-11-21T07:00:00.000+00:00', 200, codec, ?, 0 FROM answers LIMIT 1",
            ((first + n, crawl, body) for n in range(answered)),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--queued", type=int, default=1_000_000)
    parser.add_argument("--answered", type=int, default=200_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(SandboxConfig()) as sandbox:
        place = Place(Path(folder), sandbox.url)
        run = place.crawl("-a", "max_requests=20", feed=None)
        if run.wait() != 0:
            raise SystemExit(run.text)
        fill(Path(folder) / "x.db", options.queued, options.answered)
        size = (Path(folder) / "x.db").stat().st_size
        sandbox.reset()
        began = time.monotonic()
        run = place.crawl(feed=None)
        until(lambda: sandbox.counters["requests"], 300)
        first = time.monotonic() - began
        until(lambda: sandbox.counters["requests"] > 500, 60)
        status = Path(f"/proc/{run.pid}/status").read_text().splitlines()
        peak = next(line for line in status if line.startswith("VmHWM"))
        run.signal(15)
        run.wait(30)
        line = run.line
    print(f"{platform.machine()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    print(f"{options.queued:,} queued, {options.answered:,} answered, {size / 1e6:.0f} MB")
    print(f"first new request {first:.1f} s after the command, {int(peak.split()[1]) / 1024:.0f} MB at most")
    print(f"last line: {line}")


if __name__ == "__main__":
    main()
