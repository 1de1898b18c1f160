"""The gateway's process as a test sees it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.crawling import PATIENCE

PASSWORD = "p4ss/word+of=the%proxies"
"""Has characters that base64 and percent-encoding change."""


class RunningGateway:
    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    @property
    def state(self) -> dict[str, Any]:
        return self._ask("/_seen")

    @property
    def seen(self) -> list[dict[str, Any]]:
        """Each request for a tunnel, in order."""
        return list(self.state["seen"])

    @property
    def open(self) -> int:
        """Connections that clients have open; this question is none of them."""
        return int(self.state["open"]) - 1

    def outcomes(self) -> Counter[str]:
        return Counter(entry["outcome"] for entry in self.seen)

    def users(self) -> Counter[str]:
        """How often each session was used."""
        return Counter(entry["user"] for entry in self.seen)

    def set(self, **faults: str) -> None:
        """A fault for a user name, or with ``all`` for everybody; empty ends it."""
        self._ask("/_set?" + urllib.parse.urlencode(faults))

    def url(self, user: str, password: str = PASSWORD) -> str:
        quoted = urllib.parse.quote(password, safe="")
        return f"http://{user}:{quoted}@127.0.0.1:{self.port}"

    def _ask(self, path: str) -> dict[str, Any]:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE
        ) as answer:
            return dict(json.load(answer))


@contextmanager
def gateway(**config: Any) -> Iterator[RunningGateway]:
    """A gateway for as long as the block lasts."""
    command = [sys.executable, str(Path(__file__).with_name("gateway.py"))]
    process = subprocess.Popen(
        [*command, json.dumps({"password": PASSWORD} | config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield RunningGateway(process, int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait(PATIENCE)
        process.stdin.close()
        process.stdout.close()
