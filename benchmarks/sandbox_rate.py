"""How many details a second one sandbox answers.

    python benchmarks/sandbox_rate.py --things 6000000 --seconds 8

Starts ``scrapy sandbox`` on one core and asks it for random ids from another, over
keep-alive connections that send the next request as soon as the answer is in.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import subprocess
import sys
import time
from statistics import median


async def ask(
    host: str, port: int, things: int, until: float, dice: random.Random, took: list[float]
) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    while time.perf_counter() < until:
        started = time.perf_counter()
        thing = dice.randint(1, things)
        head = f"GET /things/{thing} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer x\r\n\r\n"
        writer.write(head.encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        took.append(time.perf_counter() - started)
    writer.close()
    await writer.wait_closed()


async def measure(port: int, things: int, seconds: float, connections: int) -> list[float]:
    took: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(
        *(ask("127.0.0.1", port, things, until, random.Random(n), took) for n in range(connections))
    )
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--things", type=int, default=6_000_000)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()

    cores = sorted(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "scrapy", "sandbox", "--things", str(options.things)]
    started = time.perf_counter()
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, cores[:1])
    )
    try:
        assert server.stdout
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        ready = time.perf_counter() - started
        os.sched_setaffinity(0, cores[-1:])
        asyncio.run(measure(port, options.things, 1, options.connections))
        took = asyncio.run(measure(port, options.things, options.seconds, options.connections))
        with open(f"/proc/{server.pid}/status") as status:
            memory = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    finally:
        server.terminate()
        code = server.wait(10)
    print(f"{platform.machine()}, {len(cores)} cores, Python {platform.python_version()}")
    print(f"{options.things} things, ready after {ready:.2f} s, exit code {code}")
    print(f"{int(memory) / 1024:.0f} MB at most")
    print(f"{len(took) / options.seconds:.0f} details/s, median {median(took) * 1000:.2f} ms")


if __name__ == "__main__":
    main()
