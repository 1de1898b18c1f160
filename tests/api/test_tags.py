"""Tags: names and slugs of all recorded years."""

import pytest

from tests.support.recordings import load
from tvspiders.api.tags import slug_of, tag, tags, tags_inside
from tvspiders.items import Tag


def test_tags_of_2019_take_their_slugs_from_the_address():
    found = tags(load("things-3730558-tags-2019"))

    assert found.items == [
        Tag(name="Alfawise_U30", slug="alfawise_u30", thing_count=207),
        Tag(name="rulli", slug="rulli", thing_count=2),
        Tag(name="rulli", slug="rulli", thing_count=1),
    ]
    assert tags(load("things-tags-empty-2020")).items == []


def test_a_name_comes_once_inside_a_thing():
    found = tags_inside(load("things-3730558-tags-2019"))

    assert [item.name for item in found] == ["Alfawise_U30", "rulli"]


def test_a_tag_may_be_a_mere_text():
    assert tags_inside(["gear", {"name": "Pi 3", "tag": "pi_3"}, None, {}, 2019]) == [
        Tag(name="gear"),
        Tag(name="Pi 3", slug="pi_3"),
        Tag(name="2019"),
    ]


@pytest.mark.parametrize(("value", "expected"), [(None, None), ("x", None), ([], []), ({}, [])])
def test_unknown_tags_are_not_the_same_as_none(value, expected):
    assert tags_inside(value) == expected


def test_a_tag_without_a_name_is_refused_alone():
    found = tags([{"count": 5}, {"name": "x" * 300}, {"tag": "hot_end", "count": "7"}])

    assert (
        found.items
        == tag({"tag": "hot_end", "count": 7})
        == [Tag(name="hot_end", slug="hot_end", thing_count=7)]
    )
    assert [row.reason for row in found.refused] == ["no-name", "no-name"]


@pytest.mark.parametrize(
    ("address", "slug"),
    [
        ("https://api.thingiverse.com/tags/hot end", "hot end"),
        ("https://api.thingiverse.com/tags/hot%20end/things?page=2", "hot end"),
        ("https://api.thingiverse.com/categories/art/", "art"),
        ("https://api.thingiverse.com", None),
        ("", None),
        ("http://[", None),
        (None, None),
        ([], None),
    ],
)
def test_the_slug_is_the_end_of_the_address(address, slug):
    assert slug_of(address) == slug
