"""Fixtures that tests of the core and of the extras share: commands in a folder, and half a crawler."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.crawler import FakeCrawler
from tests.support.shell import APP_TOKEN, FAST, Ended, Shell
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running


@pytest.fixture(scope="session")
def serving() -> Iterator[RunningSandbox]:
    with running(SandboxConfig(things=1000, app_tokens=frozenset({APP_TOKEN}))) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(serving: RunningSandbox) -> RunningSandbox:
    """A small catalogue, with counters at nothing."""
    serving.reset()
    return serving


@pytest.fixture
def shell(warm: None, sandbox: RunningSandbox, tmp_path: Path) -> Shell:
    return Shell(tmp_path, sandbox)


@pytest.fixture(scope="session")
def finished(
    warm: None, serving: RunningSandbox, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Ended, Path]:
    """A complete crawl of the planters, and its folder: to be copied, not to be changed."""
    folder = tmp_path_factory.mktemp("finished")
    shell = Shell(folder, serving)
    return shell("crawl", "things", "-a", "query=planters", "-O", "things.jsonl", *FAST), folder


@pytest.fixture
def crawled(shell: Shell, finished: tuple[Ended, Path]) -> Shell:
    """A shell in a copy of that folder."""
    for name in ("thingiverse.db", "things.jsonl"):
        shutil.copy(finished[1] / name, shell.folder)
    return shell


@pytest.fixture
def crawler(monkeypatch: pytest.MonkeyPatch) -> type[FakeCrawler]:
    """Makes a crawler from settings; two tokens are in the environment."""
    monkeypatch.setenv("THINGIVERSE_TOKEN", "first-token-1111 second-token-2222")
    return FakeCrawler
