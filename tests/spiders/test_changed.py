"""``details=changed``: whole crawls that ask for a thing's own page only where its row shows news."""

from __future__ import annotations

import pytest

from tests.support.bench import Bench, bench

ARGUMENTS = {"category": "household", "details": "changed"}
COUNTS = "like_count, make_count, collect_count, comment_count"


def details(paths: list[str]) -> set[int]:
    """Things whose own page was asked."""
    return {int(path[8:]) for path in paths if path.startswith("/things/") and path.count("/") == 2}


def stored(crawls: Bench) -> dict[int, tuple[int, ...]]:
    """What rows and pages both tell, by number of thing; those that only others name left out."""
    answered = f"SELECT id, {COUNTS} FROM things WHERE last_scraped IS NOT NULL"
    return {row[0]: row[1:] for row in crawls.rows(answered)}


@pytest.mark.parametrize(
    ("spider", "arguments"),
    [
        ("remixes", {"thing": "2", "depth": 1, "direction": "children", "details": "changed"}),
        ("categories", ARGUMENTS),
        ("things", {"query": "holder", "details": "changed"}),
        ("users", {"username": "prolific_Pia", "include": "things,collections", "details": "changed"}),
    ],
)
def test_a_second_run_over_an_unchanged_set_asks_for_lists_only(tmp_path, spider, arguments):
    with bench(tmp_path) as crawls:
        assert crawls.crawl(spider, **arguments).code == 0
        first = len(crawls.paths)
        before = crawls.rows("SELECT * FROM download_snapshots"), stored(crawls)
        pages = crawls.column("SELECT raw_json FROM things WHERE detail_scraped IS NOT NULL")

        again = crawls.crawl(spider, **arguments)

        asked = crawls.paths[first:]
        assert again.code == 0, again.log
        assert details(asked) <= {2}  # the root of the remix tree, which no list names
        assert f"Requests: {len(asked)} sent; new things: 0; snapshots: 0; " in again.log
        assert "unchanged, not asked: " in again.log
        assert 0 < len(asked) < first / 5
        assert (crawls.rows("SELECT * FROM download_snapshots"), stored(crawls)) == before
        assert crawls.column("SELECT raw_json FROM things WHERE detail_scraped IS NOT NULL") == pages
        assert crawls.column("SELECT COUNT(*) FROM things WHERE last_scraped > detail_scraped")[0] > 0


def test_exactly_the_things_whose_rows_moved_are_asked_also_after_a_kill(tmp_path):
    with bench(tmp_path, things=1500) as crawls:
        assert crawls.crawl("categories", **ARGUMENTS).code == 0
        before = stored(crawls)
        crawls.sandbox.advance(20)
        first = len(crawls.paths)
        crawls.kill(first + 40, "categories", **ARGUMENTS)

        ended = crawls.crawl("categories", **ARGUMENTS)

        assert ended.code == 0, ended.log
        visible = [thing for thing in before if crawls.sandbox.oracle.thing(thing)["state"] == "visible"]
        now = {
            thing: tuple(crawls.sandbox.oracle.thing(thing)[name] for name in COUNTS.split(", "))
            for thing in visible
        }
        moved = {thing for thing in visible if now[thing] != before[thing]}
        assert 0 < len(moved) < len(visible)
        assert details(crawls.paths[first:]) & set(visible) == moved
        assert {thing: stored(crawls)[thing] for thing in visible} == now
        round_two = "crawl_id = (SELECT max(id) FROM crawls)"
        assert crawls.column(f"SELECT COUNT(*) FROM requests WHERE {round_two} AND state = 'queued'") == [0]
