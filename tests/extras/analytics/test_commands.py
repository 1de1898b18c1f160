"""The commands as people type them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from sqlalchemy import text

from tests.extras.analytics.running import ROOT, here, scrapy
from tvspiders.params import RemixesParams
from tvspiders.storage.database.engine import open_engine, writing


def test_a_document_stands_alone_on_standard_output(filled):
    report = scrapy(filled, "report", "trends", "--format", "json")
    graph = scrapy(filled, "graph", "--root", "thing:1", "--format", "json")

    assert (report.returncode, graph.returncode) == (0, 0)
    assert [(row["thing_id"], row["gain"]) for row in json.loads(report.stdout)["trends"]["rising"]] == [
        (1, 20)
    ]
    assert len(json.loads(graph.stdout)["nodes"]) == 8
    assert report.stderr == ""


def test_a_ranking_goes_to_a_crawl_as_numbers_that_a_file_argument_reads(filled, tmp_path):
    path = tmp_path / "roots.txt"

    code = here(
        filled,
        *["report", "influence", "--order", "direct", "--min-remixes", "3", "--format", "ids", "-o"],
        str(path),
    )

    assert code == 0
    assert RemixesParams(file=str(path)).thing == [1, 2, 5]


def test_a_file_is_private(filled, tmp_path):
    path = tmp_path / "report.md"

    assert here(filled, "report", "structure", "--format", "md", "-o", str(path)) == 0

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().startswith("# Thingiverse remix report")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["report", "--days", "soon"], "--days 'soon' is not accepted; accepted: a whole number"),
        (["report", "trends", "--creator", "ann"], "--creator adds to the section creators"),
        (["report", "--root", "1"], "--root is for --format html"),
        (["report", "influence", "--order", "stated"], "--order 'stated' is not accepted"),
        (["report", "influence", "--min-remixes", "few"], "--min-remixes 'few' is not accepted"),
        (
            ["report", "trends", "--order", "direct"],
            "--order and --min-remixes are for the section influence",
        ),
        (["report", "--format", "ids"], "--format ids is for one section"),
        (["report", "licences", "--format", "ids"], "section licences has no ranking of things"),
        (["report", "weather"], "section 'weather' is not accepted"),
        (["graph", "--format", "svg"], "--format 'svg' is not accepted"),
        (["graph", "--root", "999"], "thing 999 is not stored"),
    ],
)
def test_what_is_not_accepted_is_told_in_one_line(filled, arguments, told, capsys):
    code = here(filled, *arguments)

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert told in said.err
    assert said.err.count("\n") == 1


def test_a_database_that_cannot_be_used_is_told_in_one_line(tmp_path, book, capsys):
    missing, without_rows = f"sqlite:///{tmp_path / 'none.db'}", book.url

    for url, told in ((missing, "there is no database"), (without_rows, "holds no things yet")):
        for command in ("report", "graph"):
            assert here(url, command) == 1
            said = capsys.readouterr()
            assert said.out == ""
            assert told in said.err
            assert said.err.count("\n") == 1
    assert not (tmp_path / "none.db").exists()


def test_a_database_of_another_version_is_told_in_one_line(family, capsys):
    engine = open_engine(family.url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    assert here(family.url, "report") == 1
    said = capsys.readouterr()
    assert "schema 9999" in said.err
    assert said.err.count("\n") == 1


def test_a_crawl_loads_nothing_of_this():
    program = (
        "import sys, tvspiders.commands.report, tvspiders.commands.graph\n"
        "heavy = {'numpy', 'scipy', 'jinja2', 'pyarrow', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
