"""What a connection to PostgreSQL does not leave to its surroundings."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from sqlalchemy import text

from tests.support.making import open_crawl
from tvspiders.errors import StorageProblem
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import prepare_schema


@pytest.fixture
def database_in(postgresql_server) -> Iterator:
    """Makes databases with an encoding."""
    names: list[str] = []

    def make(encoding: str) -> str:
        names.append(f"test_{encoding.lower()}")
        postgresql_server.command(
            f"CREATE DATABASE {names[-1]} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'"
        )
        return postgresql_server.url(names[-1])

    yield make
    for name in names:
        postgresql_server.drop(name)


def with_option(url: str, option: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{option}"


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "WIN1252", "EUC_JP"])
def test_an_encoding_without_room_for_all_letters_is_refused_with_what_to_type(database_in, encoding):
    url = database_in(encoding)
    engine = open_engine(url)

    with pytest.raises(StorageProblem, match=f"has the encoding {encoding}") as raised:
        prepare_schema(engine)
    with pytest.raises(StorageProblem):
        engine.connect()

    assert "createdb -E UTF8 -T template0 NAME" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert engine.pool.checkedout() == 0  # and no connection is left open, which would be a warning


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "EUC_JP"])
def test_the_surroundings_do_not_say_what_bytes_mean(postgresql_url, monkeypatch, encoding):
    monkeypatch.setenv("PGCLIENTENCODING", encoding)
    monkeypatch.setenv("PGOPTIONS", f"-c client_encoding={encoding}")
    engine = open_engine(postgresql_url)

    with engine.connect() as connection:
        found = connection.execute(text("SELECT CAST(:name AS text)"), {"name": "日本 5 € 🖨️"}).scalar_one()
        client = connection.execute(text("SHOW client_encoding")).scalar_one()
    engine.dispose()

    assert (found, client) == ("日本 5 € 🖨️", "UTF8")


def test_the_options_of_a_url_do_not_say_it_either(postgresql_url):
    engine = open_engine(
        with_option(postgresql_url, f"options={quote('-c client_encoding=LATIN1 -c geqo=off')}")
    )

    with engine.connect() as connection:
        shown = [
            connection.execute(text(f"SHOW {name}")).scalar_one() for name in ("client_encoding", "geqo")
        ]
    engine.dispose()

    assert shown == ["UTF8", "off"]


def test_what_the_url_gives_wins_over_what_we_prefer(postgresql_url):
    engine = open_engine(with_option(postgresql_url, "application_name=night&connect_timeout=9"))

    with engine.connect() as connection:
        name = connection.execute(text("SHOW application_name")).scalar_one()
        timeout = connection.connection.driver_connection.info.get_parameters()["connect_timeout"]
    engine.dispose()

    assert (name, timeout) == ("night", "9")


def test_no_prepared_statement_is_left_behind(postgresql_url):
    engine = open_engine(postgresql_url)

    with engine.connect() as connection:
        for _ in range(12):  # the driver would do so after five
            connection.execute(text("SELECT count(*) FROM pg_class"))
        left = connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()
    engine.dispose()

    assert left == 0


@pytest.mark.parametrize("option", ["sslmode=yes", "connect_timeout=soon", "port=99999", "keepalives=x"])
def test_a_wrong_value_is_told_in_one_line(option):
    engine = open_engine(f"postgresql://u:s3cret@127.0.0.1/x?{option}")

    with pytest.raises(StorageProblem) as raised:
        prepare_schema(engine)

    assert "\n" not in str(raised.value)
    assert "s3cret" not in str(raised.value)


def test_the_second_host_is_tried_when_the_first_is_not_there(postgresql_url, tmp_path):
    address, _, option = postgresql_url.partition("?host=")
    hosts = f"{quote(str(tmp_path), safe='')},{quote(option, safe='')}"
    engine = open_engine(address.replace("@/", f"@{hosts}/"))

    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


def test_a_test_finds_the_shared_database_as_if_it_was_the_first(postgresql_server):
    engine = open_engine(postgresql_server.url(postgresql_server.with_tables()))
    with engine.connect() as connection:
        open_crawl(connection)
        connection.rollback()
    engine.dispose()

    postgresql_server.empty()

    with engine.connect() as connection:
        assert open_crawl(connection).id == 1
    engine.dispose()
    postgresql_server.empty()
