"""Parse stored answers again: for a changed schema, or for answers that an older version refused."""

from __future__ import annotations

import json
from dataclasses import dataclass

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings, Settings
from scrapy.spiderloader import get_spider_loader
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from tvspiders.api.urls import base_url
from tvspiders.errors import AnswerRefused, StorageProblem
from tvspiders.items import Item, Source
from tvspiders.ledger.answers.encoding import encode
from tvspiders.ledger.answers.outputs import told_by
from tvspiders.ledger.answers.parse_again import outputs_of, raw_json_of
from tvspiders.ledger.ownership import Ownership
from tvspiders.storage.commit import write_again
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import complaint, require_schema, transaction
from tvspiders.storage.queue import crawls, feeds
from tvspiders.storage.units import Answer, Unit

CHUNK = 100


@dataclass
class Reparsed:
    """What a run of ``reparse`` did."""

    answers: int = 0
    items: int = 0
    understood: int = 0
    refused: int = 0


def reparse(settings: BaseSettings, wanted: str | None) -> Reparsed:
    """Read the stored answers of one crawl (or all) again; older answers never overwrite newer facts.

    An answer that was refused before and is understood now counts as answered
    from here on; the requests that follow from it are queued, and the crawl
    goes on with the next run of its command.

    Raises ``StorageProblem``; ``CrawlBusy`` when the crawl is being run.
    """
    engine = open_engine(str(settings["DATABASE_URL"]), must_exist=True)
    result = Reparsed()
    try:
        require_schema(engine)
        with engine.connect() as connection:
            rounds = crawls.rounds_of(connection, wanted)
        if not rounds:
            raise StorageProblem(f"no crawl {wanted!r} in the database" if wanted else "no crawl was run yet")
        for crawl in rounds:
            owner = Ownership(engine, crawl.identity)
            owner.take()
            try:
                _reparse_crawl(engine, settings, crawl, result)
            finally:
                owner.give_back()
    except DBAPIError as error:
        raise StorageProblem(complaint(engine, error)) from None
    finally:
        engine.dispose()
    return result


def _reparse_crawl(
    engine: Engine, settings: BaseSettings, crawl: crawls.RoundArguments, result: Reparsed
) -> None:
    spider = _make_spider(settings, crawl)
    base = base_url(str(settings["THINGIVERSE_API_URL"]))
    keep_text = settings.getbool("TV_RAW_JSON")
    after = 0
    while True:
        with engine.connect() as connection:
            stored = feeds.answers_after(connection, crawl.id, after, CHUNK, refused_too=True)
        if not stored:
            return
        after = stored[-1].id
        units = [(answer.id, _read_again(answer, spider, base, result, keep_text)) for answer in stored]
        read = [(number, unit) for number, unit in units if unit is not None]

        with transaction(engine) as connection:
            result.understood += write_again(connection, crawl.id, read)


def _read_again(
    answer: feeds.StoredAnswer, spider: Spider, base: str, result: Reparsed, keep_text: bool
) -> Unit | None:
    result.answers += 1
    headers = json.loads(answer.headers) if answer.headers else {}
    received = Answer(answer.status, answer.received_at, answer.body, headers)
    unit = Unit(answer.request_id, answer=received, raw_json=raw_json_of(answer) if keep_text else None)
    source = Source(answer.request_id, answer.received_at)
    try:
        for output in outputs_of(answer, spider, base):
            if isinstance(output, Item):
                unit.items.append(output)
            elif isinstance(output, Request):
                unit.requests.append(encode(output, spider, base, answer.depth + 1))
                for told in told_by(output, spider.settings):
                    told.stamp(source)
                    unit.told.append(told)
    except AnswerRefused:
        result.refused += 1
        return None
    result.items += len(unit.items)
    return unit


def _make_spider(settings: BaseSettings, crawl: crawls.RoundArguments) -> Spider:
    loader = get_spider_loader(settings)
    if crawl.spider not in loader.list():
        raise StorageProblem(
            f"crawl {crawl.id} is of the spider {crawl.spider!r}, which this version does not have"
        )
    copied = Settings(settings)
    crawler = Crawler(loader.load(crawl.spider), copied)
    return crawler.spidercls.from_crawler(crawler, **json.loads(crawl.arguments))
