"""Token and password are nowhere that Scrapyd, or anybody who looks at processes, could show them."""

from __future__ import annotations

from faults.secret_forms import forms

from daemon.running import PASSWORD, TOKEN, Daemon, command_lines, job_id, until
from tvspiders.sandbox.running import RunningSandbox

PAGES = ("listjobs.json?project=tvspiders", "jobs", "", "daemonstatus.json", "logs/tvspiders/things/")


def found(text: str) -> list[bytes]:
    """Secrets in any form; the two that are tried have characters that every encoding changes."""
    data = text.encode("utf-8", "surrogateescape")
    return [form for secret in (TOKEN, PASSWORD) for form in forms(secret) if form in data]


def test_no_secret_is_shown_or_written(daemon: Daemon, sandbox: RunningSandbox) -> None:
    sandbox.front.faults.set("500", 0.05)
    refused = [
        daemon.scrapy("schedule", "things", "-a", f"token={TOKEN}"),
        daemon.scrapy("schedule", "things", "-a", f"query={PASSWORD}"),
        daemon.scrapy("schedule", "things", "-a", "query=x", "-s", f"THINGIVERSE_TOKEN={TOKEN}"),
    ]
    wrong = daemon.scrapy("jobs", SCRAPYD_USERNAME="somebody-else")
    job = job_id(
        daemon.schedule("things", "-a", "query=box", "-s", "TV_QUOTA=20/1s", "-s", "LOG_LEVEL=DEBUG")
    )
    until(lambda: sandbox.counters["requests"] >= 20, "twenty requests")
    running = [*command_lines(daemon.processes())]
    shown = {path: daemon.fetch(path) for path in PAGES}
    table = daemon.scrapy("jobs")
    daemon.ask("cancel.json", project="tvspiders", job=job)
    daemon.ended(job)
    daemon.stop()

    assert [done.returncode for done in refused] == [2, 2, 2]
    assert any("scrapyd.runner" in line for line in running)
    for line in running:
        assert found(line) == []
    for path, text in shown.items():
        assert found(text) == [], path
    for done in (*refused, wrong, table):
        assert found(done.stdout + done.stderr) == []
    written = [
        path for path in daemon.folder.rglob("*") if path.is_file() and daemon.home not in path.parents
    ]
    assert daemon.log in written
    assert daemon.run / "dbs" / "tvspiders.db" in written
    assert daemon.run / "logs" / "tvspiders" / "things" / f"{job}.log" in written
    for path in written:
        assert found(path.read_bytes().decode("utf-8", "surrogateescape")) == [], path


def test_the_shipped_configuration_listens_on_this_computer_only_and_asks_for_a_password(
    daemon: Daemon,
) -> None:
    listening = [
        connection.laddr.ip
        for process in daemon.processes()
        for connection in process.net_connections()
        if connection.status == "LISTEN"
    ]

    assert listening == ["127.0.0.1"]
    assert "Basic authentication enabled" in daemon.log.read_text()
    assert (daemon.home / ".scrapyd.conf").stat().st_mode & 0o777 == 0o600
