"""Bodies come back as they were, or not at all."""

import zlib

import pytest

from tvspiders.errors import StorageProblem
from tvspiders.storage.answer_codec import pack, unpack

BODY = b'{"id": 763622, "name": "Planter"}' * 50


@pytest.mark.parametrize("body", [b"", b"{}", BODY, bytes(range(256)) * 10, "чаша\u2028".encode("utf-16")])
def test_a_body_comes_back_as_it_was(body):
    assert unpack(*pack(body)) == body


def test_a_body_is_stored_smaller():
    assert len(pack(BODY)[1]) < len(BODY) / 5


def test_a_body_of_the_first_days_was_not_packed():
    assert unpack("none", BODY) == BODY


@pytest.mark.parametrize(
    ("codec", "stored"),
    [("zlib", b""), ("zlib", BODY), ("zlib", zlib.compress(BODY)[:-5]), ("zstd", zlib.compress(BODY))],
)
def test_what_cannot_be_read_is_named(codec, stored):
    with pytest.raises(StorageProblem, match=r"damaged|unknown codec 'zstd'"):
        unpack(codec, stored)
