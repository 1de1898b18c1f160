"""Token, password and what a proxy is told are nowhere that Scrapyd, or a look at processes, could show."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.daemon import running as scrapyd
from tests.daemon.running import Daemon, command_lines, job_id, until
from tests.support.authority import Authority
from tests.support.gateway import FAULTS
from tests.support.running_gateway import PASSWORD, gateway
from tests.support.secret_forms import forms
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running
from tvspiders.storage.answer_codec import unpack

USER = "acme+robots@example"
TEMPLATE = f"{quote(USER, safe='')}-country-{{country}}-session-{{session}}"
OFTEN = dict.fromkeys(FAULTS, 0.06)
"""Share of the sessions with each of the faults."""
SETTINGS = {
    "LOG_LEVEL": "DEBUG",
    "TV_QUOTA": "100/1s",
    "TV_PROXY_COUNTRY": "us,de",
    "TV_PROXY_REST": 0.2,
    "TV_RETRY_BASE": 0.01,
    "DOWNLOAD_TIMEOUT": 1,
    "TV_MAX_ATTEMPTS": 1000,
}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def sandbox(authority: Authority) -> Iterator[RunningSandbox]:
    """Speaks https, and fails now and then itself."""
    certificate, key = map(str, authority.sign())
    with running(SandboxConfig(things=3000, certfile=certificate, keyfile=key)) as sandbox:
        sandbox.front.faults.set("html", 0.05)
        sandbox.front.faults.set("500", 0.05)
        yield sandbox


def found(data: str | bytes, users: Iterable[str]) -> list[bytes]:
    """Credentials in any form; each has characters that every encoding changes."""
    raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    told = [scrapyd.TOKEN, scrapyd.PASSWORD, PASSWORD, USER, *users]
    told += [f"{user}:{PASSWORD}" for user in (USER, *users)]
    return [form for secret in told for form in forms(secret) if form in raw]


def written_by(daemon: Daemon) -> dict[str, bytes]:
    """All files of Scrapyd and of its jobs but its password's, and the stored answers unpacked."""
    files = {
        str(path.relative_to(daemon.folder)): path.read_bytes()
        for path in daemon.folder.rglob("*")
        if path.is_file() and not {daemon.project, daemon.home} & {*path.parents}
    }
    connection = sqlite3.connect(daemon.database)
    answers = connection.execute("SELECT id, codec, body FROM answers WHERE body IS NOT NULL").fetchall()
    connection.close()
    return files | {f"answer {number}": unpack(codec, body) for number, codec, body in answers}


def test_no_credential_is_shown_or_written_by_scrapyd(
    new_daemon: Callable[..., Daemon], egg: Path, authority: Authority, sandbox: RunningSandbox
) -> None:
    sandbox.hold(after=60)  # so the crawl tries session after session, and comes to no end
    with gateway(shares=OFTEN) as proxy:
        daemon = new_daemon(egg, THINGIVERSE_PROXY=proxy.url(TEMPLATE), SSL_CERT_FILE=str(authority.root))
        given = [part for name, value in SETTINGS.items() for part in ("-s", f"{name}={value}")]
        job = job_id(daemon.schedule("things", "-a", "query=box", *given))
        feed = daemon.run / "items" / "tvspiders" / "things" / f"{job}.jl"
        until(lambda: {*FAULTS, "served"} <= set(proxy.outcomes()), "a session with each fault")
        until(lambda: feed.exists() and feed.stat().st_size, "an item")
        running = [*command_lines(daemon.processes())]
        proxy.set(all="echo")
        until(lambda: proxy.seen[-1]["outcome"] == "echo", "nothing but refusals")
        pages = ("", "jobs", "daemonstatus.json", "listjobs.json?project=tvspiders")
        folders = [f"{kind}/tvspiders/things/" for kind in ("logs", "items")]
        shown = {path: daemon.fetch(path) for path in (*pages, *folders, f"{folders[0]}{job}.log")}
        table = daemon.scrapy("jobs")
        daemon.ask("cancel.json", project="tvspiders", job=job)
        daemon.ended(job)
        users = {entry["user"] for entry in proxy.seen}
    daemon.stop()

    some = sorted(users)[:20]
    assert all(user.startswith(f"{USER}-country-") for user in users)
    assert any("scrapyd.runner" in line and job in line for line in running)
    for line in running:
        assert found(line, some) == []
    assert found(table.stdout + table.stderr, some) == []
    assert job in table.stdout
    assert job in shown["jobs"]
    assert "DEBUG" in shown[f"{folders[0]}{job}.log"]
    for path, text in shown.items():
        assert found(text, some) == [], path
    written = written_by(daemon)
    log = f"run/logs/tvspiders/things/{job}.log"
    feeds = str(feed.relative_to(daemon.folder))
    assert {"scrapyd.log", "run/things.db", "run/dbs/tvspiders.db", log, feeds} <= written.keys()
    assert any(name.startswith("answer") for name in written)
    for name, data in written.items():
        assert found(data, some) == [], name
