"""Every secret of this process, and how it is taken out of what comes in and of what is shown.

One search for all of it: answers on entry, log records, and text for people. Most text holds no secret, and
that is found out first, by a look at every eighth byte whose price does not depend on how many secrets there
are. Only where something was found, a pattern for that secret is made and applied.
"""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import string
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any

from tvspiders.harmless import JOINERS, visible

MASK = "[secret]"
SHORTEST = 4
"""Letters of the shortest secret that is masked in a log record; less would mask ordinary text."""
SHORTEST_IN_ANSWER = 8
"""The same in an answer: what it says must not be changed for a token like ``test``."""
MANY = 100
"""Secrets after which further ones are looked for in fewer forms: a list may hold thousands of proxies."""

FEW = 8
"""Secrets that share a piece up to which none is looked at closer before a pattern is made."""
LARGE = 256 * 1024
"""Characters above which escaped forms are not cut out of a text: one that holds any is dropped instead."""
_WORD = 8
"""Bytes of the pieces that are compared."""
_PIECE = 2 * _WORD - 1
"""Bytes of a text in which one whole word lies, wherever it begins."""
_SIGN = r"(?:%|\\u0025|&(?:amp;){0,4}\#(?:37|x25);)"
_ESCAPES = re.compile(
    r"%(?:25){0,8}([0-9a-fA-F]{2})|\\(?<!\\\\)\\{0,7}(?:(?:u00|x)([0-9a-fA-F]{2})|([/\"']))"
    r"|&(?:amp;){0,4}(?:#(?:[xX]0{0,6}([0-9a-fA-F]{2})|0{0,6}([0-9]{2,3}));?|(amp|lt|gt|quot|apos);)"
)
"""Each alternative begins with its sign, which makes it three times as fast as a look behind would."""
_ESCAPED = (
    (b"%", re.compile(rb"%[2-7][0-9a-f]")),
    (b"\\", re.compile(rb"\\(?:(?:u00|x)[2-7][0-9a-f]|/)")),
    (b"&", re.compile(rb"&(?:amp;)*#")),
)
"""Signs, and what may be an escaped character of a secret: of other alphabets there is plenty in answers."""
_MARKUP = ((b"&", re.compile(rb"&(?:amp|lt|gt|quot|apos);")), (b"\\", re.compile(rb"\\[\"']")))
"""The same for a secret that holds one of ``&<>"'``: such escapes hide no other character."""
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


@dataclass(frozen=True)
class _Secret:
    """One secret, or a name that is masked as a whole word only."""

    text: str
    word: bool = False
    in_answers: bool = True

    def forms(self, few: bool) -> Iterator[str]:
        """How it is written without escapes: as it is, and in base64, base32, hexadecimal and reversed."""
        raw = self.text.encode("utf-8", "replace")
        yield self.text
        if (quoted := json.dumps(self.text, ensure_ascii=False)[1:-1]) != self.text:
            yield quoted
        # inside a longer text a secret starts at one of a few places; its outer letters are shared
        for shift, foreign in enumerate((0, 2, 3)):
            text = base64.b64encode(bytes(shift) + raw).decode().rstrip("=")[foreign:-1]
            yield from (text, text.replace("+", "-").replace("/", "_"))
        if few:
            return
        for shift, foreign in enumerate((0, 2, 4, 5, 7)):
            yield base64.b32encode(bytes(shift) + raw).decode().rstrip("=")[foreign:-1]
        yield raw.hex()
        yield self.text[::-1]

    def seen_in(self, plain: bytes) -> bool:
        """Whether a text in lower case holds a form of it; cut or not."""
        return any(form[1:-1].encode("utf-8", "replace").lower() in plain for form in self.forms(self.word))

    @property
    def literal(self) -> str:
        """A pattern for the forms themselves, which costs little in a long text."""
        forms = [form.translate(_LOWER) for form in self.forms(few=self.word) if len(form) >= SHORTEST]
        if not self.word and len(self.text) > SHORTEST_IN_ANSWER:
            forms += [forms[0][1:], forms[0][:-1]]
        return "|".join(map(re.escape, forms))

    @cached_property
    def pattern(self) -> str:
        """It in any form, each character as it is or escaped in any way, in either case, also cut by one."""
        first, *others = dict.fromkeys(self.forms(few=self.word))
        if self.word:
            raw = rf"(?<![a-z0-9]){re.escape(first.translate(_LOWER))}(?![a-z0-9])"
        else:
            raw = _spelt(first, cut=len(first) > SHORTEST_IN_ANSWER)
        return "|".join([raw, *(_encoded(form) for form in others if len(form) >= SHORTEST)])


