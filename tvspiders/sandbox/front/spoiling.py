"""Corrupt complete responses, by fault."""

from __future__ import annotations

import json
import zlib
from functools import cache
from typing import Any

from tvspiders.sandbox.api.answers import NO_STORE, Answer

BOMB_BYTES = 64 * 1024 * 1024
"""Unpacked size of a gzip bomb."""

_ODD_BODIES = (
    b'{"id": NaN, "name": Infinity}',
    b"[" * 100_000,
    b'{"id": ' + b"9" * 5_000 + b"}",
    b'{"name": "\xff\xfe caf\xe9"}',
    b'"text"',
    b"\xef\xbb\xbf<!-- not JSON -->",
)


def garbled(answer: Answer, number: int) -> Answer:
    """JSON that no parser should trust: cut short (with the length to match), not
    a number, too deep, too long a number, no UTF-8, a mere text, no JSON at all."""
    forms = (answer.body[: len(answer.body) * 2 // 3], *_ODD_BODIES)
    return Answer(answer.status, forms[number % len(forms)], answer.headers, answer.content_type)


def mistyped(answer: Answer) -> Answer:
    """The same facts in other types, as other years sent them: counts as text,
    flags as numbers and numbers as flags, an empty map for an empty list."""
    if answer.status != 200:
        return answer
    body = json.dumps(_retyped("", json.loads(answer.body)), separators=(",", ":")).encode()
    return Answer(answer.status, body, answer.headers, answer.content_type)


def _retyped(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _retyped(name, below) for name, below in value.items()}
    if isinstance(value, list):
        empty: Any = {} if key and key != "hits" else []
        return [_retyped("", below) for below in value] or empty
    if key.startswith("is_") and value in (0, 1) and value is not None:
        return int(value) if isinstance(value, bool) else bool(value)
    if key.endswith("_count") and isinstance(value, int):
        return str(value)
    return value


def redirected(base: str, target: str) -> Answer:
    """Sent to another host, as a stolen name server would: 127.0.0.2, the same port."""
    scheme, _, host = base.partition("://")
    port = host.rpartition(":")[2]
    headers = NO_STORE | {"Location": f"{scheme}://127.0.0.2:{port}{target}"}
    return Answer(302, b"", headers, "text/html; charset=UTF-8")


@cache
def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    blanks = b" " * (1024 * 1024)
    parts = [packer.compress(blanks) for _ in range(BOMB_BYTES // len(blanks))]
    return b"".join((*parts, packer.compress(b"[]"), packer.flush()))


def bomb() -> Answer:
    """A few kilobytes of gzip that unpack to 64 MB of blanks and an empty list."""
    return Answer(200, _bomb(), {"Content-Encoding": "gzip"})
