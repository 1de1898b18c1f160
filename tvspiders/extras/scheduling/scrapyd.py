"""Client of Scrapyd's web service."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TypeVar

import aiohttp

from tvspiders.errors import ConfigProblem, TvspidersError
from tvspiders.extras.scheduling.target import Target
from tvspiders.policies.security.redaction import mask_answer

T = TypeVar("T")
TIMEOUT = 60.0
"""Timeout of a request; the first one after a deploy makes Scrapyd start an interpreter."""
TAIL = 64 * 1024
"""Bytes of a log's end that hold the last lines of a crawl."""
PENDING, RUNNING, FINISHED = "pending", "running", "finished"


class ScrapydAway(TvspidersError):
    """Scrapyd cannot be reached, or the connection broke; a retry may help."""


class ScrapydRefused(TvspidersError):
    """Scrapyd refused the request."""


@dataclass(frozen=True)
class Listed:
    """A job as Scrapyd lists it; moments with zone, ``None`` where it says nothing."""

    id: str
    spider: str
    state: str
    started: datetime | None = None
    ended: datetime | None = None
    pid: int | None = None
    log: str | None = None
    """Path of its log on Scrapyd's web service, once there is one."""


class Scrapyd:
    """A connection to one Scrapyd; raises ``ScrapydAway``, ``ScrapydRefused`` or ``ConfigProblem``."""

    def __init__(self, target: Target) -> None:
        self.target = target
        socket = target.socket
        auth = aiohttp.encode_basic_auth(target.username, target.password) if target.username else None
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(socket) if socket else aiohttp.TCPConnector(),
            headers={"Authorization": auth} if auth else None,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
        )

    async def __aenter__(self) -> Scrapyd:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def jobs(self) -> list[Listed]:
        """Everything that is pending, running and finished, oldest first."""
        said = await self._ask("GET", "listjobs.json", params={"project": self.target.project})
        return [
            *reversed([_listed(job, FINISHED) for job in said.get("finished", ())]),
            *(_listed(job, RUNNING) for job in said.get("running", ())),
            *(_listed(job, PENDING) for job in said.get("pending", ())),
        ]

    async def schedule(
        self,
        spider: str,
        job: str,
        arguments: Mapping[str, str],
        settings: Mapping[str, str],
        priority: float = 0.0,
    ) -> None:
        """Put a job into the queue."""
        form = aiohttp.FormData()
        for name, value in arguments.items():
            form.add_field(name, value)
        for name, value in settings.items():
            form.add_field("setting", f"{name}={value}")
        for name, value in (("project", self.target.project), ("spider", spider), ("jobid", job)):
            form.add_field(name, value)
        form.add_field("priority", f"{priority:g}")
        await self._ask("POST", "schedule.json", data=form)

    async def log_end(self, path: str) -> str:
        """The last lines of a log; empty when it is gone."""
        path = path.lstrip("/")
        try:
            size, _ = await self._fetch("HEAD", path)
            # Twisted breaks over the last N bytes of a file that is shorter than N.
            start = {"Range": f"bytes={size - TAIL}-"} if size > TAIL else {}
            return (await self._fetch("GET", path, headers=start))[1]
        except ScrapydRefused:
            return ""

    async def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        _, text = await self._fetch(method, path, **options)
        try:
            said = json.loads(text)
        except ValueError:
            raise ConfigProblem(f"what answers at {self.target.url} is not Scrapyd") from None
        if not isinstance(said, dict) or "status" not in said:
            raise ConfigProblem(f"what answers at {self.target.url} is not Scrapyd")
        if said["status"] != "ok":
            raise ScrapydRefused(_why(str(said.get("message", "no reason given"))))
        return said

    async def _fetch(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """Length as its header says, and text."""
        try:
            async with self._session.request(
                method, self.target.base + path, allow_redirects=False, **options
            ) as answer:
                _, body = mask_answer((), await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise ScrapydAway(f"Scrapyd at {self.target.url} cannot be reached ({reason})") from None
        if answer.status in (401, 403):
            raise ConfigProblem(
                f"Scrapyd at {self.target.url} does not accept this user name and password; "
                "set SCRAPYD_USERNAME and SCRAPYD_PASSWORD"
            )
        if answer.status >= 500:
            raise ScrapydAway(f"Scrapyd at {self.target.url} is broken ({answer.status})")
        if answer.status >= 300:
            raise ScrapydRefused(f"Scrapyd at {self.target.url} answered {answer.status} to {path}")
        return answer.content_length or 0, body.decode("utf-8", "replace")


async def patiently(
    work: Callable[[], Awaitable[T]],
    patience: float,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """Retry for ``patience`` seconds while Scrapyd cannot be reached; then raises."""
    end, pause = clock() + patience, 0.5
    while True:
        try:
            return await work()
        except ScrapydAway:
            if clock() + pause > end:
                raise
        await sleep(pause)
        pause = min(10.0, 2 * pause)


def _listed(job: Mapping[str, Any], state: str) -> Listed:
    return Listed(
        str(job.get("id")),
        str(job.get("spider")),
        state,
        _moment(job.get("start_time")),
        _moment(job.get("end_time")),
        job.get("pid"),
        job.get("log_url"),
    )


def _moment(text: Any) -> datetime | None:
    """Scrapyd writes local time without a zone."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def _why(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    text = lines[-1] if lines else message
    if text.startswith("project") and text.endswith("not found"):
        return f"Scrapyd has no {text.removesuffix(' not found')}; deploy it first: scrapyd-deploy local"
    return f"Scrapyd refused: {text[:300]}"
