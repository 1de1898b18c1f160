"""A command that cannot work says so in one line, at once, and does nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sqlite3
import sys
from contextlib import closing

import pytest

from tests.support.shell import TOKEN

USAGE, FAILED = 2, 1
THINGS = ("things", "-a", "query=planters")


def assert_refused(shell, ended, code, *said):
    assert ended.err.count("\n") == 1, ended.err
    assert ended.err.startswith("tvspiders: ")
    for words in said:
        assert words in ended.err
    assert (ended.code, ended.out) == (code, "")
    assert ended.seconds < 15  # half of what a question to a host that is silent would take
    assert shell.sandbox.counters["requests"] == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", ["name one spider", "scrapy list"]),
        ("things users", ["name one spider"]),
        (
            "thing -a query=x",
            ["no spider 'thing'", "categories, collections, listings, pages, refresh, remixes"],
        ),
        ("things", ["'query' is missing", "accepted arguments: "]),
        ("things -a qury=x", ["unknown argument 'qury'", "query"]),
        ("things -a query", ["Invalid -a value", "NAME=VALUE"]),
        ("things -a query=", ["query=''", "at least 1 character"]),
        ("things -a query=x -a pages=0", ["pages='0'", "greater than or equal to 1"]),
        ("things -a query=x -a pages=1_0", ["pages='1_0'", "a whole number in digits"]),
        (
            "things -a query=x -a details=perhaps",
            ["details='perhaps': input should be true or false, or 'changed';"],
        ),
        ("things -a query=x -a images=perhaps", ["images='perhaps': input should be true or false;"]),
        ("things -a query=x -a sort=upwards", ["sort='upwards'", "'newest'"]),
        ("things -a query=x -a license=mine", ["license='mine'", "'cc-sa'"]),
        ("things -a query=x -a max_requests=0", ["max_requests='0'"]),
        ("things -a query=x -a details=false -a files=true", ["files=true needs details=true"]),
        ("users", ["username=... or file=..."]),
        ("users -a username=x -a include=hats", ["include='hats'", "'makes'"]),
        ("users -a file=no-such-file", ["no-such-file", "cannot be read"]),
        ("remixes -a thing=hat", ["'hat' is no thing", "thing:763622"]),
        ("remixes -a thing=2 -a depth=-1", ["depth='-1'", "or all"]),
        ("remixes -a thing=2 -a direction=up", ["direction='up'", "'children'"]),
        (
            "tags -a tag=https://www.thingiverse.com/search?q=planter&type=things",
            ["search?q=planter", "a tag is accepted"],
        ),
        ("things -a query=x --nonsense", ["no option --nonsense"]),
        ("things -a query=x -o a.jsonl -O b.jsonl", ["only one of -o/--output and -O"]),
        ("things -a query=x -O feed.hat", ["output format 'hat'", "jsonl"]),
        ("things -a query=x -s TV_QUOTA", ["Invalid -s value", "NAME=VALUE"]),
        ("things -a query=x -L LOUD", ["log level 'LOUD'", "DEBUG, INFO"]),
    ],
)
def test_a_wrong_command_line_is_refused(shell, line, said):
    ended = shell("crawl", *line.split())

    assert_refused(shell, ended, USAGE, *said)
    assert not shell.database.exists()


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("TV_QUOTA=plenty", "300/5m"),
        ("TV_QUOTA=0/5m", "at least 1 request"),
        ("TV_QUOTA_SPREAD=perhaps", "True or False"),
        ("TV_QUOTA_SHARED=perhaps", "True or False"),
        ("TV_MAX_ATTEMPTS=0", "a whole number from 1"),
        ("TV_RETRY_BASE=-1", "a number from 0"),
        ("TV_RETRY_CAP=nan", "a number from 0"),
        ("TV_BLOCK_PAUSE=-1", "a number from 0"),
        ("TV_BLOCK_LIMIT=1.5", "a whole number from 0"),
        ("TV_LEASE_BATCH=0", "a whole number from 1"),
        ("TV_LEASE_SECONDS=0", "a number from 0.1"),
        ("TV_CLOSE_SECONDS=soon", "a number from 0"),
        ("TV_DEDUPE_SIZE=many", "a whole number from 0"),
        ("TV_KEEP_ANSWERS=inf", "a number of days"),
        ("TV_PROGRESS=loud", "auto, terminal, log, off"),
        ("TV_PROGRESS_SECONDS=0", "a number from 0.1"),
        ("TV_PROXY_MODE=random", "off, rotate, sticky"),
        ("TV_PROXY_COUNTRY=usa", "like us,de"),
        ("TV_PROXY_FALLBACK=hope", "stop, direct"),
        ("TV_PROXY_LIFETIME=-1", "a number from 0"),
        ("TV_PROXY_SESSIONS=0", "a whole number from 1"),
        ("TV_PROXY_REST=0", "a number from 0.1"),
        ("TV_PROXY_PATIENCE=soon", "a number from 0"),
        ("TV_PAGE_WAIT=31", "a number from 0.1 to 30"),
        ("HTTPPROXY_ENABLED=True", "THINGIVERSE_PROXY"),
        ("TV_PROGRES=log", "did you mean TV_PROGRESS?"),
        ("TV_XYZZY=1", "there are: TV_"),
    ],
)
def test_a_wrong_setting_is_refused(shell, assignment, said):
    ended = shell("crawl", *THINGS, "-s", assignment)

    name, _, value = assignment.partition("=")
    assert_refused(shell, ended, USAGE, name if name != "TV_QUOTA" else repr(value), said)
    assert not shell.database.exists()


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (("-a", f"token={TOKEN}"), "token"),
        (("-a", f"password={TOKEN}"), "password"),
        (("-a", f"proxy={TOKEN}"), "proxy"),
        (("-s", f"THINGIVERSE_TOKEN={TOKEN}"), "THINGIVERSE_TOKEN"),
        (("-s", f"THINGIVERSE_CLIENT_SECRET={TOKEN}"), "THINGIVERSE_CLIENT_SECRET"),
        (("-s", f"THINGIVERSE_PROXY={TOKEN}"), "THINGIVERSE_PROXY"),
        (("-s", f"DATABASE_URL=postgresql://somebody:{TOKEN}@127.0.0.1/d"), "DATABASE_URL"),
    ],
)
@pytest.mark.parametrize("command", ["crawl", "plan"])
def test_a_secret_on_the_command_line_is_refused_and_not_repeated(shell, command, options, name):
    ended = shell(command, *THINGS, *options)

    assert_refused(shell, ended, USAGE, name, "environment")
    assert TOKEN not in ended.err


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"THINGIVERSE_TOKEN": None}, ["no token", "THINGIVERSE_TOKEN", "https://"]),
        ({"THINGIVERSE_TOKEN": " , "}, ["no token"]),
        (
            {"THINGIVERSE_TOKEN": None, "THINGIVERSE_TOKEN_FILE": "no-file"},
            ["THINGIVERSE_TOKEN_FILE", "cannot be read"],
        ),
        (
            {"THINGIVERSE_API_URL": "http://api.thingiverse.com"},
            ["http://api.thingiverse.com", "https://HOST"],
        ),
        ({"THINGIVERSE_API_URL": "http://127.0.0.1.example.org"}, ["not accepted"]),
        ({"THINGIVERSE_API_URL": "http://[::1"}, ["not a web address"]),
        ({"THINGIVERSE_API_URL": "https://me:pass-w0rd@api.thingiverse.com"}, ["user name or password"]),
        ({"THINGIVERSE_API_URL": "ftp://127.0.0.1"}, ["ftp://127.0.0.1"]),
        ({"THINGIVERSE_API_URL": "http://127.1:8080"}, ["http://127.1 is not accepted"]),
        ({"THINGIVERSE_API_URL": "http://127.0.0.1:8080/ä"}, ["not a web address"]),
        ({"THINGIVERSE_API_URL": "http://127.0.0.1:8080/#"}, ["not accepted"]),
        ({"THINGIVERSE_API_URL": "http://127.0.0.1:8080/?"}, ["not accepted"]),
        ({"THINGIVERSE_PROXY": "http://me:pass-w0rd@127.0.0.1:1"}, ["would read the token", "https://"]),
        ({"THINGIVERSE_PROXY": "socks5://me:pass-w0rd@127.0.0.1:1"}, ["socks5://", "not supported"]),
        ({"THINGIVERSE_PROXY_FILE": "no-file"}, ["THINGIVERSE_PROXY_FILE", "cannot be read"]),
        ({"DATABASE_URL": "nonsense"}, ["not a database URL", "sqlite:///FILE"]),
        ({"DATABASE_URL": "mysql://me:pass-w0rd@127.0.0.1/x"}, ["'mysql'", "postgresql://"]),
        ({"DATABASE_URL": "postgresql+asyncpg://me:pass-w0rd@127.0.0.1/x"}, ["asyncpg", "sqlite:///FILE"]),
        ({"DATABASE_URL": "postgresql://me:pass-w0rd@127.0.0.1:1/x"}, ["127.0.0.1", "refused"]),
        ({"DATABASE_URL": "postgresql://me:pass-w0rd@127.0.0.1:PORT/x"}, ["not a database URL"]),
        ({"DATABASE_URL": "postgresql://me:pass-w0rd@[::1/x"}, ["not a database URL", "sqlite:///FILE"]),
        ({"DATABASE_URL": "sqlite:///no/such/folder/x.db"}, ["no/such/folder/x.db", "make it first"]),
        ({"DATABASE_URL": "sqlite:///."}, ["is a folder", "name a file"]),
        ({"DATABASE_URL": "sqlite:////proc/x.db"}, ["/proc/x.db"]),
    ],
)
def test_an_environment_that_cannot_work_is_refused(shell, environment, said):
    ended = shell("crawl", *THINGS, **environment)

    assert_refused(shell, ended, FAILED, *said)
    assert "pass-w0rd" not in ended.err
    assert not shell.database.exists()


def test_an_api_that_does_not_listen_is_told(shell):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        ended = shell("crawl", *THINGS, THINGIVERSE_API_URL=f"http://127.0.0.1:{port}")

    assert_refused(shell, ended, FAILED, f"127.0.0.1:{port}", "refused", "THINGIVERSE_API_URL")


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        ("http://me:pass-w0rd@127.0.0.1:1", "the proxy at 127.0.0.1:1"),
        ("http://me-{session}:pass-w0rd@127.0.0.1:1", "the proxy at 127.0.0.1:1"),
        ("http://me:pass-w0rd@127.0.0.1:1 http://127.0.0.1:2", "every proxy, such as the one at 127.0.0.1:1"),
    ],
)
def test_a_proxy_that_does_not_listen_is_told_and_the_api_is_left_alone(shell, proxy, said):
    environment = {"THINGIVERSE_PROXY": proxy, "THINGIVERSE_API_URL": "https://127.0.0.1:3"}

    ended = shell("crawl", *THINGS, **environment)

    assert_refused(shell, ended, FAILED, said, "refused", "THINGIVERSE_PROXY")
    assert "pass-w0rd" not in ended.err
    assert "127.0.0.1:3" not in ended.err


def test_a_mode_without_a_proxy_is_told(shell):
    ended = shell("crawl", *THINGS, "-s", "TV_PROXY_MODE=sticky")

    assert_refused(shell, ended, FAILED, "TV_PROXY_MODE=sticky", "THINGIVERSE_PROXY")


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        ("/proc/feed.jsonl", ["/proc/feed.jsonl", "cannot be written"]),
        ("/proc/deeper/feed.jsonl", ["/proc/deeper/feed.jsonl", "cannot be written"]),
        ("folder.jsonl", ["folder.jsonl", "is a folder"]),
        ("scrapy.cfg/feed.jsonl", ["feed.jsonl", "cannot be written"]),
        ("hat://host/feed.jsonl", ["hat://host/feed.jsonl", "name a file"]),
    ],
)
def test_a_feed_that_cannot_be_written_is_refused(shell, feed, said):
    (shell.folder / "folder.jsonl").mkdir()

    ended = shell("crawl", *THINGS, "-O", feed)

    assert_refused(shell, ended, FAILED, *said)
    assert not shell.database.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_refused(shell):
    (shell.folder / "closed").mkdir(mode=0o500)

    ended = shell("crawl", *THINGS, "-O", "closed/feed.jsonl")

    assert_refused(shell, ended, FAILED, "closed/feed.jsonl", "cannot be written")


@pytest.mark.parametrize("option", ["--logfile", "--pidfile"])
def test_a_log_that_cannot_be_written_is_refused(shell, option):
    assert_refused(shell, shell("crawl", *THINGS, option, "/proc/x"), FAILED, "/proc/x", "cannot be written")


@pytest.mark.parametrize(
    "content",
    [b"this is no database, but a letter", b"SQLite format 3\x00" + b"\xff" * 4080],
    ids=["text", "damaged"],
)
@pytest.mark.parametrize("command", ["crawl things -a query=x", "audit", "export", "reparse"])
def test_a_damaged_database_is_refused_and_left_as_it_is(shell, content, command):
    shell.database.write_bytes(content)
    before = hashlib.sha256(content).digest()

    ended = shell(*command.split())

    assert_refused(shell, ended, FAILED, "database")
    assert hashlib.sha256(shell.database.read_bytes()).digest() == before


def test_a_database_with_tables_of_someone_else_is_refused(shell):
    with closing(sqlite3.connect(shell.database)) as connection, connection:
        connection.execute("CREATE TABLE things (hat TEXT)")

    assert_refused(shell, shell("crawl", *THINGS), FAILED, "foreign table 'things'", "DATABASE_URL")


def test_a_database_of_a_later_version_is_refused(shell):
    with closing(sqlite3.connect(shell.database)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")

    assert_refused(shell, shell("crawl", *THINGS), FAILED, "schema 9999", "upgrade tvspiders")


def test_nothing_stored_is_touched_by_a_wrong_command(shell):
    shell("crawl", *THINGS, "-a", "max_requests=2", "-O", "feed.jsonl")
    shell.sandbox.reset()
    before = [(path.name, path.read_bytes()) for path in sorted(shell.folder.glob("*.*"))]

    for wrong in (
        ("things", "-a", "qury=x"),
        (*THINGS, "-s", "TV_LEASE_BATCH=0"),
        (*THINGS, "-O", "/proc/feed.jsonl"),
    ):
        shell("crawl", *wrong)

    assert [(path.name, path.read_bytes()) for path in sorted(shell.folder.glob("*.*"))] == before
    assert shell.sandbox.counters["requests"] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="started as on a terminal")
def test_a_real_process_is_as_quick_and_as_quiet(shell):
    process = shell.process("crawl", "things", "-a", "qury=x")

    out, err = process.communicate(timeout=60)

    assert (process.returncode, out, err.count("\n")) == (2, "", 1)
    assert "unknown argument 'qury'" in err


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("TV_METRICS_DIR=nowhere", "nowhere is not a folder that can be written"),
        ("TV_METRICS_DIR=scrapy.cfg", "scrapy.cfg is not a folder that can be written"),
        ("TV_HEALTH_FILE=scrapy.cfg/health", "health file scrapy.cfg/health cannot be written"),
        ("TV_HEALTH_FILE=.", "health file . is a folder"),
        ("LOG_FILE=nowhere/x.log", "log nowhere/x.log cannot be written: the folder nowhere does not exist"),
    ],
)
def test_a_place_for_logs_and_monitors_that_cannot_be_written_is_refused(shell, assignment, said):
    ended = shell("crawl", *THINGS, "-s", assignment)

    assert_refused(shell, ended, FAILED, said)


def test_monitors_hear_of_a_crawl_that_was_refused(shell):
    shell("crawl", *THINGS, "-s", "TV_HEALTH_FILE=health.jsonl", "-a", "_job=j1", THINGIVERSE_TOKEN=None)

    said = json.loads((shell.folder / "health.jsonl").read_text())
    assert (said["verdict"], said["exit_code"], said["job"]) == ("failed", 1, "j1")
    assert "no token" in said["reason"]


def test_made_up_things_and_real_ones_are_not_mixed(shell):
    shell("crawl", *THINGS, "-a", "max_requests=1")
    asked = shell.sandbox.counters["requests"]

    ended = shell("crawl", *THINGS, THINGIVERSE_API_URL="https://api.thingiverse.com")

    assert ended.code == FAILED
    assert ended.err == (
        f"tvspiders: the database holds what {shell.sandbox.url} answered, and made-up things are not mixed "
        "with real ones; name another in DATABASE_URL\n"
    )
    with closing(sqlite3.connect(shell.database)) as connection, connection:
        connection.execute("UPDATE crawls SET api_url = 'https://api.thingiverse.com'")
    assert "what https://api.thingiverse.com answered" in shell("crawl", *THINGS).err
    assert shell.sandbox.counters["requests"] == asked
