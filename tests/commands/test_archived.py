"""Commands that read, on a copy in a folder where nothing can be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

READING = [("audit",), ("export",), ("report", "structure"), ("graph",), ("pages", "-o", "written")]
BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
"""Root obeys the modes of files when started like this."""


@pytest.fixture
def archived(crawled):
    """Makes the copy, and runs a command on it as somebody who cannot write there."""
    prefix = BOUND if os.geteuid() == 0 else []
    if prefix and shutil.which(prefix[0]) is None:
        pytest.skip("root can write everywhere, and there is no setpriv")
    folder = crawled.folder / "archive"
    folder.mkdir()

    def run(*parts):
        for part in parts:
            shutil.copy(f"{crawled.database}{part}", folder / f"x.db{part}")
            (folder / f"x.db{part}").chmod(0o400)
        folder.chmod(0o500)
        before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}

        def command(*argv):
            ended = subprocess.run(
                [*prefix, sys.executable, "-W", "error", "-m", "scrapy", *argv],
                cwd=crawled.folder,
                env=crawled.environment | {"DATABASE_URL": f"sqlite:///{folder / 'x.db'}"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == before
            return ended

        return command

    yield run
    folder.chmod(0o700)


def test_every_reading_command_reads_an_archived_copy(crawled, archived):
    with closing(sqlite3.connect(crawled.database)) as connection:
        connection.execute("PRAGMA journal_mode=wal")
    command = archived("")

    ended = [command(*argv) for argv in READING]

    assert [(one.returncode, one.stderr) for one in ended] == [(0, "")] * len(READING)
    assert "closes: every request is accounted for" in ended[0].stdout
    assert '"kind": "thing"' in ended[1].stdout


def test_a_log_that_was_copied_along_is_told_in_one_line(crawled, archived):
    with closing(sqlite3.connect(crawled.database)) as connection:
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("UPDATE crawls SET verdict = 'partial'")
        connection.commit()
        command = archived("", "-wal")

    ended = command("audit")

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert "x.db-wal beside it holds changes" in ended.stderr


def test_a_copy_that_may_not_be_read_is_told_in_one_line(crawled, archived):
    command = archived("")
    (crawled.folder / "archive" / "x.db").chmod(0)

    ended = command("audit")

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert "cannot be read (Permission denied)" in ended.stderr
