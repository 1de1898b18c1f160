"""Items: documented, keyed, and the same on every way out."""

import ast
import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import get_args

import pytest
from itemadapter import ItemAdapter

from tvspiders import items
from tvspiders.items import AnyItem, Item, Source, Thing

KINDS = get_args(AnyItem)


def made(kind: type[Item]) -> Item:
    """An item with its required fields only."""
    required = {
        f.name: 7 if f.type == "int" else "text" for f in fields(kind) if f.init and f.default is MISSING
    }
    return kind(**required)


def test_every_item_is_in_the_union():
    every = {cls for cls in vars(items).values() if isinstance(cls, type) and issubclass(cls, Item)}

    assert every - {Item} == set(KINDS)


def test_every_kind_has_a_name_of_its_own():
    names = [made(kind).kind for kind in KINDS]  # type: ignore[attr-defined]

    assert len(set(names)) == len(names)


def test_every_field_is_explained():
    module = ast.parse(Path(items.__file__).read_text("utf-8"))
    bare = []
    for cls in (node for node in module.body if isinstance(node, ast.ClassDef)):
        assert ast.get_docstring(cls), cls.name
        for node, after in zip(cls.body, [*cls.body[1:], None], strict=True):
            if isinstance(node, ast.AnnAssign) and "ClassVar" not in ast.unparse(node.annotation):
                said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                bare += [] if said else [f"{cls.name}.{ast.unparse(node.target)}"]

    assert bare == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_key_is_made_of_fields_that_are_there(kind):
    item = made(kind)

    assert kind.key_fields
    assert set(kind.key_fields) <= {f.name for f in fields(kind)}
    assert any(part is not None for part in item.key)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_said_is_none(kind):
    optional = [f for f in fields(kind) if f.init and f.default is not MISSING]

    counted = {"refused", "looks", "not_served", "doubtful", "doubt"}
    assert {f.name for f in optional if f.default is not None} <= {"detail", "profile", "complete"} | counted
    assert all(f.default in (None, False, 0, "") for f in optional)


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_comes_first_and_cannot_be_given(kind):
    assert fields(kind)[0].name == "kind"
    with pytest.raises(TypeError):
        kind(kind="other")


@pytest.mark.parametrize("kind", KINDS)
def test_a_stamp_gives_the_time_and_stays_out_of_feeds(kind):
    item = made(kind)
    before = item.content()

    item.stamp(Source(5, "2026-11-21T12:00:00.000+00:00"))

    assert item.source == Source(5, "2026-11-21T12:00:00.000+00:00")
    assert item.content() == before
    exported = ItemAdapter(item).asdict()
    assert exported["last_scraped"] == "2026-11-21T12:00:00.000+00:00"
    assert "_source" not in json.dumps(exported)


def test_an_item_that_nobody_stamped_has_no_source():
    assert Thing(id=1).source is None


def test_addresses_of_people_have_no_field():
    names = {f.name for kind in KINDS for f in fields(kind)}

    assert not {name for name in names if "mail" in name}
