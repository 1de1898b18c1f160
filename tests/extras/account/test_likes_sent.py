"""Rows of likes: the intention first, then the outcome, one row for each account and thing."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import func, select

from tvspiders.errors import StorageProblem
from tvspiders.extras.account import likes_sent as module
from tvspiders.extras.account.likes_sent import LikesSent, SentLike
from tvspiders.storage.database import engine as engine_module
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.tables import likes_sent

EARLY, LATE = "2026-11-21T10:00:00+00:00", "2026-11-21T10:00:01+00:00"


@pytest.fixture
def mine(engine):
    return LikesSent(engine, 7, "amber")


def rows(engine):
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(likes_sent)).scalar_one()


def test_what_is_intended_is_open_until_it_is_settled(mine):
    mine.intend(763622, "like", EARLY)

    assert mine.find(763622) == SentLike("like", "sending", 1, EARLY, None, None, None)
    assert mine.find(763622).is_open

    mine.settle(763622, "like", "done", LATE, 200, "")

    assert mine.find(763622) == SentLike("like", "done", 1, EARLY, LATE, 200, "")
    assert not mine.find(763622).is_open


def test_nothing_was_sent_for_another_thing_or_by_another_account(engine, mine):
    mine.intend(763622, "like", EARLY)

    assert mine.find(2) is None
    assert LikesSent(engine, 8, "bert").find(763622) is None


def test_a_repetition_is_counted_in_the_same_row(engine, mine):
    for at in (EARLY, LATE):
        mine.intend(763622, "like", at)

    assert mine.find(763622) == SentLike("like", "sending", 2, LATE, None, None, None)
    assert rows(engine) == 1


def test_the_opposite_begins_to_count_anew(engine, mine):
    mine.intend(763622, "like", EARLY)
    mine.settle(763622, "like", "done", EARLY, 200, "")

    mine.intend(763622, "unlike", LATE)

    assert mine.find(763622) == SentLike("unlike", "sending", 1, LATE, None, None, None)
    assert rows(engine) == 1


def test_settling_what_was_never_intended_writes_nothing(engine, mine):
    mine.settle(763622, "like", "done", LATE, 200, "")

    assert rows(engine) == 0


def test_a_locked_database_is_waited_for_and_then_named(sqlite_template, tmp_path, monkeypatch):
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.01)
    monkeypatch.setattr(module, "PATIENCE", 3)
    path = tmp_path / "likes.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{path}")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    with pytest.raises(StorageProblem, match="locked"):
        LikesSent(engine, 7, "amber").intend(1, "like", EARLY)

    holder.close()
    LikesSent(engine, 7, "amber").intend(1, "like", EARLY)
    assert rows(engine) == 1
    engine.dispose()
