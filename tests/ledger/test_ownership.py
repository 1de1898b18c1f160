"""One process for each crawl of a SQLite file, and a dead one blocks nobody."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys

import pytest
from sqlalchemy import insert

from tvspiders.errors import CrawlBusy, StorageProblem
from tvspiders.ledger.ownership import Ownership, describe_self, lock_path
from tvspiders.storage.database import engine as engine_module
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.tables import crawls

HOLD = """
import sys, time
from tvspiders.ledger.ownership import Ownership
from tvspiders.storage.database.engine import open_engine
ownership = Ownership(open_engine(sys.argv[1]), "gear")
ownership.take()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def backend():
    return "sqlite"


def test_a_second_owner_is_told_who_is_the_first(engine):
    values = {"spider": "things", "round": 1, "arguments": "{}", "verdict": "running", "started_at": "x"}
    with writing(engine) as connection:
        known = {"identity": "gear", "owner": "process 7 on moon", "runs": 1, "idle_runs": 0}
        connection.execute(insert(crawls), [known | values])
    first, second = Ownership(engine, "gear"), Ownership(engine, "gear")
    first.take()

    with pytest.raises(CrawlBusy, match="being run by process 7 on moon; wait for it to end"):
        second.take()
    first.give_back()


def test_a_lock_that_was_given_back_is_free(engine):
    first, second = Ownership(engine, "gear"), Ownership(engine, "gear")
    first.take()

    first.give_back()

    second.take()
    second.give_back()


def test_an_owner_is_not_waited_for_to_be_named(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.02)
    other = open_engine(f"sqlite:///{tmp_path}/test.db")
    first, second = Ownership(engine, "gear"), Ownership(other, "gear")
    first.take()
    writer = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")

    with pytest.raises(CrawlBusy, match="being run by another process"):
        second.take()

    writer.close()
    first.give_back()
    other.dispose()


def test_a_link_to_the_database_is_no_other_database(engine, tmp_path):
    (tmp_path / "link.db").symlink_to(tmp_path / "test.db")
    other = open_engine(f"sqlite:///{tmp_path}/link.db")
    first, second = Ownership(engine, "gear"), Ownership(other, "gear")
    first.take()

    with pytest.raises(CrawlBusy):
        second.take()

    first.give_back()
    other.dispose()


def test_another_crawl_of_the_same_file_is_free(engine):
    first, second = Ownership(engine, "gear"), Ownership(engine, "bear")

    first.take()
    second.take()

    first.give_back()
    second.give_back()


def test_a_killed_owner_blocks_nobody(engine, database_url):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, database_url], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    mine = Ownership(engine, "gear")
    with pytest.raises(CrawlBusy, match="another process"):
        mine.take()

    holder.send_signal(signal.SIGKILL)
    holder.wait(10)
    holder.stdout.close()

    mine.take()
    mine.give_back()


def test_a_lock_file_that_was_left_behind_blocks_nobody(engine, tmp_path):
    lock_path(tmp_path / "test.db", "gear").write_text(str(os.getpid()))

    ownership = Ownership(engine, "gear")
    ownership.take()

    ownership.give_back()


def test_the_lock_file_is_private_and_beside_the_database(engine, tmp_path):
    before = os.umask(0)
    ownership = Ownership(engine, "gear")
    ownership.take()
    os.umask(before)

    assert stat.S_IMODE((tmp_path / "test.db.gear.lock").stat().st_mode) == 0o600
    ownership.give_back()


def test_a_folder_that_takes_no_lock_is_named(engine, tmp_path):
    lock_path(tmp_path / "test.db", "gear").mkdir()

    with pytest.raises(StorageProblem, match=r"lock .*test\.db\.gear\.lock cannot be made"):
        Ownership(engine, "gear").take()


def test_a_server_needs_no_owner():
    engine = open_engine("postgresql://amber@nowhere.invalid/things")
    first, second = Ownership(engine, "gear"), Ownership(engine, "gear")

    first.take()
    second.take()

    first.give_back()


def test_a_process_describes_itself():
    assert str(os.getpid()) in describe_self()
