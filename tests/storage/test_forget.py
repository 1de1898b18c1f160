"""A person is forgotten: nothing of them is left, nothing comes again, and what is of others stays."""

import json

import pytest
from scrapy.settings import Settings
from sqlalchemy import func, insert, select, text, update

from tests.support.making import open_crawl, store
from tests.support.people import (
    EVERYTHING,
    FULL_NAME,
    NUMBER,
    PERSON,
    PeopledWorld,
    crawl,
    hits,
    hits_in_files,
)
from tvspiders.console.forget_run import run
from tvspiders.errors import StorageProblem, UsageProblem
from tvspiders.items import Edge, Thing
from tvspiders.ledger.ownership import Ownership
from tvspiders.ledger.reparse import reparse
from tvspiders.storage import tables
from tvspiders.storage.database.copying import copy_database
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.schema import prepare_schema
from tvspiders.storage.forgetting import free_pages
from tvspiders.storage.forgetting.forget import forget
from tvspiders.storage.queries.audit import audit_crawl
from tvspiders.storage.queue.crawls import find_crawl


@pytest.fixture(scope="module")
def world():
    return PeopledWorld(things=400)


def crawled(engine, world):
    """Crawls of the person, with others, and of things of both."""
    crawl(engine, world, "users", most=60, username=f"{PERSON},MakerBot", include=EVERYTHING, pages=1)
    crawl(engine, world, "things", query="box", pages=1, comments="true", makes="true")
    crawl(engine, world, "remixes", thing=world.oracle.hubs(1)[0], depth=1)


@pytest.fixture(scope="module")
def master(world, tmp_path_factory):
    """A SQLite database after those crawls: to be copied, not to be changed."""
    path = tmp_path_factory.mktemp("master") / "test.db"
    engine = open_engine(f"sqlite:///{path}")
    prepare_schema(engine)
    crawled(engine, world)
    engine.dispose()
    return path


@pytest.fixture(params=["delete", "wal", "postgresql"])
def backend(request):
    return request.param


@pytest.fixture
def filled(backend, request, master, tmp_path, monkeypatch):
    """Such a database of each kind, as an engine."""
    if backend == "postgresql":
        yield request.getfixturevalue("postgresql")
        return
    monkeypatch.setenv("TV_SQLITE_JOURNAL", backend)
    (tmp_path / "test.db").write_bytes(master.read_bytes())
    engine = open_engine(f"sqlite:///{tmp_path / 'test.db'}")
    prepare_schema(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def postgresql(master, postgresql_url):
    source, engine = open_engine(f"sqlite:///{master}"), open_engine(postgresql_url)
    prepare_schema(engine)
    copy_database(source, engine, "here")
    source.dispose()
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite(master, tmp_path):
    (tmp_path / "test.db").write_bytes(master.read_bytes())
    engine = open_engine(f"sqlite:///{tmp_path / 'test.db'}")
    yield engine
    engine.dispose()


def settings(engine):
    return Settings({"DATABASE_URL": engine.url.render_as_string(hide_password=False)})


def kept(engine):
    """What is of others: edges, counts, snapshots, and rows that do not name the person."""
    with engine.connect() as connection:

        def rows(query):
            return sorted(map(tuple, connection.execute(query)), key=repr)

        thing, shot = tables.things.c, tables.download_snapshots.c
        counts = (
            "download_count",
            "like_count",
            "make_count",
            "remix_count",
            "collect_count",
            "added",
            "license",
        )
        others = [tables.makes.c.maker_id, tables.likes.c.user_id, tables.comments.c.user_id]
        return {
            "edges": rows(select(tables.remix_edges)),
            "counts": rows(select(thing.id, *(thing[name] for name in counts), thing.last_scraped)),
            "snapshots": rows(select(shot)),
            "names": rows(select(thing.id, thing.name).where(thing.creator_id != NUMBER)),
            "creators": rows(select(tables.creators).where(tables.creators.c.id != NUMBER)),
            **{str(who): rows(select(who.table).where(who != NUMBER)) for who in others},
        }


def audits(engine):
    with engine.connect() as connection:
        numbers = connection.execute(select(tables.crawls.c.id)).scalars().all()
        return [
            flaw
            for number in numbers
            for flaw in audit_crawl(connection, find_crawl(connection, str(number))).flaws
        ]


def test_nothing_is_left_nothing_comes_again_and_what_is_of_others_stays(filled, world, tmp_path):
    assert {"creators.username", "things.creator", "things.raw_json", "answers.body"} <= hits(filled)
    others = kept(filled)
    with filled.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")  # as autovacuum may at any time: samples of columns hold names

    run(settings(filled), PERSON, "keep", dry_run=False)

    assert hits(filled) == set()
    assert hits_in_files(filled, tmp_path) == []
    assert kept(filled) == others
    assert audits(filled) == []

    crawl(filled, world, "users", most=60, username="MakerBot", include=EVERYTHING, pages=1)
    crawl(filled, world, "things", query="box", pages=1, comments="true", makes="true")

    assert hits(filled) == set()
    assert audits(filled) == []
    assert hits_in_files(filled, tmp_path) == []


@pytest.fixture
def reader(postgresql):
    """A session that sees the database as it was before, and locks no table that names anybody."""
    with postgresql.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("SELECT count(*) FROM alembic_version"))
        yield connection


