"""Page snapshots end to end: a sandbox, a Splash that renders with Chromium, and real processes."""

from __future__ import annotations

import hashlib
import json
import math
import signal

import pytest

from tests.extras.pages.standin import CHROMIUM, splash
from tests.support.bench import PATIENCE, ROOT, Bench, Ended, bench, until
from tests.support.starting import run
from tvspiders.storage.answer_codec import unpack

FAST = {"TV_PAGE_SECONDS": 0, "TV_PAGE_WAIT": 0.5, "TV_RETRY_BASE": 0.01}
SECRET = "sandbox-token"


class PagesBench(Bench):
    """A bench whose site is the sandbox, and which has a Splash."""

    splash_url = ""

    @property
    def environment(self):
        return super().environment | {"THINGIVERSE_WWW_URL": self.sandbox.url, "SPLASH_URL": self.splash_url}


def at(crawls: Bench, server) -> PagesBench:
    made = PagesBench(crawls.sandbox, crawls.folder)
    made.splash_url = server.url if server is not None else ""
    return made


def visible(crawls, number):
    return crawls.sandbox.oracle.search("", limit=number * 2)["visible"][:number]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to render with")
def test_a_page_is_stored_as_a_browser_shows_it_with_its_licence(tmp_path):
    with splash(browser=True) as server, bench(tmp_path) as plain:
        crawls = at(plain, server)
        things = visible(crawls, 2)
        ended = crawls.crawl("pages", FAST, feed=True, thing=",".join(map(str, things)))
        truth = {thing["id"]: thing for thing in crawls.sandbox.oracle.things(things)}

        assert ended.code == 0, ended.log
        rows = crawls.rows(
            "SELECT thing_id, taken_at, outcome, status, license, title, codec, html, png, html_sha256, "
            "png_sha256 FROM page_snapshots"
        )
        assert {row[0] for row in rows} == set(things)
        for thing, taken_at, outcome, status, licence, title, codec, packed, png, *digests in rows:
            html = unpack(codec, packed)
            assert (outcome, status, licence) == ("stored", 200, truth[thing]["license"])
            assert b'<h1 data-rendered="42">' in html  # written by a script of the page
            assert png.startswith(b"\x89PNG")
            assert len(png) > 2000
            assert [hashlib.sha256(html).hexdigest(), hashlib.sha256(png).hexdigest()] == digests
            assert title.endswith("- Thingiverse")
            assert taken_at.endswith("+00:00")

    assert {item["thing_id"] for item in ended.of("page_snapshot")} == set(things)
    assert all("png" not in item and "html" not in item for item in ended.of("page_snapshot"))
    line = ["-m", "scrapy", "pages", str(things[0]), "-o", str(tmp_path / "out")]
    written = run(line, ROOT, crawls.environment)
    assert written.stdout.startswith("1 page in ")
    [html] = (tmp_path / "out" / str(things[0])).glob("*.html")
    assert b'data-rendered="42"' in html.read_bytes()
    assert html.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert json.loads(html.with_suffix(".json").read_text())["license"] == truth[things[0]]["license"]


def test_splash_gets_no_token_and_pages_cost_no_quota(tmp_path):
    with splash() as server, bench(tmp_path) as plain:
        crawls = at(plain, server)
        things = visible(crawls, 3)
        ended = crawls.crawl("pages", FAST, thing=",".join(map(str, things)))
        journal = crawls.sandbox.journal

    assert ended.code == 0, ended.log
    assert len(server.asked) == 3
    assert SECRET not in json.dumps(server.asked)
    assert all("Authorization" not in headers for headers, _ in server.asked)
    assert all(arguments["headers"]["User-Agent"].startswith("tvspiders/") for _, arguments in server.asked)
    # what carries a token is one question to the API for each thing
    assert sorted(entry.target for entry in journal if entry.target.startswith("/things/")) == sorted(
        f"/things/{thing}" for thing in things
    )
    assert "'tv/quota/token-1/sent': 3," in ended.log


def test_a_challenge_is_recorded_as_blocked_and_nothing_of_it_is_stored(tmp_path):
    with splash() as server, bench(tmp_path, public_challenge=True) as plain:
        crawls = at(plain, server)
        ended = crawls.crawl("pages", FAST, thing=visible(crawls, 1)[0])

    assert ended.code == 0, ended.log
    [row] = crawls.rows("SELECT outcome, status, html, png FROM page_snapshots")
    assert row == ("blocked", 403, None, None)
    assert "challenge for bots" in ended.log
    assert len(server.asked) == 1


