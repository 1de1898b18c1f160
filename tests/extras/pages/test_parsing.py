"""Public pages: which address, and what a rendering came to."""

from __future__ import annotations

import base64

import pytest

from tvspiders.errors import AnswerRefused
from tvspiders.extras.pages import parsing

PNG = base64.b64encode(parsing.PNG + b"picture").decode()
URL = "https://www.thingiverse.com/thing:7"


def rendering(**changes):
    return {
        "thing_id": 7,
        "asked": URL,
        "url": URL,
        "status": 200,
        "mitigated": None,
        "taken_at": "2026-11-21T10:00:00+00:00",
        "title": "Gear by pia - Thingiverse",
        "html": "<html>gr\u00fcn</html>",
        "png": PNG,
    } | changes


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://www.thingiverse.com/thing:7", "/thing:7"),
        ("http://www.thingiverse.com/thing:7", "/thing:7"),
        ("https://thingiverse.com/thing:7/", "/thing:7"),
        ("https://www.thingiverse.com/thing:8", None),
        ("https://evil.example/thing:7", None),
        ("https://www.thingiverse.com.evil.example/thing:7", None),
        ("file:///thing:7", None),
        ("http://[", None),
        (None, None),
    ],
)
def test_only_the_things_own_page_on_the_site_is_taken(address, path):
    assert parsing.public_path(address, 7) == path


def test_the_ledger_s_path_names_the_thing():
    assert parsing.thing_of(parsing.rendering(7)) == 7
    assert parsing.thing_of("/things/7") is None
    assert parsing.thing_of("/_page/x") is None


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "stored"),
        ({"status": None}, "stored"),
        ({"mitigated": "challenge"}, "blocked"),
        ({"title": "Just a moment..."}, "blocked"),
        ({"title": "Attention Required! | Cloudflare"}, "blocked"),
        ({"html": "<script>window._cf_chl_opt={}</script>"}, "blocked"),
        ({"status": 403}, "blocked"),
        ({"status": 429}, "blocked"),
        ({"html": "<p>Just a moment... error code: 1020, verify you are human</p>"}, "stored"),
        ({"title": "A moment by pia"}, "stored"),
        ({"url": "https://elsewhere.example/"}, "elsewhere"),
        ({"url": None}, "elsewhere"),
        ({"url": "https://www.thingiverse.com/thing:7/files"}, "stored"),
        ({"status": 404}, "missing"),
        ({"status": 502}, "failed"),
    ],
)
def test_an_outcome_is_told_from_status_title_and_marks(changes, outcome):
    assert parsing.outcome(rendering(**changes)) == outcome


def test_a_page_is_held_with_the_licence_beside():
    item = parsing.snapshot(rendering(), 7, "GPL")

    assert item.held == ("<html>gr\u00fcn</html>".encode(), parsing.PNG + b"picture")
    assert (item.license, item.html_bytes, item.png_bytes) == ("GPL", 18, 15)


def test_what_is_no_page_of_the_thing_is_noted_and_not_held():
    item = parsing.snapshot(rendering(status=403), 7, "GPL")

    assert (item.outcome, item.held, item.html_bytes, item.png_sha256) == ("blocked", None, None, None)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "shape"),
        ({}, "shape"),
        (rendering(html=None), "shape"),
        (rendering(thing_id=8), "wrong-id"),
        (rendering(taken_at="soon"), "no-time"),
        (rendering(png=None), "no-picture"),
        (rendering(png="%%%"), "no-picture"),
        (rendering(png=base64.b64encode(b"GIF89a").decode()), "no-picture"),
    ],
)
def test_a_rendering_that_is_not_whole_is_refused(document, reason):
    with pytest.raises(AnswerRefused) as caught:
        parsing.snapshot(document, 7, None)

    assert caught.value.reason == reason
