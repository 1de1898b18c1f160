"""``scrapy forget`` takes a person out, asks nothing, and says in one line what is wrong."""

from __future__ import annotations

from argparse import Namespace

import pytest
from scrapy.settings import Settings

from tests.support.people import hits, hits_in_files
from tests.support.shell import FAST
from tvspiders.commands.forget import Command
from tvspiders.storage.database.engine import open_engine


def test_a_person_is_gone_from_the_database_and_stays_so_when_the_crawl_is_run_again(crawled):
    query = "SELECT creator FROM things WHERE instr(creator, '_') > 0 GROUP BY creator ORDER BY count(*) DESC"
    (name,) = crawled.rows(query)[0]
    (crawled.folder / "things.jsonl").unlink()
    edges = crawled.rows("SELECT parent_id, child_id FROM remix_edges ORDER BY 1, 2")

    ended = crawled("forget", name)

    needles = (name.lower(),)
    engine = open_engine(f"sqlite:///{crawled.database}")
    assert (ended.code, ended.err) == (0, "")
    assert "their things:" in ended.out
    assert "things.jsonl" in ended.out
    assert hits(engine, needles) == set()
    assert crawled.sandbox.counters["requests"] == 0
    files = ("-O", "t.jsonl", "--logfile", "log", "-s", "LOG_LEVEL=DEBUG", "-s", "TV_HEALTH_FILE=health")
    assert crawled("crawl", "things", "-a", "query=planters", *files, *FAST).code == 0
    assert hits(engine, needles) == set()
    engine.dispose()
    assert hits_in_files(engine, crawled.folder, needles) == []  # the feed and the log among them
    assert crawled.rows("SELECT parent_id, child_id FROM remix_edges ORDER BY 1, 2") == edges
    assert crawled("audit").code == 0


@pytest.mark.parametrize(
    ("args", "things", "said"),
    [
        ([], "keep", "name one user, by login name or number: scrapy forget MakerBot"),
        (["a", "b"], "keep", "name one user, by login name or number: scrapy forget MakerBot"),
        ([" "], "keep", "name one user, by login name or number: scrapy forget MakerBot"),
        (["a"], "some", "--things 'some' is not accepted; accepted: keep, delete"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line_with_code_2(sqlite_url, capsys, args, things, said):
    assert ended(sqlite_url, args, things) == 2
    assert capsys.readouterr() == ("", f"tvspiders: {said}\n")


def test_a_database_that_is_missing_is_not_made(tmp_path, capsys):
    assert ended(f"sqlite:///{tmp_path / 'none.db'}", ["a"]) == 1

    said = capsys.readouterr().err
    assert "there is no database" in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("backend", ["sqlite"])
def test_somebody_who_is_not_there_is_code_1(database_url, capsys):
    assert ended(database_url, ["nobody"]) == 1
    assert capsys.readouterr().err == (
        "tvspiders: no user 'nobody' is in this database, and nothing was changed; "
        "give the login name as the site spells it, or the number\n"
    )


def ended(url: str, args: list[str], things: str = "keep") -> int:
    command = Command()
    settings = Settings()
    settings.setmodule("tvspiders.settings")
    settings.set("DATABASE_URL", url, "cmdline")
    command.settings = settings
    command.run(args, Namespace(things=things, dry_run=False))
    return int(command.exitcode)
