"""The scraping guide's way: a new client for each request, a commit for each thing; its sleeps left out.

python -m benchmarks.clients.guide_way URL QUERY PAGES DATABASE
"""

from __future__ import annotations

import sys

import httpx

from benchmarks.clients import rows


def ask(url: str) -> httpx.Response:
    with httpx.Client(headers={"Authorization": "Bearer any-token-1"}, timeout=30) as client:
        return client.get(url)


def main(base: str, query: str, pages: int, path: str) -> None:
    connection = rows.opened(path)
    for page in range(1, pages + 1):
        for hit in ask(rows.page_url(base, query, page)).json()["hits"]:
            answer = ask(f"{base}/things/{hit['id']}")
            if answer.status_code == 200:
                rows.store(connection, [(answer.json(), answer.text)])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
