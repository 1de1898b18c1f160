"""What Splash is asked, and what of its answers is taken."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest
from scrapy.http import TextResponse

from tvspiders.middlewares.splash import Splash, SplashTrouble

PAGE = {"html": "<p>x</p>", "png": "iVBO", "url": "https://www.thingiverse.com/thing:7", "title": "x"}
URL = PAGE["url"]


class FakeHandler:
    def __init__(self, status, body):
        self.status, self.body, self.asked = status, body, []

    async def download_request(self, request):
        self.asked.append(request)
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        headers = {"Content-Type": "application/json"}
        return TextResponse(request.url, status=self.status, body=body, headers=headers)


@pytest.fixture
def make(crawler, monkeypatch):
    def build(status=200, body=PAGE):
        handler = FakeHandler(status, body)
        monkeypatch.setattr("tvspiders.middlewares.splash.SplashHandler", lambda crawler, origin: handler)
        made = crawler(SPLASH_URL="http://127.0.0.1:8050", USER_AGENT="tvspiders/test", TV_PAGE_WAIT=3.0)
        made.spider = SimpleNamespace(name="pages", state={})
        splash = Splash(made)
        splash.handler = handler
        return splash

    return build


def render(splash):
    return asyncio.run(splash.render(URL))


def test_splash_is_asked_for_html_and_picture_of_one_page_with_our_name(make):
    splash = make()
    render(splash)

    [request] = splash.handler.asked
    asked = json.loads(request.body)
    assert (request.method, request.url) == ("POST", "http://127.0.0.1:8050/render.json")
    assert asked["url"] == URL
    assert (asked["html"], asked["png"], asked["wait"]) == (1, 1, 3.0)
    assert asked["headers"] == {"User-Agent": "tvspiders/test"}
    assert asked["allowed_domains"] == "thingiverse.com"
    assert b"Authorization" not in request.headers


def test_another_site_is_not_left_either(make):
    asked = json.loads(make().question("http://127.0.0.1:9/thing:7").body)

    assert asked["allowed_domains"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("history", "status", "mitigated"),
    [
        (None, None, None),
        ([], None, None),
        ([{}], None, None),
        ([{"response": {"status": 301}}, {"response": {"status": 200, "headers": []}}], 200, None),
        (
            [{"response": {"status": 403, "headers": [{"name": "CF-Mitigated", "value": "challenge"}]}}],
            403,
            "challenge",
        ),
        ("x", None, None),
        ([{"response": {"status": "200"}}], None, None),
    ],
)
def test_the_status_is_that_of_the_last_answer(make, history, status, mitigated):
    found = render(make(body=PAGE | {"history": history}))

    assert (found["status"], found["mitigated"]) == (status, mitigated)


@pytest.mark.parametrize(
    ("status", "body", "reason", "again"),
    [
        (504, {"error": 504, "description": "Timeout"}, "splash-504", True),
        (502, {"error": 502, "info": {"type": "Network", "code": 3}}, "splash-502", True),
        (400, {"error": 400}, "splash-400", False),
        (200, b"<html>a proxy</html>", "splash-shape", True),
        (200, [], "splash-200", True),
        (200, {"html": "x"}, "splash-shape", False),
        (200, PAGE | {"png": "%"}, "splash-shape", False),
        (200, PAGE | {"html": None}, "splash-shape", False),
    ],
)
def test_what_is_no_page_is_trouble_by_name(make, status, body, reason, again):
    with pytest.raises(SplashTrouble) as caught:
        render(make(status, body))

    assert (caught.value.reason, caught.value.again) == (reason, again)
    assert "\n" not in str(caught.value)
