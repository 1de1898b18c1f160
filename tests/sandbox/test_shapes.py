import json
import re
from functools import cache
from pathlib import Path

import pytest

from tests.sandbox.shapes import shape_of
from tests.sandbox.sites import api_of
from tvspiders.sandbox.api.vintages import YEARS

RECORDED = json.loads((Path(__file__).parent / "recorded_shapes.json").read_text())
"""Paths and types of recorded answers, by year and kind; no content."""

ALLOWED = {
    "creator": "null",  # a deleted account
    "ancestors[].creator": "null",
    "default_image": "null",
    "app_id": "int",  # 0 in 18 of 263
    "description": "null",  # of a make
    "user": "null",  # of a comment
    "country": "null str",
    "industry": "null str",
    "printers[].public_url": "null str",
    "twitter": "null dict",
}
"""Types that the recorded answers at hand lack and other recordings have."""

OPTIONAL = ("printers[]", "programs[]", "types[]", "groups[]", "ancestors[]", "twitter.")
"""What is below is in some answers and not in others."""


@cache
def generated(year):
    """Kind -> values, from a catalogue of that vintage."""
    api = api_of(things=2000, vintage=year)
    catalogue, shapes, copies = api.catalogue, api.site.things, api.site.copies
    things = catalogue.visible(range(1, 2001, 5), 0)
    makes = [make for thing in things for make in catalogue.makes(thing, 0)[:2]][:150]
    collections = [(c, catalogue.collector(c)) for user in range(60) for c in catalogue.collections(user)]
    return {
        "detail": [shapes.detail(thing, 0) for thing in things],
        "hit": [shapes.item(thing, 0, hit=True) for thing in things],
        "item": [shapes.item(thing, 0) for thing in things],
        "copy": [copies.copy(make, 0) for make in makes],
        "category": [shapes.category(thing) for thing in things],
        "comment": [c for thing in things[:100] for c in copies.comments(thing, 0, roots_only=True)],
        "user": [shapes.users.profile(user, 0) for user in range(200)],
        "me": [shapes.users.profile(2, 0, me=True)],
        "summary": [shapes.users.summary(user, 0) for user in range(200)],
        "image": [shapes.files.image(thing, 0) for thing in things],
        "file": [shapes.files.file(thing, 0, 0) for thing in things[:200]],
        "collection": [copies.collection(c, user, 0) for c, user in collections if user is not None],
    }


@pytest.mark.parametrize(
    ("year", "kind"), [(year, kind) for year in ("2021", "2022", "2025") for kind in RECORDED[year]]
)
def test_keys_and_types_are_those_of_the_recordings(year, kind):
    ours, theirs = shape_of(generated(int(year))[kind]), RECORDED[year][kind]

    def fixed(shape):
        return {path for path in shape if not path.startswith(OPTIONAL)}

    assert fixed(ours) == fixed(theirs)
    for path in ours.keys() & theirs.keys():
        assert set(ours[path].split()) <= set(theirs[path].split()) | set(ALLOWED.get(path, "").split()), path


@pytest.mark.parametrize(
    ("year", "kind"), [(year, kind) for year in ("2021", "2022", "2025") for kind in RECORDED[year]]
)
def test_keys_stand_in_the_recorded_order(year, kind):
    recorded = [path for path in RECORDED[year][kind] if not set(path) & set(".[")]

    assert list(generated(int(year))[kind][0]) == recorded


@pytest.mark.parametrize("year", [2021, 2022, 2025])
def test_ancestors_look_like_any_other_item(year):
    values = generated(year)
    item = shape_of(values["item"])
    below = shape_of(row for detail in values["detail"] for row in detail["ancestors"])

    assert below.keys() <= item.keys()
    assert {path for path in item if "." not in path} <= below.keys()


def test_files_follow_the_recording_of_2019_and_gain_what_came_later():
    recorded = set(RECORDED["2019"]["file"])

    assert set(shape_of(generated(2021)["file"])) == recorded
    assert set(shape_of(generated(2022)["file"])) == recorded | {"direct_url"}
    assert set(shape_of(generated(2026)["file"])) == recorded | {"direct_url", "hash"}


def test_2026_adds_to_2025_what_clients_of_that_year_read():
    old, new = generated(2025), generated(2026)
    added = {"count_of_downloads": "int", "is_exclusive": "bool", "membership_level": "null"}

    summary = shape_of(new["summary"])
    assert {path: summary[path] for path in summary.keys() - shape_of(old["summary"]).keys()} == added
    assert shape_of(old["detail"])["is_printable"] == "bool"
    assert shape_of(new["detail"])["is_printable"] == "int"
    assert new["detail"][0]["thumbnail"].startswith("https://resize.thingiverse.com/?url=")


@pytest.mark.parametrize("year", YEARS)
def test_lists_never_carry_what_only_the_detail_has(year):
    values = generated(year)
    only = {"download_count", "view_count", "license", "description", "added", "modified", "remix_count"}
    only |= {"ancestors", "categories", "is_derivative", "files_url"}

    for kind in ("hit", "item"):
        assert not only & set(values[kind][0])
    assert "categories" not in values["detail"][0]


def test_flags_are_null_in_hits_of_2021_and_numbers_in_lists():
    values = generated(2021)

    assert {row["is_private"] for row in values["hit"]} == {None}
    assert {row["is_private"] for row in values["item"]} == {0}
    assert {type(row["is_nsfw"]) for row in values["hit"]} == {bool}
    assert {row["is_nsfw"] for row in values["item"]} == {None}


@pytest.mark.parametrize("year", YEARS)
def test_a_detail_has_a_realistic_length(year):
    lengths = sorted(len(json.dumps(detail, separators=(",", ":"))) for detail in generated(year)["detail"])

    assert lengths[len(lengths) // 20] > 4_000
    assert lengths[len(lengths) // 2] < 8_800  # the recorded one of 2025 has 8,745


def test_texts_have_odd_unicode_and_windows_line_ends():
    details = generated(2026)["detail"]
    names = "".join(detail["name"] for detail in details)
    texts = "".join(detail["description"] for detail in details)

    assert "\r\n\r\n" in texts
    assert "\r\n* " in texts
    assert not re.search(r"(?<!\r)\n", texts)
    assert '"' in texts
    for sign in ("🐙", "\u0301", "“", "ע", "<b>"):
        assert sign in names, sign
    for sign in ("支", "П", "ي", "è"):
        assert sign in texts, sign
    assert any(len(detail["name"]) > 90 for detail in details)
    assert min(len(detail["description"]) for detail in details) == 0
    assert max(len(detail["description"]) for detail in details) > 800


def test_odd_values_that_were_recorded_occur():
    users = generated(2021)["user"]

    assert any(user["registered"].startswith("-001-") for user in users)
    assert {"", "0", "Novice", "Intermediate", "Advanced"} == {user["skill_level"] for user in users}
    assert any(user["twitter"] for user in users)


def test_a_few_things_show_no_tags():
    tagged = [bool(detail["tags"]) for detail in generated(2026)["detail"]]

    assert 0.9 < sum(tagged) / len(tagged) < 1


def test_derivative_means_that_there_are_ancestors():
    for detail in generated(2026)["detail"]:
        assert detail["is_derivative"] is bool(detail["ancestors"])
        assert detail["modified"] == detail["added"]
