"""Files that commands write are their user's alone, whatever the umask says and somebody else has planted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.shell import FAST

NAMES = ("out", "out.part", ".out.part", ".out")


def run(shell, umask, *argv):
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *argv],
        cwd=shell.folder,
        env=shell.environment,
        capture_output=True,
        text=True,
        umask=umask,
    )


def modes(*paths: Path):
    return {path.name: oct(path.stat().st_mode & 0o777) for path in paths}


@pytest.mark.parametrize("umask", [0, 0o022])
def test_a_crawl_writes_for_its_user_alone(shell, umask):
    (shell.folder / "metrics").mkdir()
    files = ("-s", "TV_HEALTH_FILE=a/health", "-s", "TV_METRICS_DIR=metrics", "-s", "LOG_FILE=log")
    files = (*files, "--pidfile", "pid", "--profile", "profile")

    ended = run(shell, umask, "crawl", "things", "-a", "query=planters", *FAST, *files, "-O", "b/feed.jsonl")

    assert ended.returncode == 0, ended.stderr
    private = [shell.folder / name for name in ("a/health", "b/feed.jsonl", "log", "pid", "profile")]
    assert set(modes(*private, shell.database).values()) == {"0o600"}
    assert set(modes(*(shell.folder / "metrics").iterdir()).values()) == {"0o644"}
    assert [
        path for path in shell.folder.rglob("*") if path.stat().st_mode & 0o022 and path.name != "metrics"
    ] == []


@pytest.mark.parametrize("command", ["list", "check"])
def test_scrapys_own_commands_write_for_their_user_alone(shell, command):
    files = ("--pidfile", "pid", "--profile", "profile", "--logfile", "log")

    ended = run(shell, 0, command, *files)

    assert ended.returncode == 0, ended.stderr
    written = {"pid", "profile"} if command == "list" else {"pid", "profile", "log"}
    found = {path.name for path in shell.folder.iterdir()} & {"pid", "profile", "log"}
    assert modes(*(shell.folder / name for name in found)) == dict.fromkeys(written, "0o600")


@pytest.mark.parametrize("what", ["TV_HEALTH_FILE=out", "LOG_FILE=out", "-O", "--pidfile", "--profile"])
def test_a_crawl_writes_through_no_link(shell, what):
    victim = shell.folder / "victim"
    victim.write_text("precious\n")
    (shell.folder / "out").symlink_to(victim)
    wish = {"-O": ("-O", "out:jsonl")}.get(what, (what, "out") if what.startswith("--") else ("-s", what))

    ended = shell("crawl", "things", "-a", "query=planters", *FAST, *wish)

    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "it is a link; name the file that it leads to" in ended.err
    assert shell.sandbox.counters["requests"] == 0
    assert victim.read_text() == "precious\n"


@pytest.mark.parametrize(
    "line", ["export -o out", "report -o out", "graph --format json -o out", "pages -o out"]
)
def test_documents_are_private_and_change_nothing_elsewhere(crawled, line):
    crawled.change(
        "INSERT INTO page_snapshots (thing_id, taken_at, outcome, codec, html, png) "
        "VALUES (7, '2026-11-21T10:00:00+00:00', 'stored', 'none', x'70', x'00')"
    )
    shared, victim = crawled.folder / "shared", crawled.folder / "victim"
    place = shared / "out" / "7" if line.startswith("pages") else shared
    place.mkdir(parents=True)
    shared.chmod(0o777)
    victim.write_text("precious\n")
    stems = ("2026-11-21T100000Z.html", "2026-11-21T100000Z.html.part") if place != shared else NAMES
    for name in stems:
        (place / name).symlink_to(victim)

    ended = run(crawled, 0, *line.replace(" out", f" {shared}/out").split())

    assert ended.returncode == 0, ended.stderr
    assert victim.read_text() == "precious\n"
    written = [path for path in place.iterdir() if not path.is_symlink()]
    assert len(written) == (3 if place != shared else 1)
    assert set(modes(*written).values()) == {"0o600"}