class Secrets:
    """All secrets that are known, and the search for them."""

    def __init__(self) -> None:
        self._known: dict[str, _Secret] = {}
        self._words: dict[int, list[_Secret]] = {}
        """Eight bytes of a form, in lower case -> whose they are."""
        self._short: dict[bytes, _Secret] = {}
        """Whole forms that are too short to have such words."""
        self._escaped: tuple[tuple[bytes, re.Pattern[bytes]], ...] = _ESCAPED
        """What tells that a text without a secret may hold an escaped one."""
        self._in_answers = False
        """Whether any of them is masked in answers."""

    def add(self, texts: Iterable[str], *, names: bool = False, in_answers: bool = True) -> None:
        """Know further secrets, of at least ``SHORTEST`` characters; others are let be.

        ``names`` are masked as whole words only, and never in answers: somebody may be called ``user``.
        So is a secret that the API is not told, if it is all letters.
        """
        for text in texts:
            answers = in_answers and not names and len(text) >= SHORTEST_IN_ANSWER
            known, secret = self._known.get(text), _Secret(text, names, answers)
            as_strict = known is not None and (known.word, not known.in_answers) <= (names, not answers)
            if len(text) < SHORTEST or as_strict:
                continue
            self._known[text] = secret
            self._in_answers |= answers
            if html.escape(text) != text:
                self._escaped = _ESCAPED + _MARKUP
            for form in secret.forms(few=names or len(self._known) > MANY):
                self._index(form.encode("utf-8", "replace").lower(), secret)

    def mask(self, text: str, in_answer: bool = False) -> str:
        """The text without secrets; of an answer's text without those that are masked in answers."""
        if not (self._in_answers if in_answer else self._known):
            return text
        return self._masked(text, self._found(text.encode("utf-8", "surrogatepass"), in_answer))

    def mask_bytes(self, data: bytes) -> bytes:
        """The bytes of an answer without secrets; the very same object where there are none."""
        found = self._found(data, in_answer=True) if self._in_answers else set()
        if not found:
            return data
        text = data.decode("latin-1")  # every form is plain text, so the other bytes may mean anything
        masked = self._masked(text, found)
        return data if masked is text else masked.encode("latin-1")

    def _index(self, form: bytes, secret: _Secret) -> None:
        if len(form) < SHORTEST:
            return
        if len(form) < _PIECE:
            self._short[form] = secret
            if len(form) > SHORTEST_IN_ANSWER and form == secret.text.encode("utf-8", "replace").lower():
                self._short |= {form[1:]: secret, form[:-1]: secret}
            return
        middle = (len(form) - _PIECE) // 2
        # a form of 15 or 16 bytes has no inner piece that a cut at either end leaves whole
        pieces = [form[middle : middle + _PIECE]] if len(form) >= _PIECE + 2 else [form]
        for piece in pieces:
            for start in range(len(piece) - _WORD + 1):
                word = int.from_bytes(piece[start : start + _WORD], sys.byteorder)
                self._words.setdefault(word, []).append(secret)
        if len(form) < _PIECE + 2:
            self._short |= {form[1:]: secret, form[:-1]: secret}

    def _found(self, data: bytes, in_answer: bool = False) -> set[_Secret]:
        """Which secrets may be in it; a few too many are no harm, they cost time."""
        plain = data.lower().replace(b"\0", b"").replace(b"\\/", b"/")
        found = self._look(plain, in_answer)
        if any(sign in plain and escape.search(plain) for sign, escape in self._escaped):
            deeper = _unescaped(plain.decode("latin-1")).encode("latin-1", "replace")
            if deeper != plain:
                found |= self._look(deeper, in_answer)
        return found

    def _look(self, plain: bytes, in_answer: bool = False) -> set[_Secret]:
        found = {
            secret
            for form, secret in self._short.items()
            if (secret.in_answers or not in_answer) and form in plain
        }
        words = memoryview(plain)[: len(plain) // _WORD * _WORD].cast("Q").tolist()
        if not self._words.keys().isdisjoint(words):
            met = {secret for word in words for secret in self._words.get(word, ())}
            found |= {secret for secret in met if secret.in_answers or not in_answer}
        if len(found) > FEW:  # such as addresses of proxies that differ in a letter or two
            found = {secret for secret in found if secret.seen_in(plain)}
        return found

    def _masked(self, text: str, found: set[_Secret]) -> str:
        if not found:
            return text
        masked = text
        # longest first: one secret may contain another
        for secret in sorted(found, key=lambda secret: len(secret.text), reverse=True):
            masked = _cut_out(_pattern(secret, len(text) > LARGE), masked)
        if len(text) > LARGE:
            return MASK if found & self._found(masked.encode("utf-8", "surrogatepass")) else masked
        plain = deeper = _unescaped(masked)
        if plain != masked:  # escapes within escapes: only without them it is seen
            for secret in found:
                deeper = _cut_out(_pattern(secret), deeper)
            masked = masked if deeper == plain else deeper
        return text if masked == text else masked


def _cut_out(pattern: re.Pattern[str], text: str) -> str:
    """The text with the mask where the pattern, which is in lower case, matches."""
    parts = []
    for part in text.split(MASK):  # a secret may be a word of the mask
        end = 0
        for match in pattern.finditer(part.translate(_LOWER)):
            parts += [part[end : match.start()], MASK]
            end = match.end()
        parts += [part[end:], MASK]
    return "".join(parts[:-1])


_LOWER = {ord(char): ord(char.lower()) for char in string.ascii_uppercase}
"""Unlike ``lower`` this leaves every character in its place."""


@lru_cache(maxsize=64)
def _pattern(secret: _Secret, plainly: bool = False) -> re.Pattern[str]:
    return re.compile(secret.literal if plainly else secret.pattern)


def _spelt(form: str, cut: bool = False) -> str:
    """A pattern for the form with any of its characters escaped; ``cut``: the first or the last may lack."""
    form = form.translate(_LOWER)
    units = [_unit(char) for char in form]
    whole = _BETWEEN.join((_unit(form[0], first=True), *units[1:-1]))
    if not cut:
        return _BETWEEN.join((whole, units[-1]))
    without = _BETWEEN.join((_unit(form[1], first=True), *units[2:]))
    return f"{whole}(?:{_BETWEEN}{units[-1]})?|{without}"


def _encoded(form: str) -> str:
    """A pattern for an encoded form, of which only what is neither letter nor digit gets escaped."""
    return "".join(char if char.isalnum() else _unit(char) for char in form.translate(_LOWER))


_BETWEEN = r"\x00{0,3}"
"""In text of 16 or 32 bits that is read as bytes."""


@lru_cache(maxsize=512)
def _unit(char: str, first: bool = False) -> str:
    """A character as it is, percent-encoded, as an entity, or as JSON and Python escape it."""
    many = "" if first else r"\\{0,7}"  # a long row of backslashes must not be read again from each of them
    wide, code = char.encode("utf-8", "replace"), ord(char)
    cases = {code, ord(char.upper())} if char.isascii() else {code}
    codes, digits = "|".join(f"{case:02x}" for case in cases), "|".join(map(str, cases))
    ways = [rf"{many}{re.escape(char)}", rf"{_SIGN}(?:25){{0,8}}(?:{codes})"]
    ways += [rf"{many}\\(?:u0{{0,2}}|x)(?:{codes})"]
    ways += [rf"&(?:amp;){{0,4}}\#(?:x0{{0,6}}(?:{codes})|0{{0,6}}(?:{digits}));?"]
    if html.escape(char) != char:
        ways.append(re.escape(html.escape(char)))
    if char == " ":
        ways.append(r"\+")
    if len(wide) > 1:
        encoded = "".join(rf"{_SIGN}(?:25){{0,8}}{byte:02x}" for byte in wide)
        ways += [re.escape(wide.decode("latin-1")), encoded]
    return f"(?:{'|'.join(ways)})"


def _unescaped(text: str) -> str:
    """What a reader of URLs, HTML and JSON would make of it, however often it was escaped; without NUL."""
    text = text.replace("\0", "").replace("\\/", "/")
    for _ in range(4 if len(text) <= LARGE else 1):
        before, text = text, _ESCAPES.sub(_char, text)
        if text == before:
            break
    return text


def _char(found: re.Match[str]) -> str:
    percent, escape, sign, hexadecimal, decimal, name = found.groups()
    if sign:
        return str(sign)
    if name:
        return _NAMED[name.lower()]
    number = int(decimal) if decimal else int(percent or escape or hexadecimal, 16)
    return chr(number) if number < 256 else found[0]


_SECRETS = Secrets()


def masked(text: str) -> str:
    """The text without any secret of this process."""
    return _SECRETS.mask(text)


def mask_answer(headers: Iterable[tuple[str, str]], body: bytes) -> tuple[list[tuple[str, str]], bytes]:
    """An answer of the other side without any secret: every HTTP client of ours calls this on entry.

    What holds none comes back as it was given. What else comes of the other side, such as the words of its
    status line, no client hands on.
    """
    mask, kept = partial(_SECRETS.mask, in_answer=True), list(headers)
    together = "\n".join(part for pair in kept for part in pair)
    if mask(together) != together:
        kept = [(mask(name), mask(value)) for name, value in kept]
    return kept, _SECRETS.mask_bytes(body)


class RedactingFilter(logging.Filter):
    """Masks secrets in message, arguments, exception and stack text of log records.

    What a terminal would obey is shown as an escape there, but for ends of lines and tabs.
    """

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place where it holds a secret; always lets it pass."""

        def mask(text: str) -> str:
            return visible(self._secrets.mask(text), kept=_IN_LOGS)

        try:
            message = record.getMessage()
        except Exception:  # a wrong format string must fail later, in the handler, as usual
            message = f"{record.msg} {record.args}"
        if (clean := mask(message)) != message:
            record.msg, record.args = clean, ()
        if record.exc_info and record.exc_info[0] is not None:
            text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            if (clean := mask(text)) != text:
                record.exc_text, record.exc_info = clean, None
        for name in ("exc_text", "stack_info"):
            value = getattr(record, name, None)
            if isinstance(value, str):
                setattr(record, name, mask(value))
        return True


_IN_LOGS = f"{JOINERS}\n\t"
_FILTER = RedactingFilter(_SECRETS)


def install_redaction(secrets: Iterable[str], names: Iterable[str] = (), told_api: bool = True) -> None:
    """Mask these secrets from now on: in answers, in text for people, and in every log record.

    May be called again with further secrets. Records are masked when they are
    made, so that a handler added later shows none either; the filter on each
    present handler also covers records that were made elsewhere. ``names`` are
    masked as whole words. Without ``told_api`` a secret is masked in answers only where no
    ordinary text can be meant: it never reaches the API, and may be a word that its data hold as well.
    """
    known = list(secrets)
    plain = [] if told_api else [secret for secret in known if secret.isalpha()]
    _SECRETS.add(plain, in_answers=False)
    _SECRETS.add(secret for secret in known if secret not in plain)
    _SECRETS.add(names, names=True)
    for handler in _handlers():
        if _FILTER not in handler.filters:
            handler.addFilter(_FILTER)
    made = logging.getLogRecordFactory()
    if not isinstance(made, _MaskingFactory):
        logging.setLogRecordFactory(_MaskingFactory(made))


class _MaskingFactory:
    def __init__(self, made: Any) -> None:
        self.made = made

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self.made(*args, **kwargs)
        _FILTER.filter(record)
        return record


def _handlers() -> list[logging.Handler]:
    loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    return [
        handler for logger in loggers if isinstance(logger, logging.Logger) for handler in logger.handlers
    ]