def test_a_transaction_that_still_sees_the_person_is_waited_for(postgresql, reader, tmp_path, monkeypatch):
    monkeypatch.setattr(free_pages.time, "sleep", lambda _seconds: reader.rollback())

    said = told(postgresql)

    assert "another session" not in said
    assert hits_in_files(postgresql, tmp_path) == []


def test_a_transaction_that_writes_to_another_database_is_waited_for(
    postgresql, postgresql_server, tmp_path, monkeypatch
):
    elsewhere = open_engine(postgresql_server.url(postgresql_server.with_tables()))
    with elsewhere.connect() as writer:
        writer.execute(insert(tables.tags).values(name="lamp"))
        monkeypatch.setattr(free_pages.time, "sleep", lambda _seconds: writer.rollback())

        said = told(postgresql)

    elsewhere.dispose()
    assert "another session" not in said
    assert hits_in_files(postgresql, tmp_path) == []


def test_a_transaction_that_does_not_end_is_told_and_the_same_command_cleans_up(
    postgresql, reader, tmp_path, monkeypatch
):
    monkeypatch.setattr(free_pages, "LOCK_TIMEOUT_SECONDS", 0)

    said = told(postgresql)

    assert "another session's transaction began before this command" in said
    assert hits_in_files(postgresql, tmp_path) != []
    reader.rollback()
    monkeypatch.undo()  # others may write to other databases of the server
    assert "another session" not in told(postgresql)
    assert hits_in_files(postgresql, tmp_path) == []


def edges_of(connection):
    edge = tables.remix_edges.c
    return {tuple(row) for row in connection.execute(select(edge.parent_id, edge.child_id))}


def told(engine, who=PERSON, things="keep", dry_run=False):
    return "\n".join(run(settings(engine), who, things, dry_run))


def test_a_dry_run_counts_the_same_and_changes_nothing(sqlite, tmp_path):
    before = (tmp_path / "test.db").read_bytes()

    counted = told(sqlite, dry_run=True)

    assert (tmp_path / "test.db").read_bytes() == before
    assert told(sqlite) == counted.replace("would forget", "forgot")
    assert "forget" in counted


def test_things_may_be_deleted_as_well(sqlite, world):
    with sqlite.connect() as connection:
        theirs = connection.execute(select(tables.things.c.id).where(tables.things.c.creator_id == NUMBER))
        theirs = set(theirs.scalars())
        edges = {
            tuple(row) for row in connection.execute(select(tables.remix_edges.c["parent_id", "child_id"]))
        }

    said = told(sqlite, things="delete")

    assert f"their things: {len(theirs)}, deleted" in said
    assert hits(sqlite) == set()
    assert audits(sqlite) == []
    crawl(sqlite, world, "things", query="box", pages=1, details="false")
    crawl(sqlite, world, "remixes", thing=min(theirs), depth=1)
    with sqlite.connect() as connection:
        things = set(connection.execute(select(tables.things.c.id)).scalars())
        left = {
            tuple(row) for row in connection.execute(select(tables.remix_edges.c["parent_id", "child_id"]))
        }
    assert things & theirs == set()
    assert {edge for edge in edges if not set(edge) <= theirs} <= left
    assert hits(sqlite) == set()
    assert audits(sqlite) == []


