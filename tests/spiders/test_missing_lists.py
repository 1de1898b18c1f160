"""Lists whose address is missing while their subject is there: never gone, and never silently empty."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.bench import Bench, bench
from tests.support.starting import ROOT, run
from tests.support.walking import World
from tvspiders.sandbox.api.answers import Answer, error
from tvspiders.sandbox.api.routing import Ask

NOT_FOUND = (404, {"error": "Not Found"}, {})
CREATOR = {"id": 7, "name": "Pia"}


def world_of(answers):
    """A world that knows these paths only, and misses every other one."""
    world = World()
    world.own = lambda path: (200, answers[path], {}) if path in answers else NOT_FOUND
    return world


def detail(number, **fields):
    return {"id": number, "name": f"thing {number}", **fields}


def test_a_list_that_neither_name_brings_is_unreadable_and_its_rows_are_in_doubt():
    world = world_of({"/things/1": detail(1, remix_count=21, ancestors=[])})

    walked = world.walk("remixes", thing=1)

    noted = walked.lists()["1", "derivatives"]
    assert (noted.ended, noted.complete, noted.stated, noted.received) == ("unreadable", False, 21, None)
    assert (noted.doubtful, noted.doubt) == (21, "unreadable")
    assert walked.of("tombstone") == []
    assert walked.count("derivatives") == walked.count("remixes") == 1


@pytest.mark.parametrize("stated", [{"like_count": 0}, {}])
def test_a_missing_list_of_a_subject_that_states_no_row_is_empty(stated):
    world = world_of({"/users/Pia": CREATOR | stated})

    walked = world.walk("users", username="Pia", include="likes")

    noted = walked.lists()["Pia", "likes"]
    assert (noted.ended, noted.complete, noted.received, noted.doubtful) == ("empty", True, 0, 0)
    assert walked.of("tombstone") == []


def test_a_list_that_only_a_default_asked_for_is_named_and_not_in_doubt():
    world = world_of({"/users/Pia": CREATOR | {"count_of_designs": 3}})

    by_default = world.walk("users", username="Pia").lists()["Pia", "things"]
    by_name = world.walk("users", username="Pia", include="things").lists()["Pia", "things"]

    assert (by_default.ended, by_default.doubtful) == ("unreadable", 0)
    assert (by_name.ended, by_name.doubtful) == ("unreadable", 3)


def test_a_list_of_a_thing_that_does_not_exist_any_more_is_gone():
    world = World()
    gone = (404, {"error": "Thing 1 does not exist"}, {})
    world.own = lambda path: (
        (200, detail(1, remix_count=2, ancestors=[]), {}) if path == "/things/1" else gone
    )

    walked = world.walk("remixes", thing=1)

    assert [stone.key for stone in walked.of("tombstone")] == [("list", "thing/1/derivatives")]
    assert walked.count("remixes") == 0


@pytest.mark.parametrize(("derived", "ended"), [(True, "unreadable"), (False, "empty")])
def test_missing_parents_of_a_remix_cannot_be_read(derived, ended):
    world = world_of({"/things/1": detail(1, remix_count=0, is_derivative=derived)})

    walked = world.walk("remixes", thing=1)

    assert walked.lists()["1", "ancestors"].ended == ended
    assert walked.of("tombstone") == []


def test_a_list_that_goes_missing_in_the_middle_keeps_what_came():
    world = World()
    rows = [{"id": number, "name": str(number), "creator": CREATOR} for number in range(1, 31)]
    first = "/users/Pia/things?page=1&per_page=30"
    found = {"/users/Pia": CREATOR | {"count_of_designs": 45}, first: rows}
    world.own = lambda path: (200, found[path], {"total-count": "45"}) if path in found else NOT_FOUND

    walked = world.walk("users", username="Pia", include="things", details="false")

    noted = walked.lists()["Pia", "things"]
    assert (noted.ended, noted.doubtful) == ("unreadable", 15)
    assert len(walked.ids("thing")) == 30


def answer_otherwise(crawls: Bench, own: Callable[[Ask], Answer | None]) -> None:
    """Let the sandbox's site answer some questions otherwise."""
    site = crawls.sandbox.front.site
    whole = site.answer
    site.answer = lambda ask: own(ask) or whole(ask)  # type: ignore[method-assign]


def rounds(crawls: Bench, number: int, spider: str, **arguments: str) -> list[str]:
    """Verdicts of that many rounds of a crawl, in one process."""
    line = [str(Path(__file__).parent / "several_crawls.py"), json.dumps([[spider, arguments]] * number)]
    ended = run(line, ROOT, crawls.environment)
    assert ended.returncode == 0, ended.stderr
    return [said.split()[0] for said in ended.stdout.splitlines()]


def stones(crawls: Bench) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(crawls.folder / "crawl.db")) as connection:
        return connection.execute("SELECT subject_id, reason FROM tombstones").fetchall()


def test_a_list_that_stays_away_is_standing_after_three_rounds_and_asked_once_in_each(tmp_path):
    with bench(tmp_path, things=200) as crawls:
        answer_otherwise(
            crawls,
            lambda ask: error(404, "Not Found") if ask.segments[-1] in ("copies", "makes") else None,
        )
        name = crawls.sandbox.oracle.prolific(1)[0]
        verdicts = rounds(crawls, 4, "users", username=name, include="makes")
        asked = [path.split("?")[0].rsplit("/", 1)[1] for path in crawls.paths]

    assert verdicts == ["partial", "partial", "complete", "complete"]
    assert (asked.count("copies"), asked.count("makes")) == (4, 4)
    assert stones(crawls) == []


def test_an_unreadable_list_that_is_back_is_read(tmp_path):
    away = True
    with bench(tmp_path, things=200) as crawls:
        answer_otherwise(
            crawls,
            lambda ask: error(404, "Not Found") if away and ask.segments[-1] in ("copies", "makes") else None,
        )
        name = crawls.sandbox.oracle.prolific(1)[0]
        first = rounds(crawls, 1, "users", username=name, include="makes")
        away = False
        second = rounds(crawls, 1, "users", username=name, include="makes")
        makes = crawls.column("SELECT id FROM makes")
        expected = crawls.sandbox.oracle.user(name)["makes"]

    assert (first, second) == (["partial"], ["complete"])
    assert sorted(makes) == sorted(expected)


@pytest.mark.parametrize("status", [pytest.param(403, marks=pytest.mark.long), 451])
def test_what_is_refused_while_its_neighbours_are_answered_is_hidden_in_the_third_round(tmp_path, status):
    with bench(tmp_path, things=200) as crawls:
        listed = crawls.sandbox.oracle.listed("verified", limit=30)["visible"]
        refused = listed[3]
        answer_otherwise(
            crawls,
            lambda ask: error(status, "Gone fishing") if ask.segments == ["things", str(refused)] else None,
        )
        verdicts = rounds(crawls, 3, "listings", kind="verified", pages="1")
        asked = crawls.paths.count(f"/things/{refused}")

    assert verdicts == ["partial", "partial", "complete"]
    assert asked == 3
    assert stones(crawls) == [(str(refused), "hidden")]
