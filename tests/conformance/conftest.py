from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.worlds import Seen, Worlds
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running


@pytest.fixture(scope="session")
def serving() -> Iterator[RunningSandbox]:
    with running(SandboxConfig(things=1000)) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def known() -> dict[str, Seen]:
    """Runs under stock Scrapy, by the name of their case."""
    return {}


@pytest.fixture
def worlds(warm: None, serving: RunningSandbox, tmp_path: Path, known: dict[str, Seen]) -> Worlds:
    serving.reset()
    return Worlds(serving, tmp_path, known)
