"""Recorded answers, damaged in thousands of reproducible ways."""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.support.kinds import KINDS, read_items


class Raw(str):
    """JSON text that the encoder cannot write by itself."""


NASTY: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**400),
    *(1.0, 2.5, -0.0, 1e308, 1436753682, 1436753682123),
    *("", " ", "0", "1", "-1", "763622", " 763622 ", "７６３", "1_000", "1e3", "²", "12abc", "null"),
    *("9223372036854775807", "9223372036854775808", "9" * 5_000),
    *(
        "a\x00b",
        "\x00",
        "\ud800",
        "a\udfffb",
        "\ud83d\ude00",
        "a\u2028b\u2029",
        "a\x85b",
        "\u202eabc",
        "\ufeff",
    ),
    *("x" * 255, "x" * 256, "ж" * 5_000, "x" * 100_000),
    *("<b>x</b>", "'; DROP TABLE things;--", "../x", "a/b?c#d&e", "%00", "jane@example.org"),
    *("http://[", "https://x.org/\x00", "javascript:alert(1)"),
    *("-001-11-30T00:00:00+00:00", "0000-00-00 00:00:00", "2015-02-30", "2038-01-19T03:14:08"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    *([], {}, [[]], [None], {"id": 5}, {"0": 1}, {"name": None}, [1, "2", {"id": 3}], {"error": "Not Found"}),
    *map(Raw, ("NaN", "Infinity", "-Infinity", "1e400", "9" * 5_000, "01", "'x'", '"\\u0000"', '"\\ud800"')),
    *map(Raw, ("[" * 90 + "]" * 90, "[" * 150 + "]" * 150, '{"a":' * 500 + "1" + "}" * 500)),
]
"""Values that have broken parsers, stores or feeds."""

KEYS = {
    "id", "name", "public_url", "url", "creator", "maker", "user", "thing", "added", "created_at",
    "modified", "license", "tags", "tag", "slug", "count", "ancestors", "zip_data", "files", "hits",
    "total", "children", "sizes", "date", "size", "type", "hash", "target_id", "target_type",
    "parent_id", "body", "registered", "last_active", "skill_level", "first_name", "full_name",
    "location", "country", "website", "thumbnail", "absolute_url", "email",
}  # fmt: skip
"""Keys that parsers read, besides counts and flags; most damage goes there."""

SUBJECT = {"target_id", "target_type"}
"""Says whose a row is; nothing of it is stored, and that of another subject is refused all the same."""

PLACEHOLDER = "raw-json-{}-"


def mutations(seed: int, n: int) -> Iterator[tuple[str, bytes]]:
    """``n`` damaged answers, as (kind, body); the same for the same seed. One in 20 is whole."""
    random = Random(seed)
    kinds = list(KINDS)
    originals = {kind: KINDS[kind].recording() for kind in kinds}
    for number in range(n):
        kind = kinds[number % len(kinds)]
        if random.random() < 0.05:
            yield kind, json.dumps(originals[kind]).encode()
            continue
        holder = [copy.deepcopy(originals[kind])]
        for _ in range(random.choice([1, 1, 1, 2, 4])):
            random.choice(TREE)(random, holder)
        body = encode(random, holder[0])
        if random.random() < 0.2:
            body = random.choice(BYTES)(random, body)
        yield kind, body


def harmless(kind: str, random: Random, times: int) -> Iterator[tuple[bytes, bytes]]:
    """Damaged answers in which every stored column can be read: before, and after.

    Damaged is only what can be left out without any item being another one.
    """
    whole = shortened(KINDS[kind].recording())
    before = json.dumps(whole).encode()
    items = read_items(kind, before)
    nasty = [value for value in NASTY if not isinstance(value, Raw) and value != 10**400]
    for node, key in list(places(whole)):
        if isinstance(node, list) or key in SUBJECT:
            continue
        value = node.pop(key)
        if read_items(kind, json.dumps(whole).encode()) == items:
            for damage in random.sample(nasty, times):
                node[key] = damage
                yield before, json.dumps(whole).encode()
        node[key] = value


def shortened(node: Any) -> Any:
    """The first two of each list."""
    if isinstance(node, dict):
        return {key: shortened(value) for key, value in node.items()}
    return [shortened(value) for value in node[:2]] if isinstance(node, list) else node


