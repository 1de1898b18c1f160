"""A newer program migrates the database of one that is running."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from tests.support.crawling import Place, until
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds
from tvspiders.sandbox.running import RunningSandbox
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.schema import HEAD

NEWER = "9999"


def answers(url: str) -> int:
    engine = open_engine(url)
    with engine.connect() as connection:
        number = connection.execute(text("SELECT count(*) FROM answers")).scalar_one()
    engine.dispose()
    return int(number)


def set_version(url: str, version: str) -> int:
    """What a migration does last; returns how many answers were stored then."""
    engine = open_engine(url)
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7385001)"))
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        number = connection.execute(text("SELECT count(*) FROM answers")).scalar_one()
    engine.dispose()
    return int(number)


@pytest.mark.parametrize(
    ("backend", "shared_quota"),
    [
        ("sqlite", "False"),
        pytest.param("sqlite", "True", marks=pytest.mark.long),
        ("postgresql", "True"),
        pytest.param("postgresql", "False", marks=pytest.mark.long),
    ],
)
def test_a_running_crawl_ends_cleanly_and_writes_nothing_more(
    new_place: Callable[..., Place],
    sandbox: RunningSandbox,
    request: pytest.FixtureRequest,
    backend: str,
    shared_quota: str,
) -> None:
    place = new_place(request.getfixturevalue("postgresql_url") if backend == "postgresql" else None)
    sandbox.hold(after=20)
    run = place.crawl(pages=3, TV_QUOTA="60/1s", TV_QUOTA_SHARED=shared_quota)
    until(lambda: sandbox.waiting)

    stored = set_version(place.database, NEWER)
    sandbox.release()

    assert run.wait() == 1
    assert f"was upgraded to schema {NEWER} by a newer tvspiders" in run.line
    assert "Traceback" not in run.text
    assert answers(place.database) == stored
    old = place.crawl(pages=3)
    assert old.wait() == 1
    assert f"has schema {NEWER}, newer than {HEAD} of this program; upgrade tvspiders" in old.line
    set_version(place.database, HEAD)
    again = place.crawl(pages=3, TV_LEASE_SECONDS=1)
    assert again.wait() == 0, again.line
    truth = Truth.of_search(sandbox.oracle, "box", 3)
    assert flaws_of_database(place.database, truth) + flaws_of_feeds([place.feed], truth) == []
