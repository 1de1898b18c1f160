"""Commands on a PostgreSQL database that cannot be used say so in one line, before anything is asked."""

import pytest

from tests.support.shell import FAST

NAME = "commands_in_latin1"
CRAWL = ("crawl", "things", "-a", "query=planters", *FAST)


@pytest.fixture(scope="module")
def latin_url(postgresql_server):
    """A database that has no place for most letters."""
    postgresql_server.command(f"CREATE DATABASE {NAME} ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
    yield postgresql_server.url(NAME)
    postgresql_server.drop(NAME)


OPENING = [
    CRAWL,
    ("audit",),
    ("report",),
    ("graph",),
    ("export",),
    ("plan", "refresh"),
    ("pages", "-o", "pages"),
    ("reparse",),
    ("fetch", "API/things/763622"),
    ("like", "763622"),
    ("unlike", "763622"),
    ("token",),
    ("webhooks",),
    ("migrate-db", "thingiverse.db"),
]
"""Every command that needs the database of DATABASE_URL; ``API`` stands for the sandbox's address."""


@pytest.mark.parametrize("line", OPENING, ids=lambda line: line[0])
def test_a_database_without_room_for_all_letters_is_refused(crawled, latin_url, line):
    crawled.sandbox.reset()

    ended = crawled(*(word.replace("API", crawled.sandbox.url) for word in line), DATABASE_URL=latin_url)

    assert ended.err.count("\n") == 1, ended.err
    assert f"database {NAME} has the encoding LATIN1" in ended.err
    assert "createdb -E UTF8 -T template0 NAME" in ended.err
    assert (ended.code, ended.out) == (1, "")
    assert crawled.sandbox.counters["requests"] == 0


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("u:pass-w0rd@127.0.0.1:1/x?autocommit=true", "not taken: 'autocommit'; accepted are libpq's"),
        ("u:pass-w0rd@127.0.0.1:1/x?prepare_threshold=0", "not taken: 'prepare_threshold'"),
        ("u:pass-w0rd@127.0.0.1:1/x?row_factory=x&cursor_factory=y", "'row_factory', 'cursor_factory'"),
        ("u:p@pass-w0rd/1@127.0.0.1:1/x", "percent-encoded"),
    ],
)
def test_an_address_with_what_is_not_taken_is_refused(shell, address, said):
    ended = shell(*CRAWL, DATABASE_URL=f"postgresql://{address}")

    assert ended.err.count("\n") == 1, ended.err
    assert said in ended.err
    assert "pass-w0rd" not in ended.err
    assert (ended.code, ended.out) == (1, "")
    assert shell.sandbox.counters["requests"] == 0


def test_a_password_is_not_taken_with_s_however_it_is_written(shell):
    ended = shell(*CRAWL, "-s", "DATABASE_URL=postgresql://db/x?user=me&password=pass-w0rd")

    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "refusing -s DATABASE_URL on the command line" in ended.err
    assert "pass-w0rd" not in ended.err


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_the_encoding_of_the_surroundings_changes_nothing(shell, postgresql_url, encoding):
    ended = shell(
        "crawl", "things", "-a", "query=box", "-a", "pages=1", *FAST,
        DATABASE_URL=f'"{postgresql_url}"',
        PGCLIENTENCODING=encoding,
    )  # fmt: skip
    audit = shell("audit", DATABASE_URL=postgresql_url, PGCLIENTENCODING=encoding)

    assert (ended.code, audit.code) == (0, 0), ended.err
    assert "quarantined" not in ended.last


def test_a_move_that_is_refused_leaves_the_file_at_its_older_schema(crawled, latin_url):
    crawled.change("UPDATE alembic_version SET version_num = '0004'")
    before = crawled.database.read_bytes()

    ended = crawled("migrate-db", "thingiverse.db", DATABASE_URL=latin_url)

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert crawled.database.read_bytes() == before