def test_a_number_and_a_name_in_any_case_mean_the_same_person(sqlite):
    counts = []
    with sqlite.connect() as connection:
        for who in (str(NUMBER), PERSON.upper()):
            counts.append(forget(connection, who, "keep"))
            connection.rollback()

    assert counts[0].deleted == counts[1].deleted
    assert counts[0].blanked == counts[1].blanked


def test_somebody_who_is_not_there_is_told_and_nothing_is_changed(sqlite):
    with pytest.raises(StorageProblem, match=r"no user 'nobody_at_all' is in this database, and nothing was"):
        run(settings(sqlite), "nobody_at_all", "keep", dry_run=False)

    with sqlite.connect() as connection:
        assert connection.execute(select(func.count()).select_from(tables.forgotten)).scalar() == 0


def test_to_forget_twice_says_so(sqlite):
    told(sqlite)

    assert "was forgotten before, and nothing of them is stored" in told(sqlite)


def test_the_crawl_goes_on_for_the_others_with_the_command_that_leaves_the_person_out(sqlite, world):
    told(sqlite)

    number = crawl(sqlite, world, "users", most=20, username="MakerBot", include=EVERYTHING, pages=1)

    assert number == 1
    with pytest.raises(
        StorageProblem, match="the arguments name a user that this database was asked to forget"
    ):
        crawl(sqlite, world, "users", username=f"MakerBot,{PERSON.upper()}")
    assert hits(sqlite) == set()


def test_answers_that_are_left_are_read_again_without_bringing_the_person_back(sqlite):
    told(sqlite)
    again = settings(sqlite)
    again.setmodule("tvspiders.settings")
    again.set("DATABASE_URL", str(sqlite.url), "cmdline")
    others = kept(sqlite)

    result = reparse(again, None)

    assert result.answers > 20
    assert result.refused == 0
    assert hits(sqlite) == set()
    assert kept(sqlite) == others


def test_a_remix_that_names_their_thing_does_not_bring_the_person_back(sqlite):
    told(sqlite)
    edge = Edge(parent_id=399_001, child_id=399_002, seen_from="child")
    edge.tell(Thing(id=399_001, name=f"Gear by {FULL_NAME}", creator=PERSON, creator_id=NUMBER, like_count=3))

    with writing(sqlite) as connection:
        number = open_crawl(connection, "again")
        store(connection, number, edge, Thing(id=399_002, detail=True))

    with sqlite.connect() as connection:
        query = select(tables.things.c["name", "creator", "creator_id", "like_count"])
        found = connection.execute(query.where(tables.things.c.id == 399_001)).all()
    assert found == [(None, None, None, 3)]
    assert hits(sqlite) == set()


def test_a_name_that_others_use_as_a_word_stays_in_their_texts(sqlite):
    thing, creator = tables.things.c, tables.creators.c
    others = thing.creator_id != NUMBER
    with writing(sqlite) as connection:
        connection.execute(update(tables.creators).where(creator.id == NUMBER).values(username="Vase"))
        connection.execute(update(tables.things).where(others).values(name="A vase by @vase"))

    said = told(sqlite, str(NUMBER))

    with sqlite.connect() as connection:
        names = connection.execute(select(thing.name).distinct().where(others)).scalars().all()
    assert names == ["A vase by @[forgotten]"]
    assert "'vase' is a word in things of others, too" in said


