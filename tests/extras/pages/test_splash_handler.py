"""The way to Splash knows no token, and the way to the API leads nowhere near Splash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.middlewares.crawling import crawl
from tests.support.api_server import serving

ROOT = Path(__file__).parents[3]
ASK = """
import asyncio, json, os, sys
from scrapy.utils.reactor import install_reactor
install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
from scrapy import Request, Spider
from scrapy.utils.test import get_crawler
from twisted.internet import reactor
from tvspiders.extras.pages.splash_handler import SplashHandler
from tvspiders.policies.security.origin import Origin
from tvspiders.policies.security.redaction import install_redaction

install_redaction([os.environ.get("SECRET", "")])
splash, *urls = sys.argv[1:]
said = []

async def ask():
    handler = SplashHandler(get_crawler(Spider), Origin.parse(splash))
    for url in urls:
        headers = {"Authorization": "Bearer tok-1", "Cookie": "a=b", "Proxy-Authorization": "Basic x"}
        request = Request(url, method="POST", headers=headers, body="{}", meta={"proxy": "http://127.0.0.2:1"})
        try:
            response = await handler.download_request(request)
            said.append(response.text if "SECRET" in os.environ else response.status)
        except Exception as error:
            said.append(type(error).__name__)
    await handler.close()
    reactor.stop()

reactor.callWhenRunning(lambda: asyncio.ensure_future(ask()))
reactor.run()
print(json.dumps(said))
"""


def ask(splash, *urls):
    done = subprocess.run(
        [sys.executable, "-c", ASK, splash, *urls],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        timeout=60, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_credentials_are_taken_off_and_no_proxy_is_used():
    with serving() as splash:
        said = ask(splash.url, f"{splash.url}/execute")

    assert said == [200]
    assert splash.seen == [("/execute", None)]


def test_what_splash_echoes_is_masked_on_entry(monkeypatch):
    monkeypatch.setenv("SECRET", "Just a moment...")

    with serving() as splash:
        (said,) = ask(splash.url, f"{splash.url}/challenge")

    assert "<title>[secret]</title>" in said


def test_no_other_origin_is_asked():
    with serving() as splash, serving(host="127.0.0.2") as stranger:
        port = splash.url.rsplit(":", 1)[1]
        said = ask(splash.url, f"{stranger.url}/execute", f"http://localhost:{port}/execute", "http://a@b/")

    assert said == ["ForeignOrigin"] * 3
    assert splash.seen == stranger.seen == []


def test_the_handler_of_the_api_refuses_splash_like_any_other_place():
    with serving() as api, serving() as splash:
        crawled = crawl(api.url, f"POST {splash.url}/execute", f"{splash.url}/execute", SPLASH_URL=splash.url)

    assert crawled["errors"] == ["ForeignOrigin"] * 2
    assert splash.seen == api.seen == []
