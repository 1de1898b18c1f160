"""``--pseudonyms``: what is handed on names nobody, and tells the same person from others all the same."""

from __future__ import annotations

import json
import re
import shutil
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings
from sqlalchemy import select, update

from tests.support.people import EVERYTHING, PERSON, PeopledWorld, crawl
from tvspiders.commands import export
from tvspiders.storage import tables
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.schema import prepare_schema
from tvspiders.storage.person_marks import marked, roles
from tvspiders.storage.queries.export import KINDS

FAR = 987_000_000
"""Added to users' numbers, so that none stands anywhere by chance."""
ADDRESS = re.compile(r"thingiverse\.com|(?<!w3\.org)//cdn")


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("named") / "test.db"
    engine = open_engine(f"sqlite:///{path}")
    prepare_schema(engine)
    crawl(engine, PeopledWorld(things=400), "users", most=40, username=PERSON, include=EVERYTHING, pages=1)
    with writing(engine) as connection:
        for table in tables.metadata.sorted_tables:
            for role in roles(table):
                number = table.c[role.number]
                connection.execute(update(table).values({role.number: number % FAR + FAR}))
    engine.dispose()
    return path


@pytest.fixture
def database(master: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(master, tmp_path / "test.db"))


def named(database: Path) -> set[str]:
    """Numbers, login names and full names of all people of a database."""
    engine = open_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        found: set[Any] = set()
        for table in tables.metadata.sorted_tables:
            columns = marked(table, "number", "name", "full name")
            for row in connection.execute(select(*(table.c[name] for name in columns))) if columns else ():
                found |= set(row)
    engine.dispose()
    return {str(value).lower() for value in found if value}


def written(module: Any, database: Path, *argv: str) -> str:
    """What a command writes to a file."""
    output = database.parent / "out"
    command, parser = module.Command(), ArgumentParser()
    settings = Settings()
    settings.setmodule("tvspiders.settings")
    settings.set("DATABASE_URL", f"sqlite:///{database}", "cmdline")
    command.settings = settings
    command.add_options(parser)
    parser.add_argument("rest", nargs="*")
    given = [str(database.parent / "nodes") if each == "NODES" else each for each in argv]
    opts = parser.parse_args(["-o", str(output), *given])
    command.run(opts.rest, opts)
    assert command.exitcode == 0
    if "parquet" in argv:
        from pyarrow.parquet import read_table

        return str(read_table(database.parent / "nodes").to_pylist())
    return output.read_text("utf-8", "replace")


FORMS = ("terminal", "json", "csv", "md", "html")
DOCUMENTS = [
    ("export", ()),
    *(("report", ("--format", form, "--creator", PERSON)) for form in FORMS),
    *(("graph", ("--format", form)) for form in ("graphml", "gexf", "dot", "json", "csv")),
    ("graph", ("--format", "parquet", "--nodes", "NODES")),
    ("graph", ()),
]


@pytest.mark.parametrize(("command", "argv"), DOCUMENTS)
def test_no_document_names_anybody(database, command, argv):
    names = named(database)

    text = written(import_module(f"tvspiders.commands.{command}"), database, "--pseudonyms", *argv).lower()

    words = set(re.findall(r"[\w.-]+", text)) | set(re.findall(r"\w+", text))
    assert words & names == set()
    assert [name for name in names if " " in name and name in text] == []
    # html holds the scripts of others, in which addresses stand
    found = text.split('href="') if "html" in argv else ADDRESS.findall(text)
    assert [part[:40] for part in found if part.startswith(("http", "//", "thingiverse"))] == []


def test_each_person_has_one_pseudonym_and_nobody_shares_it(database):
    rows = [json.loads(line) for line in written(export, database, "--pseudonyms").splitlines()]

    engine = open_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        things = dict(connection.execute(select(tables.things.c.id, tables.things.c.creator)).all())
        query = select(tables.creators.c.username).order_by(tables.creators.c.key)
        people = connection.execute(query).scalars().all()
    engine.dispose()
    named = [(things[row["id"]], row["creator"]) for row in rows if row["kind"] == "thing"]
    named += zip(people, (row["username"] for row in rows if row["kind"] == "creator"), strict=True)
    assert len(set(named)) == len(dict(named)) == len({stands for _, stands in named}) >= len(people)
    assert {row["name"] for row in rows if row["kind"] in ("thing", "creator")} == {None}
    assert {row["kind"] for row in rows} == {"thing", "creator", "edge", "snapshot"}


def test_a_key_gives_the_same_pseudonyms_again_and_other_keys_others(database, tmp_path):
    key = tmp_path / "key"

    first, second = (written(export, database, "--pseudonym-key", str(key), *KINDS[:2]) for _ in range(2))
    other = written(export, database, "--pseudonyms", *KINDS[:2])

    users = [set(re.findall(r"user-[0-9a-f]{16}", text)) for text in (first, other)]
    assert first == second
    assert users[0]
    assert users[0] & users[1] == set()
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.of_extra("analytics")
def test_a_report_with_the_same_key_has_the_same_pseudonyms(database, tmp_path):
    key = tmp_path / "key"

    rows = written(export, database, "--pseudonym-key", str(key), *KINDS[:2])
    report = written(import_module("tvspiders.commands.report"), database, "--pseudonym-key", str(key))

    first, second = (set(re.findall(r"user-[0-9a-f]{16}", text)) for text in (rows, report))
    assert first & second


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (b"x" * 32, 0o644, "can be read by others; first: chmod 600"),
        (b"short\n", 0o600, "holds 5 bytes; accepted: at least 16, or a file that does not exist"),
        (None, 0o600, "No such file or directory"),
    ],
)
def test_a_key_that_is_not_one_is_refused_in_one_line(database, tmp_path, capsys, content, mode, said):
    key = tmp_path / ("key" if content else "folder/key")
    if content:
        key.write_bytes(content)
        key.chmod(mode)

    with pytest.raises(AssertionError):
        written(export, database, "--pseudonym-key", str(key))

    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()
