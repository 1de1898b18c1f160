"""Pictures: the largest size given."""

import pytest

from tvspiders.api.images import images, largest
from tvspiders.items import Image

from .recordings import load


@pytest.mark.parametrize("name", ["things-4086027-images-2020", "things-922740-images-2022"])
def test_recorded_pictures_give_their_largest_size(name):
    document = load(name)

    found = images(document, 5).items

    assert [image.id for image in found] == [row["id"] for row in document]
    large = [
        size["url"] for size in document[0]["sizes"] if (size["type"], size["size"]) == ("display", "large")
    ]
    assert [found[0].url] == large


@pytest.mark.parametrize(
    ("sizes", "url"),
    [
        (
            [
                {"type": "thumb", "size": "large", "url": "http://a"},
                {"type": "preview", "size": "tiny", "url": "http://b"},
            ],
            "http://b",
        ),
        ([{"type": "new", "size": [], "url": "http://a"}, {"type": None, "url": "x"}, None, 5], "http://a"),
        ([], None),
        ({}, None),
        ("x", None),
        (None, None),
    ],
)
def test_the_largest_size_is_display_then_preview_then_thumb(sizes, url):
    assert largest(sizes) == url


def test_a_picture_without_a_number_is_refused_alone():
    found = images([{"name": "a"}, {"id": 2, "name": None}], 5)

    assert found.items == [Image(thing_id=5, id=2)]
    assert [row.reason for row in found.refused] == ["no-id"]
