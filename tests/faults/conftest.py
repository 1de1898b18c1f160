"""A sandbox in the test's process, and places in which real crawls are run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.server import Server
from tests.support.crawling import Place
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running


@pytest.fixture(autouse=True)
def forked(warm: None) -> None:
    """Crawls are forked from a warm interpreter."""


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running(SandboxConfig(latency=5, jitter=10)) as sandbox:
        yield sandbox


@pytest.fixture
def new_place(tmp_path: Path, sandbox: RunningSandbox) -> Iterator[Callable[..., Place]]:
    """Makes places; none of their processes outlives the test."""
    places: list[Place] = []

    def make(database: str | None = None, folder: Path | None = None, **environment: str) -> Place:
        folder = folder or tmp_path / f"place-{len(places)}"
        places.append(Place(folder, sandbox.url, database, **environment))
        return places[-1]

    yield make
    for place in places:
        place.clear()


@pytest.fixture
def place(new_place: Callable[..., Place]) -> Place:
    return new_place()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL server of the test's own, to be crashed and frozen."""
    yield from started_server()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A PostgreSQL server that is lost in the test."""
    yield from started_server()


def started_server() -> Iterator[Server]:
    """Started, and closed afterwards; skips the test where none can be started."""
    try:
        server = Server()
    except Exception as error:
        pytest.skip(f"no PostgreSQL server can be started here: {type(error).__name__}: {error}")
    yield server
    server.close()


@pytest.fixture
def server_url(server: Server) -> Iterator[str]:
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 900 KB; a running crawl needs more."""
    path = tmp_path / "disk"
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=900k,mode=700", "tmpfs", str(path)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a disk can only be mounted by root")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)
