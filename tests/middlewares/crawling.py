"""A crawl in a process of its own against a tiny API, with our downloader side."""

import json
import os
import time

from tests.support.starting import ROOT, run

TOKENS = ("tok-first-1111", "tok-second-2222")
BEARER = [f"Bearer {token}" for token in TOKENS]


class Crawled(dict):
    log: str
    took: float


def crawl(api, *urls, tokens=TOKENS, **settings):
    began = time.monotonic()
    done = run(
        ["tests/support/one_crawl.py", json.dumps({"THINGIVERSE_API_URL": api, **settings}), *urls],
        ROOT,
        {**os.environ, "THINGIVERSE_TOKEN": " ".join(tokens), "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    crawled = Crawled(json.loads(done.stdout.splitlines()[-1]))
    crawled.log, crawled.took = done.stderr, time.monotonic() - began
    assert not [token for token in TOKENS if token in done.stderr + done.stdout]
    assert crawled["leaks"] == 0
    return crawled