def test_a_site_that_blocks_everything_is_left_alone(tmp_path):
    with splash() as server, bench(tmp_path, public_challenge=True) as plain:
        crawls = at(plain, server)
        things = ",".join(map(str, visible(crawls, 8)))
        ended = crawls.crawl("pages", FAST | {"TV_BLOCK_LIMIT": 2}, thing=things)

    assert ended.code == 1, ended.log
    assert ended.log.splitlines()[-1].startswith("tvspiders: failed: ")
    assert len(server.asked) == 2
    assert crawls.column("SELECT count(*) FROM page_snapshots WHERE outcome = 'blocked'")[0] >= 2
    assert crawls.column("SELECT count(*) FROM requests WHERE state = 'queued'")[0] >= 5


def test_a_thing_that_is_gone_has_no_page(tmp_path):
    with splash() as server, bench(tmp_path) as plain:
        crawls = at(plain, server)
        oracle = crawls.sandbox.oracle
        gone = next(thing for thing in range(1, 1000) if oracle.state(thing) == "gone")
        ended = crawls.crawl("pages", FAST, thing=gone)

    assert ended.code == 0, ended.log
    assert server.asked == []
    assert crawls.rows("SELECT subject, subject_id FROM tombstones") == [("thing", str(gone))]


def test_a_splash_that_fails_is_asked_again(tmp_path):
    with splash() as server, bench(tmp_path) as plain:
        crawls = at(plain, server)
        server.failures = 2
        ended = crawls.crawl("pages", FAST, thing=visible(crawls, 1)[0])

    assert ended.code == 0, ended.log
    assert len(server.asked) == 3
    assert crawls.column("SELECT outcome FROM page_snapshots") == ["stored"]


def test_a_splash_that_fails_for_good_leaves_the_page_for_the_next_run(tmp_path):
    with splash() as server, bench(tmp_path) as plain:
        crawls = at(plain, server)
        thing = visible(crawls, 1)[0]
        server.failures = 3
        first = crawls.crawl("pages", FAST | {"TV_MAX_ATTEMPTS": 3}, thing=thing)
        second = crawls.crawl("pages", FAST | {"TV_MAX_ATTEMPTS": 3}, thing=thing)

    assert (first.code, second.code) == (3, 0), first.log + second.log
    assert crawls.column("SELECT outcome FROM page_snapshots") == ["stored"]


def test_a_killed_crawl_goes_on_and_stores_each_page_once(tmp_path):
    with splash() as server, bench(tmp_path) as plain:
        crawls = at(plain, server)
        things = visible(crawls, 12)
        wanted = ",".join(map(str, things))
        server.hang_after = 5
        with crawls.started("pages", FAST, thing=wanted) as process:
            until(lambda: len(server.asked) > 5, process)
        server.hang_after = math.inf
        ended = crawls.crawl("pages", FAST, thing=wanted)

    assert ended.code == 0, ended.log
    assert sorted(crawls.column("SELECT thing_id FROM page_snapshots")) == sorted(things)


def test_a_stop_does_not_wait_for_a_page(tmp_path):
    with splash() as server, bench(tmp_path) as plain:
        crawls = at(plain, server)
        server.hang_after = 0
        with crawls.started("pages", FAST, thing=visible(crawls, 1)[0]) as process:
            until(lambda: server.asked, process)
            process.send_signal(signal.SIGTERM)
            code = process.wait(PATIENCE)

        assert code == 4
        assert crawls.column("SELECT state FROM requests WHERE path LIKE '/_page/%'") == ["queued"]


def test_pages_can_be_read_again_from_stored_answers(tmp_path):
    with splash() as server, bench(tmp_path) as plain:
        crawls = at(plain, server)
        crawls.crawl("pages", FAST, thing=visible(crawls, 1)[0])
        before = crawls.rows("SELECT thing_id, taken_at, html_sha256 FROM page_snapshots")
        again = run(["-m", "scrapy", "reparse"], ROOT, crawls.environment)

    assert again.returncode == 0, again.stderr
    assert len(server.asked) == 1
    assert crawls.rows("SELECT thing_id, taken_at, html_sha256 FROM page_snapshots") == before


def test_without_splash_one_line_says_what_is_missing(tmp_path):
    with bench(tmp_path) as plain:
        ended: Ended = at(plain, None).crawl("pages", thing=1)

        assert ended.code == 1
        assert ended.log.count("\n") == 1
        assert "set SPLASH_URL" in ended.log
        assert crawls_nothing(plain)


def crawls_nothing(crawls: Bench) -> bool:
    return crawls.paths == []
