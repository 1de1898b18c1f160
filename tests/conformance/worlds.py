"""One set-up of a user in two worlds: stock Scrapy, and this project. Each run is a process of its own."""

from __future__ import annotations

import csv
import gzip
import io
import json
import pickle
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.conformance.table import Case
from tests.support.entry_points import install
from tests.support.shell import FAST, ROOT, Ended, Shell
from tests.support.starting import run
from tvspiders.sandbox.running import RunningSandbox

WATCHED = ("request_scheduled", "response_received", "item_scraped", "item_dropped", "item_error")
"""Signals that must be sent alike."""

STOCK = """
import os
SCHEDULER = "tvspiders.ledger.components.LoneRequests"  # Scrapy's own, in the name that our spiders accept
THINGIVERSE_API_URL = os.environ["THINGIVERSE_API_URL"]
SPIDER_MODULES = ["tvspiders.spiders", "user"]
DEFAULT_REQUEST_HEADERS = {"Authorization": "Bearer " + os.environ["THINGIVERSE_TOKEN"]}
HTTPERROR_ALLOW_ALL = True
RETRY_ENABLED = False
FEED_EXPORT_ENCODING = "utf-8"
"""
OURS = """
from tvspiders.settings import *
SPIDER_MODULES = [*SPIDER_MODULES, "user"]
"""
USER = """
import dataclasses, os, signal
import attrs, pydantic, scrapy
from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem
from tvspiders.items import Item, Thing
from tvspiders.spiders.things import ThingsSpider

API = os.environ["THINGIVERSE_API_URL"]

"""
WATCH = f"""
import json, os, signal
from collections import Counter
from scrapy import signals

KILL_AT = int(os.environ.get("KILL_AT", 0))  # after so many signals

class Watch:
    def __init__(self, crawler):
        self.seen, self.receivers = Counter(), []
        for name in {WATCHED!r}:
            self.connect(crawler, name)
        crawler.signals.connect(self.closed, signals.spider_closed)

    def connect(self, crawler, name):
        def seen():
            self.seen[name] += 1
            if self.seen.total() == KILL_AT:
                os.kill(os.getpid(), signal.SIGKILL)
        self.receivers.append(seen)
        crawler.signals.connect(seen, getattr(signals, name))

    @classmethod
    def from_crawler(cls, crawler):
        return cls(crawler)

    def closed(self):
        with open("signals.json", "w") as file:
            json.dump(self.seen, file)
"""


@dataclass(frozen=True)
class Seen:
    """What came of a run."""

    ended: Ended
    signals: dict[str, int] = field(default_factory=dict)
    feed: list[str] = field(default_factory=list)
    """Items as text, in order of the alphabet, without the time of their answer."""
    sizes: tuple[int, ...] = ()
    """How many items each of the user's other feeds, ``out*``, holds."""
    others: tuple[str, ...] = ()
    """All that these feeds hold, sorted."""


class Worlds:
    """A folder for each world, over the same sandbox."""

    def __init__(self, sandbox: RunningSandbox, folder: Path, known: dict[str, Seen]) -> None:
        self.sandbox = sandbox
        self._folder = folder
        self._known = known
        """What stock Scrapy does with a case is tried once."""

    def stock(self, case: Case) -> Seen:
        """The run under stock Scrapy."""
        if case.name not in self._known:
            self._known[case.name] = self._run(self._shell("stock", STOCK, case), case)
        return self._known[case.name]

    def ours(self, case: Case, **environment: str) -> Seen:
        """The run in this project; again in the same folder where it was run before."""
        shell = self._shell("ours", case.project or OURS, case)
        if case.installed:
            install(shell.folder)
        return self._run(shell, case, case.environment | environment)

    def file(self, name: str) -> str:
        """What a file holds that the run in this project has written."""
        return (self._folder / "ours" / name).read_text("utf-8")

    @property
    def crawls(self) -> int:
        """Crawls in the database of this project."""
        path = self._folder / "ours" / "thingiverse.db"
        if not path.exists():
            return 0
        connection = sqlite3.connect(path)
        try:
            tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'crawls'").fetchone()
            return int(connection.execute("SELECT count(*) FROM crawls").fetchone()[0]) if tables else 0
        finally:
            connection.close()

    def _shell(self, name: str, settings: str, case: Case) -> Shell:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        shell = Shell(folder, self.sandbox)
        (folder / "scrapy.cfg").write_text("[settings]\ndefault = world\n")
        (folder / "world.py").write_text(settings)
        (folder / "watch.py").write_text(WATCH)
        (folder / "user.py").write_text(USER + case.code)
        return shell

    def _run(self, shell: Shell, case: Case, environment: dict[str, str] | None = None) -> Seen:
        given = dict(case.settings)
        given["EXTENSIONS"] = {"watch.Watch": 0} | given.get("EXTENSIONS", {})
        if case.script:
            ended = self._script(shell, case.script, environment or {})
            return Seen(ended, {}, _feed(shell.folder / "feed.jsonl"))
        line = [*case.command, *FAST]
        for name, value in given.items():
            line += ["-s", f"{name}={json.dumps(value) if isinstance(value, dict) else value}"]
        own = case.command[0] != "crawl" or not case.feed
        ended = shell(*line, *(() if own else ("-O", "feed.jsonl")), **(environment or {}))
        others = [rows_of(path) for path in sorted(shell.folder.glob("out*")) if ended.code >= 0]
        return Seen(
            ended,
            _signals(shell.folder),
            _feed(shell.folder / "feed.jsonl"),
            tuple(sorted(map(len, others))),
            tuple(sorted(row for rows in others for row in rows)),
        )

    def _script(self, shell: Shell, script: str, environment: dict[str, str]) -> Ended:
        (shell.folder / "script.py").write_text(script)
        ended = run(["script.py"], shell.folder, shell.environment | environment | {"PYTHONPATH": str(ROOT)})
        return Ended(ended.returncode, ended.stdout, ended.stderr, 0.0)


def rows_of(path: Path) -> list[str]:
    """The items of a feed in any format, as text."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    rows: list[Any] = []
    if ".xml" in path.name:
        rows = [{field.tag: field.text for field in item} for item in ElementTree.fromstring(data)]
    elif ".csv" in path.name:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8"))))
    elif path.suffix == ".json":
        rows = json.loads(data)
    elif ".pickle" in path.name:
        stream = io.BytesIO(data)
        while stream.tell() < len(data):
            rows.append(pickle.load(stream))
    else:
        rows = [
            json.loads(line)
            for line in data.decode("latin-1" if "latin" in path.name else "utf-8").splitlines()
        ]
    return [json.dumps(row, sort_keys=True) for row in rows]


def _signals(folder: Path) -> dict[str, int]:
    path = folder / "signals.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def _feed(path: Path) -> list[str]:
    if not path.exists():
        return []
    items: list[dict[str, Any]] = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for item in items:
        item.pop("last_scraped", None)
    return sorted(json.dumps(item, sort_keys=True) for item in items)
