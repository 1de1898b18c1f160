"""Whatever the other side echoes, and wherever: no secret is left in a file, or shown."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from tests.faults.echoing import ENVIRONMENT, STATUSES, Echo, echoing, found_in
from tests.support.crawling import Place
from tests.support.starting import run
from tvspiders.harmless import JOINERS
from tvspiders.sandbox.running import RunningSandbox

FAST = ("-s", "TV_QUOTA=100000/1s", "-s", "TV_QUOTA_SPREAD=False", "-s", "TV_RETRY_BASE=0.01")
SMALL = (*FAST, "-s", "TV_RETRY_CAP=0.02", "-s", "TV_MAX_ATTEMPTS=2", "-s", "LOG_LEVEL=DEBUG")
CRAWLS = (
    "things -a query=planters -a max_requests=60 -a images=true -a files=full -a comments=true -a makes=true",
    "things -a query=box -a sort=popular -a pages=1 -a details=false",
    "users -a username=MakerBot -a max_requests=20",
    "remixes -a thing=763622 -a depth=1 -a max_requests=30",
    "categories",
    "tags -a tag=box -a max_requests=10",
    "collections -a collection=1 -a max_requests=10",
    "listings -a kind=newest -a pages=1 -a max_requests=10",
    "refresh -a max_requests=20",
)
QUESTIONS = (
    *("token", "plan users -a username=MakerBot", "plan things -a query=box", "like 5 --dry-run", "like 5 6"),
    *("unlike 5", "audit", "export", "export things creators", "report", "graph", "reparse", "pages"),
)


class Echoed:
    """A folder, the commands in it, and what they have shown."""

    def __init__(self, folder: Path, sandbox: RunningSandbox) -> None:
        self.place = Place(folder, sandbox.url, **ENVIRONMENT)
        self.shown: list[str] = []
        self.codes: list[int] = []

    def __call__(self, line: str, *more: str) -> None:
        name = f"{len(self.codes)}.out"
        asks = line.split()[0] in ("crawl", "plan", "like", "unlike", "token")
        options = (*more, "-s", "TV_PROXY_MODE=off") if asks else more
        with (self.place.folder / name).open("wb") as stream:
            ended = run(
                ["-m", "scrapy", *line.split(), *options], self.place.folder, self.place.environment, stream
            )
        self.shown += [ended.stderr, (self.place.folder / name).read_text("utf-8")]
        self.codes.append(ended.returncode)
        assert "Traceback" not in ended.stderr or line.startswith("crawl"), ended.stderr


def obeyed(text: str) -> str:
    """What of a text that was shown a terminal would obey; joiners of emoji are part of names."""
    plain = text.translate(dict.fromkeys(map(ord, f"\n{JOINERS}")))
    return "".join(char for char in plain if unicodedata.category(char) in ("Cc", "Cf"))


def monitored(number: int) -> tuple[str, ...]:
    return ("-O", f"{number}.jsonl", "-s", "TV_HEALTH_FILE=health.jsonl", "-s", "TV_METRICS_DIR=.")


def test_a_crawl_and_the_questions_after_it_leave_and_show_no_secret(
    tmp_path: Path, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    echoed = Echoed(tmp_path / "x", sandbox)

    with echoing(monkeypatch, Echo(STATUSES)) as echo:
        echoed(f"crawl {CRAWLS[0]}", *monitored(0), *SMALL)
        for question in ("token", "plan users -a username=MakerBot", "like 5 6", "audit", "export"):
            echoed(question)

    assert found_in(echoed.place.folder, *echoed.shown) == {}
    assert [text for text in echoed.shown if obeyed(text)] == []
    assert len(echo.sent) > 500
    assert b"[secret]" in (echoed.place.folder / "0.jsonl").read_bytes()


@pytest.mark.long
@pytest.mark.parametrize("journal", ["delete", "wal"])
@pytest.mark.parametrize("statuses", [(200,), STATUSES, STATUSES[::-1]], ids=["good", "mixed", "bad first"])
def test_every_spider_and_command_leaves_and_shows_no_secret(
    tmp_path: Path,
    sandbox: RunningSandbox,
    monkeypatch: pytest.MonkeyPatch,
    statuses: tuple[int, ...],
    journal: str,
) -> None:
    echoed = Echoed(tmp_path / "x", sandbox)
    echoed.place.environment["TV_SQLITE_JOURNAL"] = journal

    with echoing(monkeypatch, Echo(statuses)) as echo:
        for number, crawl in enumerate(CRAWLS):
            echoed(f"crawl {crawl}", *monitored(number), *SMALL)
        for question in QUESTIONS:
            echoed(question)

    assert 2 not in echoed.codes[: len(CRAWLS)], "a wrong command line tries nothing"
    assert [text for text in echoed.shown if obeyed(text)] == []
    print(f"{len(echoed.codes)} processes, {len(echo.sent)} combinations, codes {echoed.codes}")
    assert found_in(echoed.place.folder, *echoed.shown) == {}
