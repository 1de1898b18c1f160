"""What the API's answers lose, gain or change is noticed within a hundred of them, and said once."""

import asyncio
import json

import pytest
from sqlalchemy import create_engine

from tests.support.desk import desk
from tvspiders.api.answer_fields import fields_of
from tvspiders.console.audit_tables import drift_text
from tvspiders.errors import AnswerRefused
from tvspiders.extensions.closing.health import Health
from tvspiders.items import Thing
from tvspiders.ledger.answers.drift import Sampling, count_answer
from tvspiders.storage.catalogue.answer_fields import Inventory, drift_of

PLACE = "/things/ID"


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def look_at(database_url):
    """Ask the database something."""

    def ask(question):
        engine = create_engine(database_url)
        try:
            with engine.connect() as connection:
                return question(connection)
        finally:
            engine.dispose()

    return ask


def thing(number, **changes):
    """A thing's own page; a field changed to ``...`` is left out."""
    whole = {"id": number, "name": "a", "like_count": 3, "download_count": 9, "is_wip": 0, "edit_url": "x"}
    return {name: value for name, value in (whole | changes).items() if value is not ...}


def things(count, start=1, **changes):
    return [thing(number, **changes) for number in range(start, start + count)]


def drift_text_of(connection):
    return drift_text(drift_of(connection))


def noticed(documents, inventory=None):
    """Lines, each with how many answers were looked at by then."""
    one = Inventory() if inventory is None else inventory
    found = []
    for place, document in enumerate(documents, 1):
        found += [
            (notice.field, notice.change, place) for notice in count_answer(one, PLACE, fields_of(document))
        ]
    return found


def crawl(url, *rounds, **arguments):
    """One run for each list of pages; returns how each ended, and the health record of the last."""
    endings = []

    async def run(documents):
        async with desk(url, arguments) as bench:
            bench.ask(
                *(f"/things/{document['id']}" for document in documents), callback=bench.spider.parse_thing
            )
            for request in await bench.next(len(documents)):
                number = int(request.url.rpartition("/")[2])
                (document,) = [document for document in documents if document["id"] == number]
                await bench.answer(request, [Thing(id=number)], json.dumps(document).encode())
            await bench.scheduler._close("finished")
            endings.append(bench.scheduler.ending)
            return Health(bench.crawler).facts()

    facts = None
    for documents in rounds:
        facts = asyncio.run(run(documents))
    return endings, facts


@pytest.mark.parametrize("name", ["like_count", "download_count", "edit_url"])
def test_a_field_that_vanishes_is_noticed_within_ten_answers_that_are_looked_at(name):
    found = noticed([*things(30), *things(15, **{name: ...})])

    assert found == [(name, "vanished", 40)]


def test_a_field_is_missed_where_old_answers_and_new_ones_come_mixed_for_a_while():
    mixed = [thing(n, like_count=... if n % 2 else 3) for n in range(41, 61)]

    found = noticed([*things(40), *mixed, *things(40, start=61, like_count=...)])

    assert found == [("like_count", "vanished", 70)]


def test_a_field_that_is_null_has_neither_vanished_nor_another_type():
    assert noticed([*things(30), *things(40, like_count=None)]) == []


def test_a_field_that_only_most_answers_had_is_free_to_be_absent():
    documents = [thing(n, edit_url=... if n % 50 == 0 else "x") for n in range(1, 301)]

    assert noticed([*documents, *things(40, edit_url=...)]) == []


def test_a_field_that_few_answers_had_so_far_is_not_missed():
    assert noticed([*things(19), *things(40, like_count=...)]) == []


def test_a_new_field_is_noticed_and_a_rare_one_is_not():
    assert noticed([*things(40), *things(15, start=41, beta=1)]) == [("beta", "new", 50)]
    assert noticed([thing(n, **({"beta": 1} if n % 30 == 0 else {})) for n in range(1, 400)]) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("like_count", [3]), ("name", {"en": "a"}), ("is_wip", "yes"), ("download_count", "many")],
)
def test_another_type_is_noticed_at_once(name, value):
    assert noticed([*things(30), *things(5, **{name: value})]) == [(name, "type", 31)]


