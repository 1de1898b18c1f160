"""What protects a Scrapyd, and secrets that were given to the wrong place."""

from __future__ import annotations

from tests.daemon.running import PASSWORD, TOKEN, Daemon
from tests.support.secret_forms import forms


def found(text: str) -> list[bytes]:
    """Secrets in any form; the two that are tried have characters that every encoding changes."""
    data = text.encode("utf-8", "surrogateescape")
    return [form for secret in (TOKEN, PASSWORD) for form in forms(secret) if form in data]


def test_a_secret_given_where_none_belongs_is_refused_and_not_shown(idle_daemon: Daemon) -> None:
    daemon = idle_daemon
    refused = [
        daemon.scrapy("schedule", "things", "-a", f"token={TOKEN}"),
        daemon.scrapy("schedule", "things", "-a", f"query={PASSWORD}"),
        daemon.scrapy("schedule", "things", "-a", "query=x", "-s", f"THINGIVERSE_TOKEN={TOKEN}"),
    ]
    wrong = daemon.scrapy("jobs", SCRAPYD_USERNAME="somebody-else")

    assert [done.returncode for done in refused] == [2, 2, 2]
    for done in (*refused, wrong):
        assert found(done.stdout + done.stderr) == []
    assert found(daemon.log.read_text()) == []


def test_the_shipped_configuration_listens_on_this_computer_only_and_asks_for_a_password(
    idle_daemon: Daemon,
) -> None:
    daemon = idle_daemon
    listening = [
        connection.laddr.ip
        for process in daemon.processes()
        for connection in process.net_connections()
        if connection.status == "LISTEN"
    ]

    assert listening == ["127.0.0.1"]
    assert "Basic authentication enabled" in daemon.log.read_text()
    assert (daemon.home / ".scrapyd.conf").stat().st_mode & 0o777 == 0o600
