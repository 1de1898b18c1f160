"""A crawl in a process of its own against a tiny API, through proxies."""

from __future__ import annotations

import json
import os

from tests.support.crawling import TOKEN
from tests.support.starting import ROOT, run


def crawl(api, proxy, authority, *paths, **settings):
    """A crawl with Scrapy's own retries and redirects switched on beside ours."""
    given = {
        "THINGIVERSE_API_URL": api.url,
        "RETRY_ENABLED": True,
        "REDIRECT_ENABLED": True,
        "TV_MAX_ATTEMPTS": 1,
        "TV_RETRY_BASE": 0.01,
        "DOWNLOAD_TIMEOUT": 2,
        "TV_PROXY_REST": 0.1,
        "DOWNLOADER_MIDDLEWARES": {
            "tvspiders.middlewares.retry.TvRetryMiddleware": 550,
            "tvspiders.extras.proxies.middleware.ProxyMiddleware": 560,
            "tvspiders.middlewares.quota.QuotaMiddleware": 570,
            "tvspiders.middlewares.answers.AnswerMiddleware": 580,
        },
        **settings,
    }
    environment = {
        "THINGIVERSE_TOKEN": TOKEN,
        "THINGIVERSE_PROXY": proxy,
        "SSL_CERT_FILE": str(authority.root),
        "PYTHONPATH": str(ROOT),
    }
    argv = ["tests/support/one_crawl.py", json.dumps(given), *(api.url + at for at in paths)]
    done = run(argv, ROOT, {**os.environ, **environment})
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])
