"""``refresh``: whole crawls that ask stored things again."""

from __future__ import annotations

from tests.support.bench import Bench, bench


def asked(crawls: Bench, since: int = 0) -> list[int]:
    """Things whose page was asked, in order."""
    return [
        int(path.removeprefix("/things/")) for path in crawls.paths[since:] if path.startswith("/things/")
    ]


def filled(crawls: Bench) -> int:
    """Store a few hundred things; how many requests that took."""
    assert crawls.crawl("categories", category="household").code == 0
    return len(crawls.paths)


def test_each_night_spends_its_budget_on_other_things_and_the_watched_ones(tmp_path):
    watch = tmp_path / "watch.txt"
    watch.write_text("2  # mine\nhttps://www.thingiverse.com/thing:57\n")
    with bench(tmp_path, things=2000) as crawls:
        begun = filled(crawls)
        stored = set(crawls.column("SELECT id FROM things WHERE detail_scraped IS NOT NULL"))
        nights = []
        for _ in range(2):
            crawls.sandbox.advance(1)
            ended = crawls.crawl("refresh", max_requests=20, watch=watch)
            assert ended.code == 0, ended.log
            assert "complete: 20 requests answered" in ended.log
            nights.append(asked(crawls, begun))
            begun = len(crawls.paths)

        for crawl, night in enumerate(nights, start=2):
            query = "SELECT path FROM requests WHERE crawl_id = ? ORDER BY rank, id LIMIT 2"
            assert set(crawls.column(query, crawl)) == {"/things/2", "/things/57"}
            assert {2, 57} < set(night)
            assert len(night) == 20
        first, second = (set(night) - {2, 57} for night in nights)
        assert first | second <= stored
        assert len(first & second) < len(first) / 2
        assert crawls.column("SELECT round FROM crawls WHERE spider = 'refresh' ORDER BY round") == [1, 2]
        snapshots = crawls.column("SELECT COUNT(*) FROM download_snapshots WHERE crawl_id > 1")
        assert snapshots[0] > 0


def test_a_thing_whose_row_moved_is_asked_before_those_that_merely_wait(tmp_path):
    with bench(tmp_path, things=2000) as crawls:
        filled(crawls)
        crawls.sandbox.advance(10)
        assert crawls.crawl("categories", category="household", details="false", pages=1).code == 0
        moved = set(
            crawls.column(
                "SELECT s.thing_id FROM download_snapshots s JOIN things t ON t.id = s.thing_id "
                "WHERE s.download_count IS NULL AND s.recorded_at > t.detail_scraped"
            )
        )
        begun = len(crawls.paths)

        assert crawls.crawl("refresh", max_requests=len(moved) + 5).code == 0

        paths = crawls.column("SELECT path FROM requests WHERE crawl_id = 3 ORDER BY rank, id")
        assert moved
        assert {int(path.removeprefix("/things/")) for path in paths[: len(moved)]} == moved
        assert len(asked(crawls, begun)) == len(paths) == len(moved) + 5


def test_a_killed_refresh_goes_on_with_the_same_choice(tmp_path):
    with bench(tmp_path, things=2000) as crawls:
        begun = filled(crawls)
        crawls.kill(begun + 20, "refresh", {"CONCURRENT_REQUESTS": 4}, max_requests=60)
        chosen = set(crawls.column("SELECT path FROM requests WHERE crawl_id = 2"))

        ended = crawls.crawl("refresh", max_requests=60)

        assert ended.code == 0, ended.log
        assert set(crawls.paths[begun:]) == chosen
        assert len(chosen) == 60
        assert crawls.column("SELECT round FROM crawls WHERE spider = 'refresh'") == [1]


def test_nothing_stored_is_nothing_to_ask(tmp_path):
    with bench(tmp_path) as crawls:
        ended = crawls.crawl("refresh", max_requests=20)

        assert ended.code == 0, ended.log
        assert "complete: 0 requests answered" in ended.log
        assert crawls.paths == []
