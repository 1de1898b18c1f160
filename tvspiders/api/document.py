"""Decode an answer's body once, safely, and write it back as text that every store holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from tvspiders.errors import AnswerRefused

LIMITER = "You can only send "
"""Start of the limiter's plain text (113 bytes; quoted by two projects, 2025-2026)."""

DEPTH = 100
"""Deepest nesting accepted; recorded answers need less than 10."""

LARGEST = 64_000_000
"""Bytes of memory that a decoded document may take; the largest recorded answer takes a fiftieth."""

_COSTS = ((b"{", 160), (b"[", 96), (b",", 80), (b":", 100))
"""Bytes of memory at most for each of these signs: a map, a list, a value, a key."""
_MOST = 4 + max(cost for _, cost in _COSTS)
"""The same for any one byte."""
_CONTROLS = bytes(range(32))
_BREAKS = ("\x85".encode(), "\u2028".encode(), "\u2029".encode())
_UNSAFE = re.compile("[\ud800-\udfff\x85\u2028\u2029]")


def read_json(body: bytes) -> Any:
    """Decode the body of an answer.

    A UTF-8 BOM is tolerated. Of two equal keys the last one wins, as in PHP
    and JavaScript. Everything else that is not exactly JSON is refused.

    Raises:
        AnswerRefused: with the reason ``too-large`` (it takes more
            memory than ``LARGEST``), ``empty``, ``limiter`` (the limiter's plain text), ``html``,
            ``not-text`` (no UTF-8), ``not-json``, ``nan`` (NaN, Infinity, 1e400),
            ``too-deep``, ``number-too-long`` or ``null``.

    """
    if takes_more(body, LARGEST):
        raise AnswerRefused("too-large", f"decoded it may take more than {LARGEST // 1_000_000} MB of memory")
    try:
        source = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnswerRefused("not-text", f"byte {error.start} is no UTF-8") from None
    source = source.strip()
    if not source:
        raise AnswerRefused("empty")
    if source.startswith(LIMITER):
        raise AnswerRefused("limiter", source[:200])
    if source.startswith("<"):
        raise AnswerRefused("html")
    try:
        document = _DECODER.decode(source)
    except json.JSONDecodeError as error:
        raise AnswerRefused("not-json", f"{error.msg} at character {error.pos}") from None
    except RecursionError:
        raise AnswerRefused("too-deep") from None
    except ValueError:  # the interpreter's limit on digits
        raise AnswerRefused("number-too-long") from None
    if document is None:
        raise AnswerRefused("null")
    if body.count(b"{") + body.count(b"[") > DEPTH:  # a level has a bracket; most things have fewer
        _refuse_depth(document)
    return document


def takes_more(body: bytes, limit: int) -> bool:
    """Whether the decoded body may take more bytes of memory, found out without decoding it.

    31 KB of ``gzip`` can hold ten million empty lists, and each of them is an object.
    """
    if len(body) * _MOST <= limit:  # nearly all answers: nothing is counted
        return False
    # one character beyond U+FFFF makes each character of a text take four bytes
    width = 1 if body.isascii() and b"\\u" not in body else 4
    return width * len(body) + sum(cost * body.count(sign) for sign, cost in _COSTS) > limit


def raw_text(document: Any) -> str:
    r"""JSON text of a decoded document: one line, encodable as UTF-8, storable in SQLite and PostgreSQL.

    Nothing is lost: NUL, lone surrogates and the line separators that
    ``splitlines`` knows (U+0085, U+2028, U+2029) are written as ``\uXXXX``.
    """
    written = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def json_text(body: bytes, document: Any) -> str:
    """The body itself where it can be stored as one line of text, else its document by :func:`raw_text`.

    ``document`` is what :func:`read_json` makes of the body.
    """
    if len(body.translate(None, _CONTROLS)) == len(body) and not any(sign in body for sign in _BREAKS):
        return body.decode("utf-8-sig")
    return raw_text(document)


def _refuse_depth(document: Any) -> None:
    """Refuse by a fixed depth: where the interpreter gives up depends on the caller's own stack."""
    level = [document]
    for _ in range(DEPTH):
        level = [child for parent in level for child in _children(parent) if isinstance(child, dict | list)]
        if not level:
            return
    raise AnswerRefused("too-deep", f"more than {DEPTH} levels")


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        _refuse_constant(digits[:40])
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise AnswerRefused("nan", f"{name} is no JSON number")


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse_constant)