def test_who_has_the_name_today_keeps_it(sqlite):
    with writing(sqlite) as connection:
        connection.execute(
            insert(tables.creator_names), {"creator_id": NUMBER, "username": "MakerBot", "first_seen": "2020"}
        )
        makerbot = connection.execute(
            select(tables.creators).where(tables.creators.c.username == "MakerBot")
        ).one()

    told(sqlite, str(NUMBER))

    with sqlite.connect() as connection:
        now = connection.execute(select(tables.creators).where(tables.creators.c.key == makerbot.key)).one()
        assert now == makerbot
        assert connection.execute(select(func.count()).select_from(tables.creator_names)).scalar() == 0


def test_a_name_in_parts_is_found_in_texts_as_a_whole(sqlite):
    creator, thing = tables.creators.c, tables.things.c
    with writing(sqlite) as connection:
        parts = {"name": None, "first_name": "Zyxolo", "last_name": "Fjordmann"}
        connection.execute(update(tables.creators).where(creator.id == NUMBER).values(parts))
        first = select(func.min(thing.id)).where(thing.creator_id != NUMBER).scalar_subquery()
        text = {"name": "Zyxolo, by Zyxolo Fjordmann"}
        connection.execute(update(tables.things).where(thing.id == first).values(text))

    told(sqlite)

    with sqlite.connect() as connection:
        found = select(thing.name).where(thing.name.contains("Zyxolo"))
        assert connection.execute(found).scalars().all() == ["Zyxolo, by [forgotten]"]


def test_a_crawl_of_the_person_alone_can_still_be_read_again(sqlite, world):
    crawl(sqlite, world, "users", most=4, username=PERSON)
    told(sqlite)
    again = settings(sqlite)
    again.setmodule("tvspiders.settings")
    again.set("DATABASE_URL", str(sqlite.url), "cmdline")

    assert reparse(again, None).refused == 0
    assert hits(sqlite) == set()
    assert audits(sqlite) == []


def test_a_name_of_several_is_refused_with_their_numbers(sqlite):
    with writing(sqlite) as connection:
        rows = [{"creator_id": number, "username": "passed_on"} for number in (5, 9)]
        connection.execute(insert(tables.creator_names), rows)

    with pytest.raises(UsageProblem, match="was that of several users; give one of the numbers 5, 9"):
        told(sqlite, "Passed_On")


def test_what_buyers_wrote_loses_the_name_and_the_rest_stays(sqlite):
    payload = json.dumps({"order": {"note": f"for {FULL_NAME}", "amount": "5"}})
    moments = {"first_seen": "2026", "last_received": "2026"}
    with writing(sqlite) as connection:
        connection.execute(
            insert(tables.orders), {"id": 1, "note": f"from {PERSON}", "amount": "5", **moments}
        )
        event = {"key": "k", "event": "paid", "payload": payload, "received_at": "2026", "deliveries": 1}
        connection.execute(insert(tables.order_events), event | {"last_received": "2026"})

    told(sqlite)

    with sqlite.connect() as connection:
        assert connection.execute(select(tables.orders.c.note, tables.orders.c.amount)).one() == (
            "from [forgotten]",
            "5",
        )
        assert json.loads(connection.execute(select(tables.order_events.c.payload)).scalar_one()) == {
            "order": {"note": "for [forgotten]", "amount": "5"}
        }


def test_two_databases_know_the_same_person_by_different_hashes(sqlite):
    digests = []
    with sqlite.connect() as connection:
        for _ in range(2):
            forget(connection, PERSON, "keep")
            digests.append(set(connection.execute(select(tables.forgotten.c.digest)).scalars()))
            connection.rollback()

    assert digests[0]
    assert digests[0] & digests[1] == set()


def test_a_crawl_that_is_being_run_is_not_disturbed(filled):
    with writing(filled) as connection:
        first = select(func.min(tables.requests.c.id)).scalar_subquery()
        values = {"state": "leased", "lease_owner": "x", "lease_until": 4e9}
        connection.execute(update(tables.requests).where(tables.requests.c.id == first).values(values))
    owner = Ownership(filled, "0123456789")
    owner.take()

    try:
        with pytest.raises(StorageProblem, match=r"a crawl is being run in .*; stop it first"):
            told(filled)
    finally:
        owner.give_back()

    assert hits(filled)
