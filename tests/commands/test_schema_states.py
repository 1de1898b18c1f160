"""A database in any odd state is refused by every command in one line, and left as it is."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.support.shell import FAST, Shell
from tvspiders.storage.database.schema import HEAD

COMMANDS = {
    "audit": ("audit",),
    "crawl": ("crawl", "things", "-a", "query=planters", *FAST),
    "export": ("export",),
    "fetch": ("fetch", "{api}/things/1"),
    "graph": ("graph", "--format", "json"),
    "jobs": ("jobs", "--target", "quiet"),
    "like": ("like", "1"),
    "migrate-db": ("migrate-db", "thingiverse.db"),
    "pages": ("pages", "-o", "out"),
    "plan": ("plan", "things", "-a", "query=planters"),
    "plan refresh": ("plan", "refresh", "-a", "max_requests=5"),
    "reparse": ("reparse",),
    "report": ("report",),
    "schedule": ("schedule", "things", "-a", "query=planters", "--target", "quiet"),
    "shell": ("shell", "-c", "1", "{api}/things/1"),
    "token": ("token",),
    "unlike": ("unlike", "1"),
    "webhooks": ("webhooks", "--port", "0"),
}
"""Every command that opens a database, as it is typed."""
FRESH = f"CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('{HEAD}');"
FULL = {
    "missing": ("DROP TABLE alembic_version", "but no alembic_version"),
    "doubled": ("INSERT INTO alembic_version VALUES ('0004')", "in alembic_version, where one version"),
    "newer": ("UPDATE alembic_version SET version_num = '9999'", "schema 9999, newer than"),
    "empty": ("DELETE FROM alembic_version", "has nothing in alembic_version, where one version belongs"),
    "twice the same": (f"DROP TABLE alembic_version; {FRESH}{FRESH[FRESH.index('INSERT') :]}", "'0"),
    "no value": (
        f"DROP TABLE alembic_version; {FRESH} UPDATE alembic_version SET version_num = NULL",
        "nothing",
    ),
    "unknown": ("UPDATE alembic_version SET version_num = '0000'", "0000, which no tvspiders has made"),
    "of another program": ("UPDATE alembic_version SET version_num = '1a2b3c'", "another program"),
    "a long text": ("UPDATE alembic_version SET version_num = hex(zeroblob(9000))", "another program"),
    "of another shape": ("DROP TABLE alembic_version; CREATE TABLE alembic_version (id)", "foreign table"),
    "a table lost": ("DROP TABLE answers", "has no table 'answers'"),
    "a column lost": ("ALTER TABLE things DROP COLUMN view_count", "'things' has no column 'view_count'"),
}
"""What is done to a full database of ours, and what is said of it then."""
FOREIGN = {
    "a foreign table": ("CREATE TABLE things (id INTEGER)", "foreign table 'things'"),
    "a foreign view": ("CREATE VIEW likes AS SELECT 1 AS id", "foreign table 'likes'"),
    "the same version": (f"CREATE TABLE recipes (id INTEGER); {FRESH}", "says that it has schema"),
}
"""What a file of another program holds."""
READERS = ("audit", "export", "graph", "jobs", "pages", "plan refresh", "reparse", "report", "schedule")


@pytest.fixture(scope="module")
def quiet() -> Iterator[str]:
    """The address of a Scrapyd that has no jobs."""

    class Quiet(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"status": "ok", "pending": [], "running": [], "finished": []}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = HTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def refused(shell: Shell, quiet: str) -> Callable[[str, str], None]:
    """Runs a command; it has to refuse the database with these words, and to leave all as it was."""
    with (shell.folder / "scrapy.cfg").open("a") as file:
        file.write(f"\n[deploy:quiet]\nurl = {quiet}\nproject = tvspiders\n")

    def run(name: str, said: str, **environment: str) -> None:
        typed = [word.format(api=shell.sandbox.url) for word in COMMANDS[name]]
        before = content(shell.folder)

        ended = shell(*typed, **environment)

        assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1), ended.err
        assert ended.err.startswith("tvspiders: database ")
        assert said in ended.err
        assert len(ended.err) < 400
        assert content(shell.folder) == before
        assert shell.sandbox.counters["requests"] == 0

    return run


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def spoil(path: Path, script: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()


@pytest.mark.parametrize(
    "state", ["missing", *(pytest.param(name, marks=pytest.mark.long) for name in ("doubled", "newer"))]
)
@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_works_in_a_database_of_unclear_schema(
    crawled: Shell, refused: Callable[..., None], name: str, state: str, request: pytest.FixtureRequest
) -> None:
    script, said = FULL[state]
    spoil(crawled.database, script)
    target = {"DATABASE_URL": request.getfixturevalue("postgresql_url")} if name == "migrate-db" else {}

    refused(name, said, **target)


@pytest.mark.parametrize("state", [*list(FULL)[1:], *FOREIGN])
@pytest.mark.parametrize("name", ["audit", "crawl"])
def test_every_odd_state_is_named(
    crawled: Shell, refused: Callable[..., None], name: str, state: str
) -> None:
    if state in FOREIGN:
        crawled.database.unlink()
    script, said = (FULL | FOREIGN)[state]
    spoil(crawled.database, script)

    refused(name, said)


@pytest.mark.parametrize("name", READERS)
def test_commands_that_read_do_not_upgrade(crawled: Shell, refused: Callable[..., None], name: str) -> None:
    spoil(crawled.database, "UPDATE alembic_version SET version_num = '0004'")

    refused(name, f"has schema 0004, this program reads {HEAD}; any crawl upgrades it")


@pytest.mark.parametrize("name", ["audit", "export", "report"])
def test_a_file_with_other_tables_is_not_called_empty(
    shell: Shell, refused: Callable[..., None], name: str
) -> None:
    spoil(shell.database, "CREATE TABLE recipes (id INTEGER)")

    refused(name, "has no tables of tvspiders; fill it first")


def test_what_is_no_database_of_ours_is_not_moved(
    shell: Shell, refused: Callable[..., None], postgresql_url: str
) -> None:
    spoil(shell.database, "CREATE TABLE recipes (id INTEGER)")

    refused("migrate-db", "has no tables of tvspiders; there is nothing to move", DATABASE_URL=postgresql_url)
