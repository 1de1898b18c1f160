"""``scrapy demo`` shows the whole thing, and leaves two files behind."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from tests.support.shell import ROOT
from tvspiders.console.demo.run import run_demo


def test_the_demo_leaves_two_files_and_shows_what_is_in_them(shell):
    folder = shell.folder / "demo"
    folder.mkdir()

    ended = shell("demo", "--folder", "demo", THINGIVERSE_TOKEN=None, THINGIVERSE_API_URL=None)

    assert ended.code == 0, ended.err
    assert sorted(path.name for path in folder.iterdir()) == ["thingiverse.db", "things.jsonl"]
    assert "Most downloaded" in ended.out
    assert "Most remixed among these" in ended.out
    assert "Left behind: thingiverse.db (SQL) and things.jsonl (JSON Lines)" in ended.out
    assert ended.last.startswith("tvspiders: complete: ")
    assert shell.sandbox.counters["requests"] == 0
    fed = [json.loads(line) for line in (folder / "things.jsonl").read_text().splitlines()]
    with closing(sqlite3.connect(folder / "thingiverse.db")) as connection, connection:
        stored = {row[0] for row in connection.execute("SELECT id FROM things WHERE last_scraped > ''")}
    assert {item["id"] for item in fed if item["kind"] == "thing"} == stored
    assert len(stored) > 190


def test_a_second_demo_in_a_folder_without_a_project_stores_nothing_twice(tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRAPY_SETTINGS_MODULE", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run():
        code = run_demo(tmp_path, "planters", 1000, "1000/1s")
        with closing(sqlite3.connect(tmp_path / "thingiverse.db")) as connection, connection:
            tables = ("things", "creators", "remix_edges", "download_snapshots")
            counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone() for name in tables]
        return code, counts

    first, second = run(), run()

    assert first == second
    assert first[0] == 0
    capfd.readouterr()


def test_a_folder_that_is_none_is_refused(shell):
    ended = shell("demo", "--folder", "scrapy.cfg")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "tvspiders: scrapy.cfg is not a folder that can be written\n"


def test_it_takes_no_arguments(shell):
    ended = shell("demo", "planters")

    assert (ended.code, ended.err) == (2, "tvspiders: demo takes no arguments, only options; -h shows them\n")
