"""What Scrapyd says, and what is said to a person when it says nothing good."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from tvspiders.errors import ConfigProblem, TvspidersError
from tvspiders.extras.scheduling.scrapyd import TAIL, Scrapyd, ScrapydAway, ScrapydRefused, patiently
from tvspiders.extras.scheduling.target import Target

LISTED = {
    "status": "ok",
    "pending": [{"id": "c", "spider": "users", "args": {}}],
    "running": [{"id": "b", "spider": "things", "pid": 7, "start_time": "2026-11-21 10:00:00.5"}],
    "finished": [
        {
            "id": "a2",
            "spider": "things",
            "start_time": "2026-11-21 09:00:00",
            "end_time": "2026-11-21 09:30:00",
            "log_url": "/logs/tvspiders/things/a2.log",
        },
        {"id": "a1", "spider": "things", "start_time": None, "end_time": "x"},
    ],
}


def talk(answer: Callable[[web.Request], Any], work: Callable[[Scrapyd], Any], **target: str) -> Any:
    """Work with a server on this computer that gives these answers."""

    async def respond(request: web.Request) -> web.StreamResponse:
        said = answer(request)
        if asyncio.iscoroutine(said):
            said = await said
        return said if isinstance(said, web.StreamResponse) else web.json_response(said)

    async def run() -> Any:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", respond)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        try:
            async with Scrapyd(Target(f"http://127.0.0.1:{port}", "tvspiders", **target)) as scrapyd:
                return await work(scrapyd)
        finally:
            await runner.cleanup()

    return asyncio.run(run())


def test_jobs_are_listed_oldest_first_with_moments_that_have_a_zone():
    jobs = talk(lambda request: LISTED, lambda scrapyd: scrapyd.jobs())

    assert [(job.id, job.state) for job in jobs] == [
        ("a1", "finished"),
        ("a2", "finished"),
        ("b", "running"),
        ("c", "pending"),
    ]
    assert jobs[1].ended == datetime(2026, 11, 21, 9, 30).astimezone(UTC)
    assert (jobs[0].started, jobs[0].ended, jobs[2].pid) == (None, None, 7)


def test_a_job_is_sent_with_all_that_belongs_to_it():
    sent = {}

    async def keep(request: web.Request) -> dict[str, str]:
        form = await request.post()
        sent.update({name: form.getall(name) for name in form})
        sent["auth"] = b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        return {"status": "ok", "jobid": "j"}

    talk(
        keep,
        lambda scrapyd: scrapyd.schedule("things", "j", {"query": "ö&="}, {"A": "1", "B": "x=y"}, 2),
        username="op",
        password="pässword",
    )

    assert sent.pop("auth") == "op:pässword"
    assert sent == {
        "project": ["tvspiders"],
        "spider": ["things"],
        "jobid": ["j"],
        "query": ["ö&="],
        "setting": ["A=1", "B=x=y"],
        "priority": ["2"],
    }


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ({"status": "error", "message": "project 'tvspiders' not found"}, ScrapydRefused, "deploy it first"),
        ({"status": "error", "message": "spider 'x' not found"}, ScrapydRefused, "spider 'x' not found"),
        ({"status": "error", "message": "a\n\n b: c \n"}, ScrapydRefused, "refused: b: c"),
        ({"jobs": []}, ConfigProblem, "is not Scrapyd"),
        ([], ConfigProblem, "is not Scrapyd"),
        (web.Response(text="<html>"), ConfigProblem, "is not Scrapyd"),
        (web.Response(status=401), ConfigProblem, "SCRAPYD_USERNAME"),
        (web.Response(status=404), ScrapydRefused, "answered 404"),
        (
            web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
            ScrapydRefused,
            "answered 302",
        ),
        (web.Response(status=502), ScrapydAway, "is broken"),
    ],
)
def test_what_goes_wrong_is_one_line(answer, kind, said):
    with pytest.raises(TvspidersError) as problem:
        talk(lambda request: answer, lambda scrapyd: scrapyd.jobs())

    assert type(problem.value) is kind
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("size", [10, TAIL, TAIL + 1, 3 * TAIL])
def test_only_the_end_of_a_long_log_is_fetched(tmp_path, size):
    log = tmp_path / "a.log"
    log.write_bytes(bytes(97 + number % 26 for number in range(size)))

    text = talk(lambda request: web.FileResponse(log), lambda scrapyd: scrapyd.log_end("/logs/a.log"))

    assert text == log.read_text()[-TAIL:]


def test_a_log_that_is_gone_is_empty():
    assert (
        talk(lambda request: web.Response(status=404), lambda scrapyd: scrapyd.log_end("/logs/a.log")) == ""
    )


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(("failures", "tries"), [(0, 1), (3, 4)])
def test_work_is_tried_again_while_scrapyd_is_away(failures, tries):
    clock, done = Clock(), []

    async def work() -> str:
        done.append(clock.now)
        if len(done) <= failures:
            raise ScrapydAway("away")
        return "sent"

    assert asyncio.run(patiently(work, 30, clock.sleep, lambda: clock.now)) == "sent"
    assert len(done) == tries


def test_patience_ends_and_refusals_are_not_tried_again():
    clock, tries = Clock(), []

    async def fail(error: Exception) -> None:
        tries.append(clock.now)
        raise error

    with pytest.raises(ScrapydAway):
        asyncio.run(patiently(lambda: fail(ScrapydAway("away")), 30, clock.sleep, lambda: clock.now))
    assert clock.now <= 30
    assert len(tries) > 3
    tries.clear()
    with pytest.raises(ScrapydRefused):
        asyncio.run(patiently(lambda: fail(ScrapydRefused("no")), 30, clock.sleep, lambda: clock.now))
    assert len(tries) == 1
