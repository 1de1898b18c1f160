from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.daemon.running import Daemon
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running


@pytest.fixture(autouse=True)
def forked(warm: None) -> None:
    """The commands at the desk are forked from a warm interpreter."""


@pytest.fixture(scope="session")
def serving() -> Iterator[RunningSandbox]:
    with running(SandboxConfig(things=3000)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(serving: RunningSandbox) -> RunningSandbox:
    """One for all tests, with counters at zero."""
    serving.reset()
    return serving


@pytest.fixture(scope="session")
def egg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``scrapyd-deploy`` builds."""
    pytest.importorskip("scrapyd", reason="Scrapyd is not installed")
    pytest.importorskip("scrapyd_client", reason="scrapyd-client is not installed")
    return Daemon(tmp_path_factory.mktemp("egg") / "daemon", "http://127.0.0.1:1").build()


@pytest.fixture
def new_daemon(tmp_path: Path, sandbox: RunningSandbox) -> Iterator[Callable[..., Daemon]]:
    """Starts daemons; nothing that they started outlives the test."""
    daemons: list[Daemon] = []

    def make(egg: Path | None = None, database_url: str | None = None, **environment: str) -> Daemon:
        daemons.append(Daemon(tmp_path / f"daemon-{len(daemons)}", sandbox.url, database_url))
        daemons[-1].environment |= environment
        if egg is not None:
            daemons[-1].give(egg)
        daemons[-1].start()
        return daemons[-1]

    yield make
    for daemon in daemons:
        daemon.stop()


@pytest.fixture
def daemon(new_daemon: Callable[..., Daemon], egg: Path) -> Daemon:
    """A Scrapyd with our project on it."""
    return new_daemon(egg)


@pytest.fixture(scope="session")
def idle_daemon(warm: None, egg: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One for all tests that neither start a job on it nor stop it."""
    daemon = Daemon(tmp_path_factory.mktemp("idle") / "daemon", "http://127.0.0.1:1")
    daemon.give(egg)
    daemon.start()
    yield daemon
    daemon.stop()
