"""Damaged answers: only good items or a named refusal, and never another exception."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from tests.support import invariants
from tests.support.kinds import KINDS, read_items
from tests.support.mutations import harmless, mutations
from tvspiders import items
from tvspiders.api.answers import Verdict, read
from tvspiders.api.document import raw_text, read_json
from tvspiders.api.lists.paging import next_page
from tvspiders.api.lists.progress import Bounds, PageRead, Progress
from tvspiders.api.scrubbing import scrub, scrub_bytes
from tvspiders.errors import AnswerRefused
from tvspiders.items import Thing

COUNT = 10_000
"""As many again are stored, in ``tests/storage``; ``python -m benchmarks.mutations`` reads a million."""
REASONS = {
    "empty", "limiter", "html", "not-text", "not-json", "nan", "too-deep", "number-too-long", "null",
    "shape", "error", "no-id", "no-name", "no-slug", "wrong-id", "ancestors",
}  # fmt: skip


@pytest.fixture(scope="module")
def damaged() -> list[tuple[str, bytes]]:
    return list(mutations(763622, COUNT))


@pytest.mark.parametrize("kind", KINDS)
def test_each_whole_recording_gives_good_items(kind):
    found, refused = read_items(kind, raw_text(KINDS[kind].recording()).encode())

    assert found
    assert refused == []
    assert [problem for item in found for problem in invariants.problems(item)] == []


@pytest.mark.parametrize("each", [2, pytest.param(4, marks=pytest.mark.long)])
def test_damage_that_leaves_every_stored_column_readable_refuses_nothing(each):
    tried = 0
    for kind in KINDS:
        for before, after in harmless(kind, Random(920), each):
            tried += 1
            items, refused = read_items(kind, after)
            assert len(items) == len(read_items(kind, before)[0]), after
            assert refused == [], after
            assert [problem for item in items for problem in invariants.problems(item)] == []

    assert tried > each * 750


def test_every_kind_of_item_is_covered():
    covered = {
        type(item)
        for kind in KINDS
        for item in read_items(kind, raw_text(KINDS[kind].recording()).encode())[0]
    }

    every = {cls for cls in vars(items).values() if isinstance(cls, type) and issubclass(cls, items.Item)}
    assert every - covered == {items.Item, items.ListRead, items.PageSnapshot, items.Tombstone}


def test_a_damaged_answer_gives_good_items_or_a_named_refusal(damaged):
    outcomes: Counter[str] = Counter()
    for number, (kind, body) in enumerate(damaged):
        found, refused = read_items(kind, body)
        problems = [problem for item in found for problem in invariants.problems(item)]
        assert problems == [], f"answer {number}, {kind}"
        assert set(refused) <= REASONS, f"answer {number}, {kind}"
        outcomes.update(refused or ["whole"])

    assert outcomes.keys() == REASONS | {"whole"}
    assert outcomes["whole"] > len(damaged) / 3


def test_a_damaged_answer_is_never_stored_under_another_number(damaged):
    for kind, body in damaged:
        if kind.startswith("detail"):
            things = [item for item in read_items(kind, body)[0] if isinstance(item, Thing) and item.detail]
            assert {thing.id for thing in things} <= {KINDS[kind].recording()["id"]}


def test_a_damaged_answer_can_be_kept_without_its_e_mail(damaged):
    for number, (_, body) in enumerate(damaged):
        try:
            kept = raw_text(scrub(read_json(body))).encode("utf-8")
        except AnswerRefused:
            kept, _ = scrub_bytes(body)
            assert b"jane@example" not in kept.replace(b"\x00", b""), f"answer {number}"
        else:
            assert not [key for key in keys_in(read_json(kept)) if "email" in key.lower()], f"answer {number}"


def keys_in(node: Any) -> Iterator[str]:
    for key, value in (
        node.items() if isinstance(node, dict) else enumerate(node if isinstance(node, list) else [])
    ):
        yield str(key)
        yield from keys_in(value)


def test_a_damaged_answer_is_judged(damaged):
    verdicts = {read(200, {}, body).verdict for _, body in damaged}

    assert verdicts == {Verdict.OK, Verdict.BROKEN, Verdict.BLOCKED, Verdict.LIMITED}


def test_a_damaged_page_leads_to_a_decision(damaged):
    for kind, body in damaged[:2000]:
        try:
            found = KINDS[kind].parse(read_json(body))
        except AnswerRefused:
            continue
        if not isinstance(found, list):
            decision = next_page(Progress(), PageRead(found.keys, found.total), Bounds(search=True))
            assert decision.next_page in (None, 2)


def test_the_same_seed_gives_the_same_answers(damaged):
    assert list(mutations(763622, 200)) == damaged[:200]
    assert list(mutations(5, 200)) != damaged[:200]


@pytest.mark.parametrize(
    "item",
    [
        Thing(id=True),
        Thing(id=2**63),
        Thing(id=0),
        Thing(id=1, like_count=-1),
        Thing(id=1, name="a\x00"),
        Thing(id=1, name="\ud800"),
        Thing(id=1, name=5),  # type: ignore[arg-type]
        Thing(id=1, added="2015-02-30"),
        Thing(id=1, is_nsfw=1),  # type: ignore[arg-type]
        Thing(id=1, tags=["a", "a"]),
        Thing(id=1, ancestors=["5"]),  # type: ignore[list-item]
        Thing(id=1, url="/thing:1"),
        items.Tag(name=""),
        items.Tag(name="x" * 256),
        items.Category(slug="a", id=-1),
        items.File(thing_id=1, name="a", hash="A" * 32),
        items.Edge(parent_id=None, child_id=1, seen_from="child"),  # type: ignore[arg-type]
    ],
)
def test_the_checker_itself_sees_what_is_wrong(item):
    assert invariants.problems(item)
