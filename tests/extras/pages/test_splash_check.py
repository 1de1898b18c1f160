"""What is wrong with Splash is said before anything begins."""

from __future__ import annotations

import socket

import pytest
from scrapy.settings import Settings

from tvspiders.errors import ConfigProblem
from tvspiders.extras.pages.splash_check import check_splash


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def settings(url, **more):
    ours = {
        "THINGIVERSE_API_URL": "https://api.thingiverse.com",
        "THINGIVERSE_WWW_URL": "https://www.thingiverse.com",
    }
    return Settings({"SPLASH_URL": url} | ours | more)


def test_a_splash_on_this_computer_is_accepted(listening):
    check_splash(settings(listening))
    check_splash(settings(listening + "/"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "set SPLASH_URL"),
        ("127.0.0.1:8050", "must be a web address"),
        ("http://user:word@127.0.0.1:8050", "without a user name"),
        ("http://127.0.0.1:8050/render.html", "a server only"),
        ("http://splash.example:8050", "not encrypted"),
        ("https://api.thingiverse.com", "the same address"),
        ("https://www.thingiverse.com/", "the same address"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(url, said):
    with pytest.raises(ConfigProblem, match=said) as caught:
        check_splash(settings(url))

    assert "\n" not in str(caught.value)
    assert "word" not in str(caught.value)


def test_pages_do_not_go_round_a_proxy_without_a_word(listening, monkeypatch):
    monkeypatch.setenv("THINGIVERSE_PROXY", "http://gate.example:9000")

    with pytest.raises(ConfigProblem, match="its own address"):
        check_splash(settings(listening, TV_PROXY_MODE="rotate"))

    check_splash(settings(listening, TV_PROXY_MODE="off"))


def test_plain_http_elsewhere_is_accepted_when_asked_for(monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *args, **more: socket.socket())

    check_splash(settings("http://splash.example:8050", TV_SPLASH_HTTP=True))


def test_a_splash_that_is_not_there_is_told(listening):
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]

    with pytest.raises(ConfigProblem, match="is it running"):
        check_splash(settings(f"http://127.0.0.1:{free}"))
