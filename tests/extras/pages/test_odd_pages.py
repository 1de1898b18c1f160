"""Pages that are not what one hopes for, with the stand-in, and with a real Splash where one is named.

``TEST_SPLASH_URL`` names one on this computer; without it what only a browser shows is not tried.
"""

from __future__ import annotations

import os
from contextlib import ExitStack

import pytest

from tests.extras.pages.site import odd_site
from tests.extras.pages.standin import splash
from tests.support.bench import Bench, bench

REAL = os.environ.get("TEST_SPLASH_URL", "")
FAST = {"TV_PAGE_SECONDS": 0, "TV_PAGE_WAIT": 0.5, "TV_RETRY_BASE": 0.01, "TV_MAX_ATTEMPTS": 2}
EXPECTED = {
    "plain": ("stored", 200, "plain"),
    "redirect": ("elsewhere", None, None),
    "forbidden": ("blocked", 403, None),
    "broken": ("failed", 500, "broken"),
    "reset": None,
}
IN_A_BROWSER = {
    "framed": ("stored", 200, "framed"),
    "slow": ("stored", 200, "slow"),
    "script": ("elsewhere", None, None),
}


class OddBench(Bench):
    """A bench whose site is another one than the sandbox."""

    site_url = splash_url = ""

    @property
    def environment(self):
        return super().environment | {"THINGIVERSE_WWW_URL": self.site_url, "SPLASH_URL": self.splash_url}


@pytest.mark.parametrize(
    "real",
    [
        False,
        pytest.param(True, marks=pytest.mark.skipif(not REAL, reason="no TEST_SPLASH_URL")),
    ],
    ids=["stand-in", "real"],
)
def test_each_page_comes_to_what_it_is(tmp_path, real):
    expected = EXPECTED | (IN_A_BROWSER if real else {})
    with ExitStack() as stack:
        plain = stack.enter_context(bench(tmp_path))
        site, other = stack.enter_context(odd_site())
        crawls = OddBench(plain.sandbox, plain.folder)
        crawls.site_url = site.url
        crawls.splash_url = REAL if real else stack.enter_context(splash()).url
        things = plain.sandbox.oracle.search("", limit=40)["visible"][: len(expected)]
        site.kinds = dict(zip(things, expected, strict=True))
        ended = crawls.crawl("pages", FAST, thing=",".join(map(str, things)))
        rows = crawls.rows("SELECT thing_id, outcome, status, title FROM page_snapshots")

    assert ended.code == 3, ended.log
    assert {site.kinds[thing]: tuple(found) for thing, *found in rows} == {
        kind: found for kind, found in expected.items() if found is not None
    }
    assert "splash-page: network2" in ended.log
    assert other.seen == []