def encode(random: Random, document: Any) -> bytes:
    """Write a document, with raw JSON where it holds some."""
    raws: list[str] = []

    def plain(node: Any) -> Any:
        if isinstance(node, Raw):
            raws.append(str(node))
            return PLACEHOLDER.format(len(raws) - 1)
        if isinstance(node, dict):
            return {key: plain(value) for key, value in node.items()}
        return [plain(value) for value in node] if isinstance(node, list) else node

    document = plain(document)
    try:
        text = json.dumps(document, ensure_ascii=random.random() < 0.5)
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(document)
    for number, raw in enumerate(raws):
        text = text.replace(f'"{PLACEHOLDER.format(number)}"', raw)
    return text.encode()


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) below a container."""
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from places(value)


def pick(random: Random, holder: list[Any]) -> tuple[Any, Any]:
    """One place, mostly where parsers look."""
    every = list(places(holder))
    read = [
        (node, key)
        for node, key in every
        if isinstance(key, str)
        and (key in KEYS or key.startswith(("is_", "count_of_")) or key.endswith("_count"))
    ]
    return random.choice(read if read and random.random() < 0.8 else every)


def replace(random: Random, holder: list[Any]) -> None:
    node, key = pick(random, holder)
    node[key] = copy.deepcopy(random.choice(NASTY))


def remove(random: Random, holder: list[Any]) -> None:
    node, key = pick(random, holder)
    if node is not holder:
        del node[key]


def rename(random: Random, holder: list[Any]) -> None:
    node, key = pick(random, holder)
    if isinstance(node, dict):
        node[random.choice([*sorted(KEYS), key.upper(), key + "\x00", "ключ"])] = node.pop(key)


def double(random: Random, holder: list[Any]) -> None:
    """The same key twice, the second time with another value: written as raw JSON."""
    node, key = pick(random, holder)
    if isinstance(node, dict):
        value = random.choice([value for value in NASTY if not isinstance(value, Raw)])
        node[key] = Raw(f"0, {json.dumps(key)}: {json.dumps(value)}")


def repeat(random: Random, holder: list[Any]) -> None:
    node, key = pick(random, holder)
    if isinstance(node, list) and node is not holder:
        node.insert(key, node[key])


def move(random: Random, holder: list[Any]) -> None:
    """A value of this answer in another place of it."""
    source, target = pick(random, holder), pick(random, holder)
    target[0][target[1]] = copy.deepcopy(source[0][source[1]])


def stringify(random: Random, holder: list[Any]) -> None:
    node, key = pick(random, holder)
    node[key] = str(node[key])


def wrap(random: Random, holder: list[Any]) -> None:
    node, key = pick(random, holder)
    node[key] = random.choice([[node[key]], {"hits": node[key]}, {"data": node[key]}, {"0": node[key]}])


def cut(random: Random, body: bytes) -> bytes:
    return body[: random.randrange(len(body) + 1)]


def flip(random: Random, body: bytes) -> bytes:
    at = random.randrange(len(body) or 1)
    return body[:at] + bytes([random.randrange(256)]) + body[at + 1 :]


def recode(random: Random, body: bytes) -> bytes:
    text = body.decode("utf-8", "replace")
    return text.encode(random.choice(["utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig"]), "replace")


def swap(random: Random, body: bytes) -> bytes:
    """Another answer altogether."""
    others = [
        *(
            b"",
            b" ",
            b"null",
            b"[]",
            b"{}",
            b'""',
            b'"text"',
            b"0",
            b"true",
            b"[null]",
            b"[[]]",
            b'[{"id": 5}]',
        ),
        *(b"<html><title>Just a moment...</title></html>", b"error code: 1020", b'{"error": ""}'),
        b"You can only send 300 requests per 5 minutes. Please check the documentation",
        *(b"[" * 200_000, b"9" * 5_000),
        *(body + body, body + b"<!-- -->", b"\xef\xbb\xbf" + body, b")]}',\n" + body),
    ]
    return random.choice(others)


TREE: list[Callable[[Random, list[Any]], None]] = [
    replace, replace, replace, replace, remove, rename, double, repeat, move, stringify, wrap,
]  # fmt: skip
BYTES: list[Callable[[Random, bytes], bytes]] = [cut, flip, recode, swap]
