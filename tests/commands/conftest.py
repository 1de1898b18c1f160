from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.shell import Launcher, Shell
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    launcher = Launcher()
    yield launcher
    launcher.stop()


@pytest.fixture(scope="session")
def serving() -> Iterator[RunningSandbox]:
    with running(SandboxConfig(things=1000)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(serving: RunningSandbox) -> RunningSandbox:
    """A small catalogue, with counters at nothing."""
    serving.reset()
    return serving


@pytest.fixture
def shell(launcher: Launcher, sandbox: RunningSandbox, tmp_path: Path) -> Shell:
    return Shell(launcher, tmp_path, sandbox)
