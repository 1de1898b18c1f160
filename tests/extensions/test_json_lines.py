"""One item, one line, for every reader."""

import io
import json

import pytest

from tvspiders.extensions.feeds.json_lines import SafeJsonLinesExporter, escape_separators
from tvspiders.items import Source, Thing


def exported(*items) -> bytes:
    file = io.BytesIO()
    exporter = SafeJsonLinesExporter(file, encoding="utf-8")
    for item in items:
        exporter.export_item(item)
    return file.getvalue()


@pytest.mark.parametrize(
    "code", [0, 9, 10, 11, 12, 13, 28, 29, 30, 31, 127, 0x85, 0x2028, 0x2029, 0xFEFF, 0x1F600]
)
def test_no_character_breaks_a_line(code):
    name = f"a{chr(code)}b"

    written = exported(Thing(id=1, name=name))

    assert len(written.decode("utf-8").splitlines()) == 1
    assert json.loads(written)["name"] == name


def test_text_is_written_as_text():
    assert "чаша".encode() in exported(Thing(id=1, name="чаша"))


def test_a_lone_surrogate_is_escaped():
    assert json.loads(exported(Thing(id=1, name="a\ud800b")))["name"] == "a\ud800b"


def test_each_item_names_its_kind_first():
    lines = exported(Thing(id=1), Thing(id=2)).splitlines()

    assert [json.loads(line)["id"] for line in lines] == [1, 2]
    assert all(line.startswith(b'{"kind": "thing", "id": ') for line in lines)


def test_where_an_item_came_from_is_not_exported():
    thing = Thing(id=1)
    thing.stamp(Source(99, "2026-11-21T12:00:00.000+00:00"))

    assert b"99" not in exported(thing)


def test_a_line_without_separators_is_left_as_it_is():
    assert escape_separators('{"a":"b"}') == '{"a":"b"}'
