"""Files: names, sizes and hashes."""

import base64

import pytest

from tests.support.recordings import load
from tvspiders.api.files import files, md5, zip_files
from tvspiders.items import File

HEX = "d41d8cd98f00b204e9800998ecf8427e"
BASE64 = base64.b64encode(bytes.fromhex(HEX)).decode()


def test_a_recorded_file_gives_all_that_it_says():
    assert files(load("things-3730558-files-2019"), 3730558).items[0] == File(
        thing_id=3730558,
        name="Clip_di_tenuta.stl",
        id=6867550,
        size=11084,
        date="2019-08-09T11:41:43+00:00",
        download_count=87,
        url="https://api.thingiverse.com/files/6867550",
        public_url="https://www.thingiverse.com/download:6867550",
        download_url="https://api.thingiverse.com/files/6867550/download",
        threejs_url="https://cdn.thingiverse.com/threejs_json/fd/70/59/17/f4/picture.js",
        thumbnail="https://cdn.thingiverse.com/renders/22/20/13/77/3c/picture.jpg",
        default_image="https://cdn.thingiverse.com/assets/56/db/03/63/24/picture.stl",
    )


def test_an_address_that_is_none_is_not_kept():
    given = {"id": 1, "name": "a.stl", "direct_url": None, "threejs_url": "", "default_image": []}

    assert files([given], 5).items == [File(thing_id=5, id=1, name="a.stl")]


def test_a_file_of_2015_has_no_downloads():
    [file] = files([load("file-556207-2015")], 5).items

    assert (file.size, file.date, file.download_count) == (57251, "2014-04-29T04:06:30+00:00", None)


def test_every_recorded_file_is_read():
    found = files(load("things-920-files-2020"), 920)

    assert (len(found.items), found.refused) == (3, [])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (HEX, (HEX, "hex")),
        (HEX.upper(), (HEX, "hex")),
        (BASE64, (HEX, "base64")),
        (BASE64.rstrip("="), (HEX, "base64")),
        *(
            (junk, (None, None))
            for junk in ("", None, "x", HEX[:-1], HEX + "0", BASE64 + "=", "é" * 32, 5, [])
        ),
    ],
)
def test_a_hash_is_hex_whatever_its_spelling(value, expected):
    assert md5(value) == expected
    [file] = files([{"id": 1, "name": "a.stl", "hash": value}], 5).items
    assert (file.hash, file.hash_encoding) == expected


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (
            {"files": [{"name": "a"}, None, {"name": None}, {"name": "a"}, {"name": "b"}], "images": []},
            ["a", "b"],
        ),
        ({"files": None}, []),
        ({"files": "x"}, []),
        ({}, []),
        ([], []),
        (None, []),
        ("x", []),
    ],
)
def test_a_detail_names_its_files_once(value, names):
    assert zip_files(value, 5) == [File(thing_id=5, name=name) for name in names]


def test_a_file_without_a_name_or_number_is_refused_alone():
    found = files([{"id": 1}, {"name": "a"}, {"id": 2, "name": "b"}], 5)

    assert found.items == [File(thing_id=5, id=2, name="b")]
    assert [row.reason for row in found.refused] == ["no-name", "no-id"]
