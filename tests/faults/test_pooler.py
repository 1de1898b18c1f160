"""A crawl through a pooler that gives each transaction another connection, as hosted PostgreSQL has it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

import tvspiders
from tests.faults.pooler import PROGRAM, Pooler
from tests.faults.trials import postgresql_trial
from tests.support.crawling import Place, Run, until
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds
from tvspiders.sandbox.running import RunningSandbox
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.schema import prepare_schema, require_schema

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed")

MakePooler = Callable[..., Pooler]


@pytest.fixture
def make_pooler(postgresql_url: str) -> Iterator[MakePooler]:
    poolers: list[Pooler] = []

    def make(**options: int) -> Pooler:
        poolers.append(Pooler(postgresql_url, **options))
        return poolers[-1]

    yield make
    for pooler in poolers:
        pooler.close()


def pooled(pooler: Pooler, url: str) -> str:
    """The same database through the pooler."""
    return pooler.url(url.partition("?")[0].rpartition("/")[2])


def kinds(path: Path) -> set[str]:
    return {str(json.loads(line)["kind"]) for line in path.read_text().splitlines()}


def well(run: Run) -> None:
    assert run.wait() == 0, run.line
    assert "Traceback" not in run.text


def test_a_killed_crawl_goes_on_and_every_command_reads_it(
    new_place: Callable[..., Place], sandbox: RunningSandbox, postgresql_url: str, make_pooler: MakePooler
) -> None:
    # With one connection nothing may wait for another transaction of its own process.
    place = new_place(pooled(make_pooler(connections=1), postgresql_url))
    sandbox.hold(after=60)
    first = place.crawl(pages=5, TV_LEASE_SECONDS=1)
    until(lambda: sandbox.waiting or not first.alive)
    assert first.kill(), first.line
    sandbox.release()

    well(place.crawl(pages=5, TV_LEASE_SECONDS=1))

    truth = Truth.of_search(sandbox.oracle, "box", 5)
    assert flaws_of_database(postgresql_url, truth) + flaws_of_feeds([place.feed], truth) == []
    for line in (
        ("audit",),
        ("report", "--format", "json", "-o", "report.json"),
        ("graph", "-o", "graph.graphml"),
        ("export", "things", "edges", "-o", "export.jsonl"),
    ):
        well(place.scrapy(*line))
    assert {"thing"} <= kinds(place.folder / "export.jsonl")


@pytest.mark.long
def test_killed_workers_are_replaced_by_the_others(
    tmp_path: Path, sandbox: RunningSandbox, postgresql_url: str, make_pooler: MakePooler
) -> None:
    url = pooled(make_pooler(), postgresql_url)

    trial = postgresql_trial(tmp_path, sandbox, url, seed=5, kills=1, span=4.0, workers=2)

    assert trial.kills
    assert trial.flaws == []


def test_a_pooler_that_dies_and_comes_back_loses_nothing(
    new_place: Callable[..., Place], sandbox: RunningSandbox, postgresql_url: str, make_pooler: MakePooler
) -> None:
    pooler = make_pooler()
    place = new_place(pooled(pooler, postgresql_url))
    sandbox.hold(after=60)
    run = place.crawl(pages=5)
    until(lambda: sandbox.waiting or not run.alive)
    pooler.kill()
    sandbox.release()
    until(lambda: "Waiting for database" in run.text or not run.alive)
    assert run.alive, run.line
    pooler.start()

    well(run)

    truth = Truth.of_search(sandbox.oracle, "box", 5)
    assert flaws_of_database(postgresql_url, truth) + flaws_of_feeds([place.feed], truth) == []


def test_a_crawl_moves_there_and_goes_on(
    new_place: Callable[..., Place], sandbox: RunningSandbox, postgresql_url: str, make_pooler: MakePooler
) -> None:
    place = new_place()
    well(place.spider("things", {"query": "box", "pages": 3, "max_requests": 40}))
    place.environment["DATABASE_URL"] = pooled(make_pooler(), postgresql_url)

    well(place.scrapy("migrate-db", "x.db"))
    well(place.crawl(pages=3))

    truth = Truth.of_search(sandbox.oracle, "box", 3)
    assert flaws_of_database(postgresql_url, truth) + flaws_of_feeds([place.feed], truth) == []
    assert sandbox.counters["requests"] == truth.requests


def test_an_older_schema_is_upgraded_through_it(postgresql_url: str, make_pooler: MakePooler) -> None:
    engine = open_engine(pooled(make_pooler(), postgresql_url))
    config = Config()
    config.set_main_option("script_location", str(Path(tvspiders.__file__).parent / "storage" / "migrations"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    prepare_schema(engine)

    require_schema(engine)
    engine.dispose()
