"""What Splash is asked, and what of its answers is taken."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest
from scrapy.http import TextResponse

from tvspiders.extras.pages.parsing import outcome
from tvspiders.extras.pages.splash import NO_PAGE, TIMEOUT, Splash, SplashTrouble

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
        monkeypatch.setattr("tvspiders.extras.pages.splash.SplashHandler", lambda crawler, origin: handler)
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
    assert (request.method, request.url) == ("POST", "http://127.0.0.1:8050/execute")
    assert asked["url"] == URL
    assert (asked["width"], asked["height"], asked["wait"]) == (1366, 900, 3.0)
    for wanted in ("html = splash:html()", "png = splash:png{", "history = splash:history()"):
        assert wanted in asked["lua_source"]
    assert asked["headers"] == {"User-Agent": "tvspiders/test"}
    assert asked["allowed_domains"] == "thingiverse.com"
    assert b"Authorization" not in request.headers


def test_splash_is_waited_for_until_it_tells_of_its_own_timeout(make):
    asked = make().question(URL)

    assert json.loads(asked.body)["timeout"] == TIMEOUT
    assert asked.meta["download_timeout"] > TIMEOUT  # Scrapy's own would be 10 seconds without it


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
        ([{"response": {"status": 500, "ok": False}}], 500, None),
        ([{"response": {"status": 302, "ok": False}}], 302, None),
        ([{"response": {"status": 200, "ok": True}}], 200, None),
    ],
)
def test_the_status_is_that_of_the_last_answer(make, history, status, mitigated):
    found = render(make(body=PAGE | {"history": history}))

    assert (found["status"], found["mitigated"]) == (status, mitigated)


@pytest.mark.parametrize("status", [0, 200])
def test_a_page_that_did_not_arrive_whole_is_trouble(make, status):
    broken = {"trouble": "network2", "history": [{"response": {"status": status, "ok": False}}]}
    with pytest.raises(SplashTrouble) as caught:
        render(make(body=PAGE | broken))

    assert (caught.value.reason, caught.value.again) == ("splash-page", True)
    assert "network2" in str(caught.value)


def test_a_frame_that_is_not_loaded_does_not_spoil_the_page(make):
    framed = {"trouble": "network301", "history": [{"response": {"status": 200, "ok": True}}]}

    assert render(make(body=PAGE | framed))["status"] == 200


def test_a_way_to_another_host_has_no_address_and_no_title(make):
    nowhere = {"url": "", "title": NO_PAGE, "history": [{"response": {"status": 0, "url": "", "ok": False}}]}
    found = render(make(body=PAGE | nowhere))

    assert (found["url"], found["status"], found["title"]) == ("", None, None)
    assert outcome(found | {"asked": URL}) == "elsewhere"


@pytest.mark.parametrize(
    ("status", "body", "reason", "again"),
    [
        (504, {"error": 504, "description": "Timeout"}, "splash-504", True),
        (502, {"error": 502, "info": {"type": "Network", "code": 3}}, "splash-502", True),
        (400, {"error": 400}, "splash-400", False),
        (404, b"<h1>No Such Resource</h1>", "splash-404", False),
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


def test_an_error_is_told_with_its_meaning_and_its_facts(make):
    said = {"error": 504, "description": "Timeout exceeded\nrendering page", "info": {"timeout": 60.0}}
    with pytest.raises(SplashTrouble, match=r"Timeout exceeded rendering page \{'timeout': 60\.0\}"):
        render(make(504, said))
