"""The schema: made on first use, checked on the next, never forced upon what is not ours."""

import gzip
import json
import os
import sqlite3
import subprocess
import sys
import threading
import zipfile
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, inspect, select, text
from sqlalchemy.exc import OperationalError

import tvspiders
from tvspiders.errors import SchemaChanged, StorageProblem
from tvspiders.storage.database import engine as engine_module
from tvspiders.storage.database import schema
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.schema import HEAD, prepare_schema, require_schema, transaction
from tvspiders.storage.tables import metadata

GUIDE = {
    "things": {
        "id", "name", "creator", "creator_url", "added", "modified", "license", "download_count",
        "like_count", "make_count", "remix_count", "collect_count", "comment_count", "tags", "categories",
        "ancestors", "is_featured", "url", "last_scraped", "raw_json",
    },
    "remix_edges": {"parent_id", "child_id"},
    "creators": {
        "username", "name", "follower_count", "following_count", "thing_count", "make_count",
        "skill_level", "registered", "location", "last_scraped",
    },
    "download_snapshots": {"id", "thing_id", "download_count", "like_count", "make_count", "recorded_at"},
}  # fmt: skip
"""Tables and columns that the SQL of existing users names."""
VERSIONS = "CREATE TABLE alembic_version (version_num TEXT)"


@pytest.fixture
def empty(empty_url):
    engine = open_engine(empty_url)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.02)


def run(engine, *statements: str) -> None:
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_the_tables_are_made_on_first_use(empty):
    prepare_schema(empty)

    assert set(inspect(empty).get_table_names()) == {*metadata.tables, "alembic_version"}
    require_schema(empty)


