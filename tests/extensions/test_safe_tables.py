"""Whatever the text, no cell is a formula, and every document is read again."""

import csv
import io
import json
from xml.etree import ElementTree

import pytest

from tvspiders.extensions.feeds.json_lines import SafeJsonExporter, SafeJsonLinesExporter
from tvspiders.extensions.feeds.safe_tables import SafeCsvExporter, SafeXmlExporter

HOSTILE = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", '=HYPERLINK("http://x")'),
    *("+cmd|' /C calc'!A0", "a\x00b", "\x01", "\x08", "\x0b", "\x0c", "\x1b[2J", "\x7f", "\x85", "\x9b31m"),
    *("\u2028", "\u2029", "\u202e", "\ufeff", "\ufffe", "\uffff", "\ufdd0", "\U0001ffff", "\U0010ffff"),
    *("\ud800", "a\udc00b", "\udfff\ud800", "]]>", "<![CDATA[x]]>", "<!-- -->", "</item>", "<?xml ?>"),
    *("&amp;", "&#0;", "&nope;", "<!DOCTYPE x [<!ENTITY e 'x'>]>", 'quo"te', "a,b;c", "a\r\nb", "😀", ""),
]
ENCODINGS = ["utf-8", "latin-1", "ascii"]


def exported(exporter_class, item, encoding: str) -> bytes:
    file = io.BytesIO()
    exporter = exporter_class(file, encoding=encoding)
    exporter.start_exporting()
    exporter.export_item(item)
    exporter.finish_exporting()
    return file.getvalue()


def test_there_are_as_many_hostile_strings_as_were_asked_for():
    assert len(HOSTILE) >= 44


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", HOSTILE)
def test_xml_is_well_formed(text, encoding):
    written = exported(SafeXmlExporter, {"name": text, "tags": [text], "in": {text: text}}, encoding)

    name = ElementTree.fromstring(written)[0].find("name")
    assert name is not None
    if text.isprintable():
        assert (name.text or "") == text


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula(text, encoding):
    written = exported(SafeCsvExporter, {"name": text, "tags": [text, text], text: 1}, encoding)

    rows = list(csv.reader(io.StringIO(written.decode(encoding), newline="")))
    assert [len(row) for row in rows] == [3, 3]
    for cell in (*rows[0], *rows[1]):
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert not set(cell) & set("\x00\x01\x08\x0b\x0c\x1b\x7f\r\x9b")


@pytest.mark.parametrize("exporter", [SafeJsonExporter, SafeJsonLinesExporter])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", HOSTILE)
def test_json_holds_the_text_in_any_encoding(text, encoding, exporter):
    written = exported(exporter, {"name": text}, encoding)

    found = json.loads(written.decode(encoding))
    assert (found if exporter is SafeJsonLinesExporter else found[0])["name"] == text


def test_numbers_are_left_as_they_are():
    written = exported(SafeCsvExporter, {"a": -5, "b": 1.5, "c": None, "d": True}, "utf-8")

    assert written == b"a,b,c,d\r\n-5,1.5,,True\r\n"
