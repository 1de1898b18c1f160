"""A database as crawls leave it, without the network, with one person who is easy to search for."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.utils.test import get_crawler
from sqlalchemy import Engine, select, text

from tests.support.making import FACTS, OWNER
from tests.support.walking import API, SPIDERS, Reply, World
from tvspiders.errors import AnswerRefused
from tvspiders.items import Item, Source
from tvspiders.ledger.answers.encoding import encode
from tvspiders.ledger.answers.outputs import told_by
from tvspiders.ledger.answers.parse_again import outputs_of, raw_json_of
from tvspiders.ledger.ownership import identity_arguments
from tvspiders.ledger.scheduler import LedgerScheduler
from tvspiders.storage.answer_codec import unpack
from tvspiders.storage.commit import commit_units
from tvspiders.storage.database.schema import transaction
from tvspiders.storage.queue import crawls, leases
from tvspiders.storage.queue.feeds import StoredAnswer
from tvspiders.storage.queue.requests import add_requests
from tvspiders.storage.tables import metadata
from tvspiders.storage.units import Answer, Unit

PERSON, NUMBER, FULL_NAME = "prolific_Pia", 987_654_038, "Zyxa Quillfeather"
"""Somebody whose names and number stand nowhere by chance."""
NEEDLES = ("prolific_pia", str(NUMBER), "quillfeather")
EVERYTHING = "things,makes,likes,collections,followers,following"


class PeopledWorld(World):
    """The sandbox's site, with that person in it, and others who write about them."""

    def answer(self, path: str) -> Reply:
        status, document, headers = super().answer(path)
        return status, self._with_person(document), headers

    def _with_person(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._with_person(part) for part in value]
        if not isinstance(value, dict):
            return value
        found = {name: self._with_person(part) for name, part in value.items()}
        if found.get("name") == PERSON:
            first, last = FULL_NAME.split()
            found |= {"id": NUMBER, "first_name": first, "last_name": last, "full_name": FULL_NAME}
        if "description" in found and isinstance(found.get("description"), str):
            found["description"] += f" By {FULL_NAME} (@{PERSON}, thingiverse.com/{PERSON.lower()})."
        return found


def crawl(engine: Engine, world: World, name: str, most: int = 10_000, **given: Any) -> int:
    """Run a crawl to its end, or for so many answers; returns its number."""
    settings = {"THINGIVERSE_API_URL": API, "SCHEDULER": LedgerScheduler, "TV_KEEP_PROFILES": True}
    crawler = get_crawler(SPIDERS[name], settings)
    spider: Any = SPIDERS[name].from_crawler(crawler, **{key: str(value) for key, value in given.items()})
    second = 0
    with transaction(engine) as connection:
        arguments = identity_arguments(spider.args)
        opened = crawls.open_crawl(connection, name, arguments, None, _at(second), FACTS)
        seeds = [(None, encode(request, spider, API)) for request in asyncio.run(_start(spider))]
        add_requests(connection, opened.id, seeds)
    answered = 0
    while True:
        with transaction(engine) as connection:
            leased = leases.lease(connection, opened.id, OWNER, min(10, most - answered), 60.0)
            if not leased:
                break
            units = []
            for request in leased:
                second += 1
                units.append(
                    _unit(request, world.answer(request.path), spider, _at(opened.round * 3600 + second))
                )
            commit_units(connection, opened.id, OWNER, units)
        answered += len(leased)
    with transaction(engine) as connection:
        counts = leases.counts(connection, opened.id)
        verdict = crawls.PAUSED if counts["queued"] else crawls.COMPLETE
        crawls.close_crawl(connection, opened.id, verdict, None, _at(second), counts, False)
    return opened.id


def _unit(request: leases.Leased, reply: Reply, spider: Any, moment: str) -> Unit:
    status, document, headers = reply
    body, kept = json.dumps(document).encode(), {"Link": headers["Link"]} if "Link" in headers else {}
    stored = StoredAnswer(
        0, request.id, request.path, request.callback, request.kwargs, request.depth, status, moment,
        json.dumps(kept), body,
    )  # fmt: skip
    unit = Unit(request.id, answer=Answer(status, moment, body, kept), raw_json=raw_json_of(stored))
    if status == 404 and request.depth:
        unit.state = "gone"
    try:
        for output in outputs_of(stored, spider, API):
            if isinstance(output, Item):
                unit.items.append(output)
            elif isinstance(output, Request):
                unit.requests.append(encode(output, spider, API, request.depth + 1))
                for told in told_by(output, spider.settings):
                    told.stamp(Source(request.id, moment))
                    unit.told.append(told)
    except AnswerRefused as error:
        unit.items.clear()
        unit.requests.clear()
        unit.told.clear()
        unit.state, unit.reason = "quarantined", str(error)
    return unit


async def _start(spider: Any) -> list[Request]:
    return [request async for request in spider.start()]


def _at(second: int) -> str:
    return f"2026-11-21T{12 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000+00:00"


def cells(engine: Engine) -> Iterator[tuple[str, str]]:
    """Each cell as text, with its place; bodies of answers as they were."""
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for name, value in row.items():
                    if isinstance(value, bytes):
                        packed = name in ("body", "html") and row.get("codec")
                        value = (unpack(row["codec"], value) if packed else value).decode("utf-8", "replace")
                    if value is not None:
                        yield f"{table.name}.{name}", str(value)


def hits(engine: Engine, needles: tuple[str, ...] = NEEDLES) -> set[str]:
    """Columns that tell of the person."""
    return {place for place, said in cells(engine) if any(needle in said.lower() for needle in needles)}


def hits_in_files(engine: Engine, folder: Path, needles: tuple[str, ...] = NEEDLES) -> list[str]:
    """Files of the database that tell of the person, free pages and logs included."""
    files = [path for path in folder.iterdir() if path.is_file()]
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
            home = Path(connection.execute(text("SHOW data_directory")).scalar_one())
            paths = (
                "SELECT pg_relation_filepath(c.oid) FROM pg_class c WHERE c.relkind IN ('r', 'i', 't') "
                "AND c.relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)"
            )
            files = [home / path for (path,) in connection.execute(text(paths)) if path]
            files += [
                home / connection.execute(text("SELECT pg_relation_filepath('pg_statistic')")).scalar_one()
            ]
    return [
        f"{path.name}: {needle}"
        for path in files
        for needle in needles
        if path.exists() and needle.encode() in path.read_bytes().lower()
    ]
