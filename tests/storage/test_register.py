"""The register says which items a crawl has not seen yet."""

from scrapy.settings import Settings
from sqlalchemy import update

from tests.support.making import (
    OWNER,
    leased,
    open_crawl,
    rows,
    unit,
)
from tests.support.people import crawl
from tests.support.walking import World
from tvspiders.items import Tag, Thing
from tvspiders.ledger.reparse import reparse
from tvspiders.storage import tables
from tvspiders.storage.commit import commit_units
from tvspiders.storage.database.engine import writing
from tvspiders.storage.units import key_text


def test_an_item_is_fresh_once(connection):
    crawl = open_crawl(connection)
    first, second, third = leased(connection, crawl, 3)

    done = commit_units(
        connection,
        crawl.id,
        OWNER,
        [
            unit(first, Thing(id=7), Thing(id=8)),
            unit(second, Thing(id=7), second=2),
            unit(third, Thing(id=8, name="Gear"), second=3),
        ],
    )

    assert [[key_text(item) for item in committed.fresh] for committed in done] == [[], ["7"], ["8"]]


def test_an_item_of_the_last_crawl_is_fresh_in_this_one(connection):
    for query in ("gear", "bear"):
        crawl = open_crawl(connection, query)
        (number,) = leased(connection, crawl, 1)
        (done,) = commit_units(connection, crawl.id, OWNER, [unit(number, Thing(id=7))])
        assert len(done.fresh) == 1


def test_tags_by_themselves_are_no_news(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    (done,) = commit_units(connection, crawl.id, OWNER, [unit(number, Tag(name="gear"))])

    assert done.fresh == []
    assert rows(connection, tables.tags, "name") == ["gear"]


def test_reading_answers_again_notes_what_an_older_version_met_as_today_so_that_nothing_is_new(engine):
    crawl(engine, World(things=400), "things", query="box", pages=1)
    with engine.connect() as connection:
        noted = rows(connection, tables.crawl_items, "kind", "key", "digest", "answer_id")
    with writing(engine) as connection:
        connection.execute(update(tables.crawl_items).values(digest=b"of older"))
    settings = Settings()
    settings.setmodule("tvspiders.settings")
    settings.set("DATABASE_URL", engine.url.render_as_string(hide_password=False), "cmdline")

    reparse(settings, None)

    with engine.connect() as connection:
        assert rows(connection, tables.crawl_items, "kind", "key", "digest", "answer_id") == noted
