"""Pictures: the largest size given."""

import pytest

from tests.support.recordings import load
from tvspiders.api.images import images, images_inside, largest
from tvspiders.items import Image


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


def test_a_recorded_page_proves_its_only_picture():
    detail = load("thing-detail-4049220-2025")

    [picture] = images_inside(detail, 4049220) or []

    assert (picture.id, picture.name) == (12250747, "Slatwall_support.png")
    assert picture.url == largest(detail["default_image"]["sizes"])


def changed(**fields):
    sizes = [{"type": "display", "size": "large", "url": "http://a"}]
    inside = {"files": [{"name": "a.stl"}], "images": [{"name": "a.png", "url": "http://b"}]}
    detail = {
        "file_count": 1,
        "zip_data": inside,
        "default_image": {"id": 7, "name": "a.png", "sizes": sizes},
    }
    for name, value in fields.items():
        (inside if name in ("files", "images") else detail)[name] = value
    return detail


@pytest.mark.parametrize(
    "fields",
    [
        {"images": [{"name": "a.png"}, {"name": "a.png"}]},
        {"images": None},
        {"images": [None]},
        {"images": []},
        {"files": [None]},
        {"file_count": None},
        {"file_count": 2},
        {"zip_data": None},
        {"zip_data": []},
        {"default_image": None},
        {"default_image": {"id": 7, "name": "b.png", "sizes": [{"type": "display", "url": "http://a"}]}},
        {"default_image": {"id": 7, "name": "a.png", "sizes": []}},
        {"default_image": {"name": "a.png", "sizes": [{"type": "display", "url": "http://a"}]}},
    ],
    ids=str,
)
def test_a_page_that_does_not_prove_its_pictures_is_no_substitute_for_the_list(fields):
    assert images_inside(changed(), 1) == [Image(thing_id=1, id=7, name="a.png", url="http://a")]
    assert images_inside(changed(**fields), 1) is None


def test_a_page_without_pictures_proves_that_there_are_none():
    assert images_inside(changed(images=[], default_image=None), 1) == []
