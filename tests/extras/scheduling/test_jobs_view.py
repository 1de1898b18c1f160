"""Scrapyd's jobs, each with the round that it worked on."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from tests.support.making import FACTS, close_crawl
from tvspiders.extras.scheduling.jobs import look, print_jobs
from tvspiders.extras.scheduling.scrapyd import Listed
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.schema import prepare_schema
from tvspiders.storage.queue import crawls

BEGAN = datetime(2026, 11, 20, 2, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def url(sqlite_url):
    engine = open_engine(sqlite_url)
    prepare_schema(engine)
    yield sqlite_url
    engine.dispose()


def add_round(url, began, verdict):
    """A round of the crawl that began then; ``None`` for one that has no end. Returns the identity."""
    engine = open_engine(url)
    with writing(engine) as connection:
        moment = began.isoformat(timespec="milliseconds")
        crawl = crawls.open_crawl(connection, "things", {"query": "gear"}, None, moment, FACTS)
        if verdict is not None:
            close_crawl(connection, crawl, verdict)
    engine.dispose()
    return crawl.identity


def job(identity, began, state="finished", took=timedelta(hours=1)):
    ended = began + took if state == "finished" else None
    return Listed(f"things-{identity}-{began:%Y%m%dT000000Z}", "things", state, began, ended)


def shown(seen):
    text = StringIO()
    print_jobs(seen, "Jobs", Console(file=text, width=200))
    return text.getvalue()


def test_each_job_is_beside_the_round_that_it_worked_on(url):
    identity = add_round(url, BEGAN, "complete")
    add_round(url, BEGAN + DAY, "complete")

    seen, note = look(url, [job(identity, BEGAN), job(identity, BEGAN + DAY)], 20)

    assert note == ""
    assert [(item.job.started, item.round.round) for item in seen] == [(BEGAN + DAY, 2), (BEGAN, 1)]
    assert seen[0].document()["crawl"]["arguments"] == {"query": "gear"}
    assert seen[0].document()["seconds"] == 3600
    assert "2, 2" in shown(seen)


def test_what_runs_comes_first_then_what_waits_then_the_newest_end(url):
    identity = add_round(url, BEGAN, "complete")
    jobs = [
        job(identity, BEGAN),
        job(identity, BEGAN + DAY),
        Listed("x", "users", "running", BEGAN),
        Listed("y", "users", "pending"),
    ]

    seen, _ = look(url, jobs, 3)

    assert [item.job.state for item in seen] == ["running", "pending", "finished"]
    assert seen[2].job.started == BEGAN + DAY


def test_a_job_that_ended_without_an_end_of_its_crawl_died(url):
    identity = add_round(url, BEGAN, None)

    died, _ = look(url, [job(identity, BEGAN)], 20)
    runs, _ = look(url, [job(identity, BEGAN, "running")], 20)

    assert (died[0].died, runs[0].died) == (True, False)
    assert "died; the next schedule goes on" in shown(died)


@pytest.mark.parametrize("identity", ["0" * 20, "not-ours"])
def test_a_job_without_a_crawl_is_shown_alone(url, identity):
    seen, _ = look(url, [job(identity, BEGAN)], 20)

    assert seen[0].round is None
    assert seen[0].document()["crawl"] is None


def test_without_a_database_scrapyds_view_remains(tmp_path):
    seen, note = look(f"sqlite:///{tmp_path / 'none.db'}", [job("0" * 20, BEGAN)], 20)

    assert "there is no database" in note
    assert len(seen) == 1
