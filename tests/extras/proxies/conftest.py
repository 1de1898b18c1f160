"""A sandbox behind TLS, gateways in front of it, and crawls that go through them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.authority import Authority
from tests.support.crawling import Place
from tests.support.running_gateway import RunningGateway, gateway
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running


@pytest.fixture(autouse=True)
def forked(warm: None) -> None:
    """Crawls are forked from a warm interpreter."""


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def site(authority: Authority) -> tuple[Path, Path]:
    """Certificate and key of the sandbox."""
    return authority.sign()


@pytest.fixture(scope="module")
def serving(site: tuple[Path, Path]) -> Iterator[RunningSandbox]:
    certificate, key = map(str, site)
    with running(SandboxConfig(certfile=certificate, keyfile=key)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(serving: RunningSandbox) -> RunningSandbox:
    """Speaks https; its counters are at nothing."""
    serving.reset()
    return serving


@pytest.fixture
def new_gateway() -> Iterator[Callable[..., RunningGateway]]:
    """Starts proxies; none outlives the test."""
    with ExitStack() as stack:

        def start(**config: Any) -> RunningGateway:
            return stack.enter_context(gateway(**config))

        yield start


@pytest.fixture
def new_place(
    tmp_path: Path, sandbox: RunningSandbox, authority: Authority
) -> Iterator[Callable[..., Place]]:
    """Makes places in which crawls trust the sandbox's authority."""
    places: list[Place] = []

    def make(proxy: str, **environment: str) -> Place:
        given = {"THINGIVERSE_PROXY": proxy, "SSL_CERT_FILE": str(authority.root)} | environment
        places.append(Place(tmp_path / f"place-{len(places)}", sandbox.url, **given))
        return places[-1]

    yield make
    for place in places:
        place.clear()
