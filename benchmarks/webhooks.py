"""Send thousands of good and bad deliveries to a real ``scrapy webhooks`` and compare what it holds.

    python -m benchmarks.webhooks --number 10000

Prints the figures of ``docs/webhooks.md``; exit code 1 if anything was lost, doubled, answered
wrongly, or if the process ended.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from tests.extras.webhooks.deliveries import deliver, deliveries
from tests.extras.webhooks.receiver import Receiver


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slow", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        receiver = Receiver(Path(folder))
        wanted = deliveries(receiver.path, options.number, options.seed, options.slow)
        first = asyncio.run(deliver(receiver.host, receiver.port, islice(wanted, options.number // 10)))
        before = receiver.memory
        started = time.perf_counter()
        record = asyncio.run(deliver(receiver.host, receiver.port, wanted))
        took = time.perf_counter() - started
        after = receiver.memory
        alive = receiver.process.poll() is None
        code = receiver.stop()
        rows = receiver.rows("SELECT order_id, event FROM order_events")
        orders = receiver.rows("SELECT id, state FROM orders")
        crashes = receiver.said.count("Traceback")
    stored = first.stored | record.stored
    kinds, wrong = first.kinds + record.kinds, first.wrong + record.wrong
    sent = {number for number, _ in stored if number is not None}
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{kinds.total()} deliveries: " + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common()))
    print(
        f"answered wrongly: {len(wrong)}; tracebacks: {crashes}; alive at the end: {alive}, exit code {code}"
    )
    print(
        f"events stored: {len(rows)} of {len(stored)}, doubled {len(rows) - len(set(rows))}; "
        f"orders: {len(orders)} of {len(sent)}, moved back {sum(state != 'refunded' for _, state in orders)}"
    )
    print(
        f"answer 200: median {statistics.median(record.seconds) * 1000:.1f} ms, "
        f"99 of 100 within {statistics.quantiles(record.seconds, n=100)[98] * 1000:.0f} ms, "
        f"slowest {max(record.seconds) * 1000:.0f} ms; {took:.0f} s in all, senders that stand still included"
    )
    print(f"memory: {before:.1f} MB after the first tenth, {after:.1f} MB at the end")
    for line in wrong[:5]:
        print(line)
    fine = (
        not wrong and not crashes and alive and code == 0 and set(rows) == stored and len(rows) == len(stored)
    )
    return 0 if fine and len(orders) == len(sent) else 1


if __name__ == "__main__":
    sys.exit(main())
