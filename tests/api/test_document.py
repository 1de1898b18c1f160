"""Decoding: exactly JSON or a stable reason; writing: text that every store holds."""

import json
import sqlite3
import tracemalloc
from contextlib import closing

import pytest

from tests.support.recordings import FOLDER, load
from tvspiders.api.document import DEPTH, LARGEST, json_text, raw_text, read_json, takes_more
from tvspiders.errors import AnswerRefused

LIMITER = load("error-rate-limit-body")["body"].encode()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_recorded_answer_is_read_and_written_without_loss(path):
    document = read_json(path.read_bytes())

    assert document == json.loads(path.read_bytes())
    assert json.loads(raw_text(document)) == document


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (LIMITER, "limiter"),
        (b"\n" + LIMITER.replace(b"300", b"1200"), "limiter"),
        (b"<!DOCTYPE html><title>Just a moment...</title>", "html"),
        (b"  <?xml version='1.0'?>", "html"),
        (b"null", "null"),
        (b"{'id': 1}", "not-json"),
        (b'{"id": 1', "not-json"),
        (b'{"id": 1} trailing', "not-json"),
        (b'{"id": 1}{"id": 2}', "not-json"),
        (b"Bad Gateway", "not-json"),
        (b"[1,]", "not-json"),
        (b'{"a": NaN}', "nan"),
        (b"[Infinity]", "nan"),
        (b"[-Infinity]", "nan"),
        (b"[1e400]", "nan"),
        (b"[-1.5e999]", "nan"),
        (b"[" * 200_000, "too-deep"),
        (b"[" * 200_000 + b"]" * 200_000, "too-deep"),
        (b'{"a":' * 150 + b"1" + b"}" * 150, "too-deep"),
        (b"9" * 5_000, "number-too-long"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "number-too-long"),
        ('{"name": "Zahnräder"}'.encode("latin-1"), "not-text"),
        ('{"id": 1}'.encode("utf-16"), "not-text"),
        ('{"id": 1}'.encode("utf-16-le"), "not-json"),
        (b'"\xed\xa0\x80"', "not-text"),
    ],
)
def test_what_is_not_exactly_json_is_refused_by_name(body, reason):
    with pytest.raises(AnswerRefused) as caught:
        read_json(body)

    assert caught.value.reason == reason
    assert "\n" not in str(caught.value)


def repeated(part: str, number: int = 20_000) -> str:
    return "[" + ",".join(part.replace("N", str(at)) for at in range(number)) + "]"


SHAPES = {
    "lists": repeated("[]"),
    "maps": repeated("{}"),
    "maps with a key each": repeated('{"kN":{}}'),
    "maps in maps": repeated('{"N":' * 50 + "1" + "}" * 50, 400),
    "lists in lists": repeated("[" * 90 + "]" * 90, 300),
    "texts": repeated('"ab"'),
    "wide texts": repeated('"\U0001f600b"'),
    "escaped texts": repeated('"\\ud83d\\ude00b"'),
    "numbers": repeated("10N"),
    "fractions": repeated("1.5"),
    "long numbers": repeated("9" * 20),
    "one map": "{" + repeated('"N":"N"')[1:-1] + "}",
    "maps of six": repeated("{" + ",".join(f'"N_{at}":[]' for at in range(6)) + "}", 4_000),
    "a wide text": '{"a":"' + "x" * 300_000 + '\U0001f600"}',
    "a text": '{"a":"' + "x" * 300_000 + '"}',
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_document_takes_more_memory_than_was_counted(shape):
    body = SHAPES[shape].encode()
    tracemalloc.start()
    try:
        document = read_json(body)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert document is not None
    assert takes_more(body, taken)


@pytest.mark.parametrize("unit", ["[]", "{}", '"ab"', "0", '{"a":1}', "[[]]"])
def test_a_small_body_of_a_costly_shape_is_refused_before_it_is_decoded(unit):
    body = f"[{f'{unit},' * (4_000_000 // len(unit))}0]".encode()
    tracemalloc.start()
    try:
        with pytest.raises(AnswerRefused) as caught:
            read_json(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.reason == "too-large"
    assert peak < 100_000


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_fifty_times_a_recorded_answer_is_still_decoded(path):
    assert not takes_more(b",".join([path.read_bytes()] * 50), LARGEST)


def test_a_byte_order_mark_is_tolerated():
    assert read_json(b'\xef\xbb\xbf{"id": 1}') == {"id": 1}


def test_of_two_equal_keys_the_last_wins():
    assert read_json(b'{"id": 1, "id": 2}') == {"id": 2}


def test_nesting_up_to_the_limit_is_read_from_any_depth_of_the_caller_s_stack():
    body = b"[" * DEPTH + b"]" * DEPTH

    def deep(levels: int) -> object:
        return deep(levels - 1) if levels else read_json(body)

    assert deep(0) == deep(500)


def test_one_level_more_is_refused():
    with pytest.raises(AnswerRefused, match="too-deep"):
        read_json(b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1))


def test_numbers_of_allowed_length_stay_whole():
    assert read_json(b"[" + b"9" * 400 + b", 2.5, 1e3]") == [10**400 - 1, 2.5, 1000.0]


AWKWARD = {
    "nul": "a\x00b",
    "lone": "\ud83d x \ude00",
    "lines": "a\u2028b\u2029c\x85d\x1ce",
    "name": "чаша 🐙",
    "n": 2**63,
}


def test_the_written_text_is_one_line_of_utf_8_without_loss():
    written = raw_text(AWKWARD)

    assert json.loads(written.encode("utf-8")) == AWKWARD
    assert len(written.splitlines()) == 1
    assert "\x00" not in written
    assert "чаша 🐙" in written


def test_the_written_text_comes_back_from_sqlite():
    with closing(sqlite3.connect(":memory:")) as connection, connection:
        given = {"text": raw_text(AWKWARD)}
        [(stored, length)] = connection.execute("SELECT :text, length(:text)", given)

    assert (stored, length) == (raw_text(AWKWARD), len(raw_text(AWKWARD)))


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b'{"url":"https:\\/\\/x", "n":1.50}', '{"url":"https:\\/\\/x", "n":1.50}'),
        (b'\xef\xbb\xbf{"n":1}', '{"n":1}'),
        (b'{\n "n": 1\n}', '{"n":1}'),
        ('{"n":"a\u2028b\x85c"}'.encode(), '{"n":"a\\u2028b\\u0085c"}'),
        (b'{"n":"\\u0000"}', '{"n":"\\u0000"}'),
    ],
)
def test_a_body_is_kept_as_it_came_where_it_is_one_line(body, kept):
    assert json_text(body, read_json(body)) == kept
