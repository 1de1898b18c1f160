"""Bodies come back as they were, or not at all."""

import hashlib
import zlib
from importlib.resources import files
from urllib.request import Request, urlopen

import pytest

from tvspiders.errors import StorageProblem
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import running
from tvspiders.storage.answer_codec import CODEC, pack, unpack

BODY = b'{"id": 763622, "name": "Planter"}' * 50


@pytest.mark.parametrize("body", [b"", b"{}", BODY, bytes(range(256)) * 10, "чаша\u2028".encode("utf-16")])
def test_a_body_comes_back_as_it_was(body):
    assert unpack(*pack(body)) == body


def test_a_body_is_stored_smaller():
    assert len(pack(BODY)[1]) < len(BODY) / 5


def test_a_body_of_an_earlier_version_was_packed_without_words():
    assert unpack("zlib", zlib.compress(BODY, 1)) == BODY


def test_the_words_never_change():
    """Every stored answer needs them; new ones need a new file and a new name."""
    words = files("tvspiders.storage").joinpath("answer_words_1.txt").read_bytes()

    assert hashlib.sha256(words).hexdigest() == (
        "ee9cf280f5eb9c43fb6687e2a67e4ccda56ce48c8eeffdc52a153d04b52cc934"
    )


def test_a_page_of_a_thing_is_stored_in_a_sixth():
    with running(SandboxConfig(things=100)) as sandbox:
        asked = Request(f"{sandbox.url}/things/{min(sandbox.oracle.search('')['visible'])}")
        asked.add_header("Authorization", "Bearer token-of-nobody")
        with urlopen(asked) as answer:
            page = answer.read()

    assert len(pack(page)[1]) < len(page) / 6


def test_a_body_of_the_first_days_was_not_packed():
    assert unpack("none", BODY) == BODY


@pytest.mark.parametrize(
    ("codec", "stored"),
    [
        (CODEC, b""),
        (CODEC, BODY),
        (CODEC, pack(BODY)[1][:-5]),
        ("zlib", pack(BODY)[1]),
        ("zlib", b""),
        ("zlib", BODY),
        ("zlib", zlib.compress(BODY)[:-5]),
        ("zstd", zlib.compress(BODY)),
    ],
)
def test_what_cannot_be_read_is_named(codec, stored):
    with pytest.raises(StorageProblem, match=r"damaged|unknown codec 'zstd'"):
        unpack(codec, stored)
