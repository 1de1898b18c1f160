from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from commands.shell import Launcher

from conformance.worlds import Worlds
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
def worlds(launcher: Launcher, serving: RunningSandbox, tmp_path: Path) -> Worlds:
    serving.reset()
    return Worlds(launcher, serving, tmp_path)
