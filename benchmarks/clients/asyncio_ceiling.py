"""The ceiling in Python: sixteen aiohttp requests at a time, orjson, 500 things a transaction.

It keeps no queue, survives nothing and obeys no quota.

python -m benchmarks.clients.asyncio_ceiling URL QUERY PAGES DATABASE
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import aiohttp
import orjson

from benchmarks.clients import rows

BATCH, CONCURRENCY = 500, 16


async def main(base: str, query: str, pages: int, path: str) -> None:
    connection = rows.opened(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    numbers: asyncio.Queue[int] = asyncio.Queue(4 * rows.PER_PAGE)
    waiting: list[tuple[dict[str, Any], str]] = []

    async def list_pages() -> None:
        for page in range(1, pages + 1):
            async with session.get(rows.page_url(base, query, page)) as answer:
                for hit in orjson.loads(await answer.read())["hits"]:
                    await numbers.put(hit["id"])

    async def read_things() -> None:
        while True:
            number = await numbers.get()
            async with session.get(f"{base}/things/{number}") as answer:
                body = await answer.read()
                if answer.status == 200:
                    waiting.append((orjson.loads(body), body.decode()))
            if len(waiting) >= BATCH:
                rows.store(connection, waiting)
                waiting.clear()
            numbers.task_done()

    headers = {"Authorization": "Bearer any-token-1"}
    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        readers = [asyncio.create_task(read_things()) for _ in range(CONCURRENCY)]
        await list_pages()
        await numbers.join()
        for reader in readers:
            reader.cancel()
    rows.store(connection, waiting)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]))