@pytest.mark.parametrize(
    ("name", "value"),
    [("like_count", "3"), ("is_wip", True), ("is_wip", "1"), ("name", "2019"), ("name", "")],
)
def test_what_the_api_has_always_written_in_two_ways_is_no_other_type(name, value):
    assert noticed([*things(30), *things(30, **{name: value})]) == []


def test_inner_fields_of_a_map_that_is_not_there_are_not_missed():
    named = {"id": 5, "name": "anna"}
    inventory = Inventory()

    assert noticed([*things(30, creator=named), *things(30, creator=None)], inventory) == []
    assert noticed(things(10, creator={"id": 5}), inventory) == [("creator.name", "vanished", 10)]


def test_of_many_answers_one_in_five_is_looked_at_and_ten_of_any_sixty():
    sampling = Sampling()

    looked_at = [sampling.wants(PLACE) for _ in range(560)]

    assert all(looked_at[:60])
    assert sum(looked_at[60:]) == 100
    assert all(sum(looked_at[place : place + 60]) >= 10 for place in range(500))


def test_a_crawl_that_loses_a_field_with_a_column_is_partial_once_and_standing_after(database_url, caplog):
    changed = things(12, start=31, download_count=...)

    endings, health = crawl(database_url, things(30) + changed, query="first")
    later, later_health = crawl(database_url, things(30, start=100, download_count=...), query="second")

    assert endings[0].verdict == "partial"
    assert "the API's answers lost download_count of /things/ID; 42 requests answered" in endings[0].line
    assert len(health["drift"]) == 1
    assert health["drift"][0].startswith("download_count of /things/ID vanished: in 30 of 30 answers before")
    assert later[0].verdict == "complete"
    assert "1 field of answers missing since 20" in later[0].line
    assert later_health["drift"] == []
    assert caplog.text.count("The API's answers changed: ") == 1


def test_a_field_that_vanishes_between_two_runs_counts_too(database_url):
    (first,), _ = crawl(database_url, things(25), query="first")
    (second,), _ = crawl(database_url, things(25, start=50, like_count=...), query="second")

    assert (first.verdict, second.verdict) == ("complete", "partial")


@pytest.mark.parametrize("changes", [{"edit_url": ...}, {"beta": 1}, {"like_count": "many"}])
def test_other_changes_are_said_and_make_no_crawl_partial(database_url, changes):
    (ending,), health = crawl(database_url, things(30) + things(12, start=31, **changes))

    assert ending.verdict == "complete"
    assert len(health["drift"]) == 1


def test_a_column_that_another_field_serves_as_well_has_lost_nothing(database_url):
    was = things(30, added="2026-11-01", created_at="2026-11-01")

    (ending,), health = crawl(database_url, was + things(12, start=31, created_at="2026-11-01"))

    assert ending.verdict == "complete"
    assert health["drift"][0].startswith("added of /things/ID vanished")


def test_what_was_noticed_stands_in_the_audit_and_says_when_it_is_back(database_url, look_at):
    crawl(database_url, things(30) + things(12, start=31, like_count=...), query="first")
    gone = look_at(drift_text_of)

    crawl(database_url, things(5, start=60), query="second")

    assert "like_count of /things/ID vanished" in gone[0]
    assert gone[0].endswith("; standing)")
    assert look_at(drift_text_of)[0].endswith("; in the answers again)")


def test_a_refused_answer_of_another_kind_changes_nothing(database_url, look_at):
    junk = [{"id": number, "cached": True, "region": "eu"} for number in range(50, 70)]

    async def run():
        async with desk(database_url) as bench:
            bench.ask(*(f"/things/{n}" for n in range(1, 70)), callback=bench.spider.parse_thing)
            for _ in range(69):
                (request,) = await bench.next(1)
                number = int(request.url.rpartition("/")[2])
                bad = number >= 50
                output = AnswerRefused("no-id") if bad else [Thing(id=number)]
                document = junk[number - 50] if bad else thing(number)
                await bench.answer(request, output, json.dumps(document).encode())
            await bench.ledger.flush()

    asyncio.run(run())

    assert look_at(drift_text_of) == []