def upgrade(engine, version):
    """Run the migrations up to a version."""
    config = Config()
    config.set_main_option("script_location", str(Path(tvspiders.__file__).parent / "storage" / "migrations"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)


@pytest.mark.parametrize("make", [lambda engine: upgrade(engine, "head"), prepare_schema], ids=["old", "new"])
def test_migrations_and_first_use_make_exactly_the_tables_of_the_program(empty, make):
    make(empty)

    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_what_rows_showed_before_it_was_noted_is_taken_over(empty):
    upgrade(empty, "0004")
    moments = {number: f"2026-11-21T12:00:0{number}.000+00:00" for number in range(1, 4)}
    run(
        empty,
        *(
            f"INSERT INTO things (id, first_seen, detail_scraped) VALUES ({number}, '{moments[1]}', {page})"
            for number, page in ((1, f"'{moments[1]}'"), (2, "NULL"), (3, "NULL"))
        ),
        *(
            "INSERT INTO download_snapshots (thing_id, download_count, recorded_at) "
            f"VALUES ({number}, {downloads}, '{moments[second]}')"
            for number, downloads, second in ((1, 5, 1), (1, "NULL", 2), (1, 6, 3), (2, "NULL", 1), (3, 7, 1))
        ),
    )

    prepare_schema(empty)

    with empty.connect() as connection:
        found = connection.execute(text("SELECT id, changed_in_list_at FROM things ORDER BY id")).all()
    assert [tuple(row) for row in found] == [(1, moments[2]), (2, None), (3, None)]


def test_files_are_taken_over_and_two_of_one_number_become_one(empty):
    upgrade(empty, "0012")
    known = [
        (1, "a.stl", 5, "t1"),
        (1, "renamed.stl", 5, "t2"),
        (1, "b.stl", None, "t1"),
        (2, "a.stl", 6, None),
    ]
    run(
        empty,
        *(
            "INSERT INTO files (thing_id, name, id, last_scraped) "
            f"VALUES ({thing}, '{name}', {number or 'NULL'}, {repr(seen) if seen else 'NULL'})"
            for thing, name, number, seen in known
        ),
    )

    prepare_schema(empty)

    with empty.connect() as connection:
        query = "SELECT thing_id, name, id, last_scraped, direct_url FROM files ORDER BY thing_id, name"
        found = [tuple(row) for row in connection.execute(text(query))]
    assert found == [(*entry, None) for entry in (known[2], known[1], known[3])]


def test_lists_called_gone_for_their_name_are_asked_again_in_rounds_that_go_on(empty):
    upgrade(empty, "0013")
    lists = [
        (1, "/things/2/copies?page=1"),
        (2, "/users/a/likes?page=1"),
        (3, "/things/2"),
        (4, "/newest?page=1"),
    ]
    over = [("paused", 0), ("complete", 0), ("partial", 0), ("partial", 1)]
    run(
        empty,
        *(
            "INSERT INTO crawls "
            "(id, spider, identity, round, arguments, verdict, started_at, runs, idle_runs) "
            f"VALUES ({crawl}, 'things', 'x{crawl}', 1, '{{}}', '{verdict}', 't', 1, {idle})"
            for crawl, (verdict, idle) in enumerate(over, 1)
        ),
        *(
            "INSERT INTO requests "
            "(crawl_id, fingerprint, path, callback, rank, depth, state, attempts, status) "
            f"VALUES ({crawl}, 'f{number}', '{path}', 'parse_list', 0, 1, 'gone', 0, 404)"
            for crawl in range(1, 5)
            for number, path in lists
        ),
    )

    prepare_schema(empty)

    with empty.connect() as connection:
        query = "SELECT crawl_id, path FROM requests WHERE state = 'queued' ORDER BY crawl_id, path"
        found = [tuple(row) for row in connection.execute(text(query))]
    assert found == [(crawl, path) for crawl in (1, 3) for _, path in lists[:2]]


def test_what_older_versions_kept_of_an_answer_that_echoed_a_token_goes(empty):
    token = "3f7a9c0e1b2d4f6a8c0e2b4d6f8a0c1e"
    link = f'<https://h/x?access_token={token}&page=2>; rel="next", <https://h/x?a={token}>; rel="first"'
    kept = {"Link": '<?page=2>; rel="next", <>; rel="first"', "Total-Count": "47", "Age": "3"}
    kept |= {"Content-Type": "application/json; charset=utf-8", "Date": "Fri, 18 Jul 2025 13:20:57 GMT"}
    held = kept | {"Link": link, "Retry-After": token, "Cache-Control": f"private={token}"}
    upgrade(empty, "0012")
    with writing(empty) as connection:
        for number, headers in enumerate((json.dumps(held), json.dumps({"Date": token}), None), 1):
            connection.execute(
                text(
                    "INSERT INTO answers (id, request_id, crawl_id, received_at, status, headers, codec, "
                    "scrubbed) VALUES (:id, 1, 1, '', 200, :headers, 'zlib', :no)"
                ),
                {"id": number, "headers": headers, "no": False},
            )
        connection.execute(
            text(
                "INSERT INTO tombstones (subject, subject_id, message) VALUES ('thing', '763622', :said), "
                "('thing', '763623', 'Thing 763623 has not been published')"
            ),
            {"said": f"Invalid Bearer {token}."},
        )

    prepare_schema(empty)

    with empty.connect() as connection:
        headers = connection.execute(text("SELECT headers FROM answers ORDER BY id")).scalars().all()
        said = connection.execute(text("SELECT message FROM tombstones ORDER BY subject_id")).scalars().all()
    assert [value and json.loads(value) for value in headers] == [kept, None, None]
    assert said == ["Invalid Bearer [removed].", "Thing 763623 has not been published"]
    if empty.dialect.name == "sqlite":
        for file in Path(empty.url.database).parent.iterdir():
            assert token.encode() not in file.read_bytes(), file


def old_order(connection, number, order):
    """An order as versions before the marks of persons stored it, with its event."""
    event = {"event": "order_created", "order": {"id": number} | order}
    row = {"id": number, "key": f"{number}:order_created", "event": json.dumps(event)}
    row |= {"note": order["note"], "fees": json.dumps(order["fees"])}
    row |= {"dates": json.dumps({"born_at": "1980-01-02", "paid_at": "2026-01-02"}), "address": None}
    if isinstance(order.get("address"), dict):
        row["address"] = json.dumps(order["address"])
    connection.execute(
        text(
            "INSERT INTO orders (id, amount, note, fees, dates, address, first_seen, last_received) "
            "VALUES (:id, '12.50 USD', :note, :fees, :dates, :address, '', '')"
        ),
        row,
    )
    connection.execute(
        text(
            "INSERT INTO order_events "
            "(key, order_id, event, payload, received_at, last_received, deliveries) "
            "VALUES (:key, :id, 'order_created', :event, '', '', 1)"
        ),
        row,
    )


@pytest.mark.of_extra("webhooks")
def test_orders_that_older_versions_kept_whole_are_reduced_unless_addresses_were_wanted(empty):
    person = {"buyer": "Ada Byron", "street": "Long Lane 5", "note": "call 0044 20 7946 0958, ada@b.example"}
    order = person | {"amount": "12.50 USD", "fees": {"shipping": "3.00", "for": "Ada Byron"}}
    upgrade(empty, "0019")
    with writing(empty) as connection:
        old_order(connection, 1, order | {"address": "[redacted]"})
        old_order(connection, 2, order | {"address": {"name": "Ada Byron", "mail": "ada@b.example"}})

    prepare_schema(empty)

    with empty.connect() as connection:
        query = "SELECT note, fees, dates, address FROM orders ORDER BY id"
        reduced, kept = (tuple(row) for row in connection.execute(text(query)))
        payloads = connection.execute(text("SELECT payload FROM order_events ORDER BY order_id")).scalars()
        reduced_event, kept_event = (json.loads(payload)["order"] for payload in payloads)
    assert reduced == (
        "call [redacted], [redacted]",
        '{"shipping":"3.00","for":"[redacted]"}',
        '{"paid_at":"2026-01-02"}',
        None,
    )
    from tvspiders.extras.webhooks.orders import read_event

    today = {"event": "order_created", "order": {"id": 1} | order | {"address": "[redacted]"}}
    assert reduced_event == json.loads(read_event(json.dumps(today).encode()).payload)["order"]
    assert (reduced_event["buyer"], reduced_event["street"]) == ("[redacted]", "[redacted]")
    assert "ada@" not in str((kept, kept_event))
    assert kept_event["address"] == {"name": "Ada Byron", "mail": "[redacted]"}
    assert json.loads(kept[3])["name"] == kept_event["buyer"] == "Ada Byron"
    if empty.dialect.name == "sqlite":
        for file in Path(empty.url.database).parent.iterdir():
            assert b"ada@" not in file.read_bytes(), file


def test_the_newest_migration_is_the_version_that_the_program_names():
    folder = Path(tvspiders.__file__).parent / "storage" / "migrations"

    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


@pytest.mark.parametrize(("table", "columns"), GUIDE.items())
def test_the_names_that_users_rely_on_are_there(table, columns):
    assert columns <= set(metadata.tables[table].c.keys())


def test_the_sql_of_existing_users_runs(engine):
    run(
        engine,
        "INSERT INTO things (id, name, creator, download_count, tags) VALUES (1, 'Gear', 'amber', 5, '[]')",
        "INSERT INTO remix_edges (parent_id, child_id) VALUES (1, 2)",
        "INSERT INTO creators (username, name, follower_count) VALUES ('amber', 'Amber', 3)",
        "INSERT INTO download_snapshots (thing_id, download_count, like_count, make_count, recorded_at) "
        "VALUES (1, 5, 0, 0, '2026-11-21T12:00:00+00:00')",
        "SELECT t.name, c.follower_count FROM things t JOIN creators c ON c.username = t.creator",
    )


def test_the_second_use_changes_nothing(empty):
    prepare_schema(empty)
    run(empty, "INSERT INTO things (id) VALUES (1)")

    prepare_schema(empty)

    with empty.connect() as connection:
        assert connection.execute(text("SELECT id FROM things")).scalars().all() == [1]


def test_two_that_make_the_tables_at_once_both_succeed(empty_url):
    problems: list[Exception] = []
    both = threading.Barrier(2)

    def prepare() -> None:
        engine = open_engine(empty_url)
        both.wait(10)
        try:
            prepare_schema(engine)
        except Exception as error:
            problems.append(error)
        engine.dispose()

    pair = [threading.Thread(target=prepare) for _ in range(2)]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join(60)

    assert problems == []


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["CREATE TABLE things (id INTEGER)"], "foreign table 'things'"),
        (["CREATE TABLE comments (id INTEGER)"], "foreign table 'comments'"),
        (
            [
                "CREATE TABLE alembic_version (version_num TEXT)",
                "INSERT INTO alembic_version VALUES ('9999')",
            ],
            "schema 9999, newer than",
        ),
        (
            [
                "CREATE TABLE alembic_version (version_num TEXT)",
                "INSERT INTO alembic_version VALUES ('0a1b2c')",
            ],
            "belongs to another program",
        ),
    ],
)
@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_what_is_not_ours_is_refused_and_left_untouched(
    empty, tmp_path, monkeypatch, journal, statements, said
):
    run(empty, *statements)
    before = tables_of(empty)
    content = {path: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setenv("TV_SQLITE_JOURNAL", journal)

    with pytest.raises(StorageProblem, match=said):
        prepare_schema(empty)
    with pytest.raises(StorageProblem):
        require_schema(empty)

    assert tables_of(empty) == before
    empty.dispose()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == content


def tables_of(engine) -> list[str]:
    return sorted(inspect(engine).get_table_names())


def test_other_tables_do_not_matter(empty):
    run(empty, "CREATE TABLE recipes (id INTEGER)")

    prepare_schema(empty)

    require_schema(empty)


def damage_middle(content: bytes) -> bytes:
    return b"".join(
        page if number in (0, len(content) // 4096 - 1) else b"\xff" * 4096
        for number, page in enumerate(content[at : at + 4096] for at in range(0, len(content), 4096))
    )


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip_root(content: bytes) -> bytes:
    return content[:100] + b"\xff" + content[101:]


@pytest.mark.parametrize("damage", [damage_middle, cut, flip_root])
def test_a_damaged_file_is_refused_and_left_untouched(sqlite_template, tmp_path, damage):
    path = tmp_path / "x.db"
    path.write_bytes(damage(sqlite_template.read_bytes()))
    before = path.read_bytes()
    engine = open_engine(f"sqlite:///{path}")

    with pytest.raises(StorageProblem, match=r"is damaged .*(malformed|not a database)"):
        prepare_schema(engine)
    engine.dispose()

    assert path.read_bytes() == before


def test_an_empty_database_is_not_read(empty):
    with pytest.raises(StorageProblem, match="is empty; fill it first"):
        require_schema(empty)


def test_a_server_that_is_not_there_is_named_in_one_line():
    engine = open_engine("postgresql://amber:s3cret@127.0.0.1:1/none")

    for use in (prepare_schema, require_schema):
        with pytest.raises(StorageProblem, match=r"none on 127\.0\.0\.1:1 cannot be reached: ") as raised:
            use(engine)
        assert "\n" not in str(raised.value)
        assert "s3cret" not in str(raised.value)


def test_a_locked_file_is_waited_for(sqlite_url, tmp_path):
    engine = open_engine(sqlite_url)
    holder = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            holder.execute("ROLLBACK")

    prepare_schema(engine, sleep=wait)
    holder.close()

    require_schema(engine)
    engine.dispose()
    assert len(waits) == 3


def test_patience_with_a_locked_file_ends(sqlite_url, tmp_path):
    engine = open_engine(sqlite_url)
    holder = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    with pytest.raises(StorageProblem, match="database is locked"):
        prepare_schema(engine, patience=0, sleep=lambda seconds: None)
    holder.close()
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing(empty, monkeypatch):
    def fail(*_, **__):
        run_half(*_, **__)
        raise KeyError("cut short")

    upgrade(empty, "0001")
    before = tables_of(empty)
    run_half = command.upgrade
    monkeypatch.setattr(command, "upgrade", fail)

    with pytest.raises(KeyError):
        prepare_schema(empty)

    assert tables_of(empty) == before


def test_the_migrations_are_found_when_the_program_runs_from_a_zip(tmp_path):
    package = Path(tvspiders.__file__).parent
    archive = tmp_path / "tvspiders.egg"
    with zipfile.ZipFile(archive, "w") as egg:
        for path in sorted(package.rglob("*.py")):
            egg.write(path, path.relative_to(package.parent))
    code = (
        "import tvspiders.storage.database.engine as e, tvspiders.storage.database.schema as s; "
        "assert '.egg' in s.__file__, s.__file__; "
        "engine = e.open_engine('sqlite:///x.db'); s._migrate(engine); s.require_schema(engine); "
        "engine.dispose()"
    )

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(archive)},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stderr == ""
    assert done.returncode == 0


def test_a_database_of_the_first_version_is_upgraded_and_keeps_its_rows(empty):
    upgrade(empty, "0001")
    run(empty, "INSERT INTO things (id) VALUES (1)")

    prepare_schema(empty)

    require_schema(empty)
    assert set(inspect(empty).get_table_names()) == {*metadata.tables, "alembic_version"}
    with empty.connect() as connection:
        assert connection.execute(text("SELECT id FROM things")).scalars().all() == [1]


RENAMED = {"back_at": "reappeared_at", "moved_at": "changed_in_list_at"}
"""Columns by their name in schema 0005 and today's."""


def test_a_database_that_an_older_program_filled_is_upgraded_without_loss(empty, tmp_path):
    upgrade(empty, "0005")
    with filled_by_schema_0005(tmp_path) as older:
        fill(empty, stored_rows(older))
    before = stored_rows(empty)

    prepare_schema(empty)

    require_schema(empty)
    after = stored_rows(empty)
    assert {name: without_new_columns(after[name], rows) for name, rows in before.items()} == {
        name: [{RENAMED.get(column, column): value for column, value in row.items()} for row in rows]
        for name, rows in before.items()
    }
    assert len([row for row in after["things"] if row["changed_in_list_at"]]) == 3
    assert [row["subject_id"] for row in after["tombstones"] if row["reappeared_at"]] == ["9999998"]


def test_the_file_itself_that_an_older_program_filled_is_upgraded(sqlite_url, tmp_path):
    with filled_by_schema_0005(tmp_path) as older:
        before = stored_rows(older)
    engine = open_engine(f"sqlite:///{tmp_path / 'older.db'}")

    prepare_schema(engine)

    require_schema(engine)
    after = stored_rows(engine)
    engine.dispose()
    assert {name: len(after[name]) for name in before} == {name: len(rows) for name, rows in before.items()}


@contextmanager
def filled_by_schema_0005(folder):
    """A file as crawls of commit ac6448f left it: things, users, refresh, and two things that are gone."""
    with closing(sqlite3.connect(folder / "older.db")) as connection:
        dump = Path(__file__).with_name("schema_0005.sql.gz")
        connection.executescript(gzip.decompress(dump.read_bytes()).decode())
    engine = create_engine(f"sqlite:///{folder / 'older.db'}")
    yield engine
    engine.dispose()


def stored_rows(engine):
    """All rows by table, in the order of their keys."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: [
                dict(row) | ({"headers": None} if "headers" in row else {})  # 0017 shortens them on purpose
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in tables.sorted_tables
            if table.name != "alembic_version"
        }


def fill(engine, rows):
    tables = MetaData()
    tables.reflect(engine)
    with writing(engine) as connection:
        for name, some in rows.items():
            if some:
                connection.execute(tables.tables[name].insert(), some)


def without_new_columns(rows, before):
    """The rows with those columns only that there were before."""
    columns = {RENAMED.get(column, column) for row in before for column in row}
    return [{column: value for column, value in row.items() if column in columns} for row in rows]


def test_a_transaction_writes_only_under_our_schema(empty):
    prepare_schema(empty)
    with transaction(empty) as connection:
        connection.execute(text("INSERT INTO things (id) VALUES (1)"))
    run(empty, "UPDATE alembic_version SET version_num = '9999'")

    with (
        pytest.raises(SchemaChanged, match="was upgraded to schema 9999 by a newer tvspiders while this one"),
        transaction(empty),
    ):
        pytest.fail("nothing may be written")


@pytest.mark.parametrize(
    ("statement", "now"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "'0001'"),
        ("INSERT INTO alembic_version VALUES ('0001')", f"'{HEAD}', '0001'"),
        ("DELETE FROM alembic_version", "nothing"),
        ("DROP TABLE alembic_version", "nothing"),
    ],
)
def test_a_transaction_says_what_became_of_the_schema(empty, statement, now):
    prepare_schema(empty)
    run(empty, statement)

    with (
        pytest.raises(SchemaChanged, match=f"had schema {HEAD} and has {now} now; restore"),
        transaction(empty),
    ):
        pytest.fail("nothing may be written")


def test_a_migration_waits_for_transactions_and_they_for_it(empty, empty_url):
    """Nobody writes half before and half after: each side holds what the other needs."""
    prepare_schema(empty)
    said: list[str] = []
    begun = threading.Event()

    def migrate() -> None:
        other = open_engine(empty_url)
        while not begun.is_set():
            with suppress(OperationalError), writing(other) as connection:  # SQLite does not wait here
                schema._one_at_a_time(connection)
                begun.set()
                said.append("migrated")
                connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        other.dispose()

    thread = threading.Thread(target=migrate)
    with transaction(empty) as connection:
        connection.execute(text("INSERT INTO things (id) VALUES (1)"))
        thread.start()
        assert not begun.wait(0.2)
        said.append("written")
    thread.join(20)

    assert said == ["written", "migrated"]
    with pytest.raises(SchemaChanged), transaction(empty):
        pytest.fail("nothing may be written")
