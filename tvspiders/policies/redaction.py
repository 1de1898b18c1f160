"""Mask every known secret in any log record: the second line of defence."""

from __future__ import annotations

import base64
import logging
import re
import traceback
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "[secret]"
SHORTEST = 4
"""Letters of the shortest form that is masked in a log record; anything shorter would mask ordinary text."""
SHORTEST_IN_BODY = 8
"""The same in a body: what an answer says must not be changed for a token like ``test``."""


class RedactingFilter(logging.Filter):
    """Masks secrets, raw, base64 or percent-encoded, in message, arguments, exception and stack text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._forms: set[str] = set()
        self._words: set[str] = set()
        self._plain: list[bytes] = []
        self._pattern: re.Pattern[str] | None = None
        self._body_pattern: re.Pattern[str] | None = None
        self.add(secrets)

    def add(self, secrets: Iterable[str], names: Iterable[str] = ()) -> None:
        """Know further secrets, of at least ``SHORTEST`` characters.

        Names are masked as whole words only: somebody may be called ``user``.
        """
        for secret in secrets:
            if len(secret) >= SHORTEST:
                self._forms |= _forms(secret)
        for name in names:
            if len(name) >= SHORTEST:
                self._words.add(name)
                self._forms |= _forms(name) - {name}
        self._pattern = self._any_of(self._forms | self._words)
        in_body = {form for form in self._forms | self._words if len(form) >= SHORTEST_IN_BODY}
        self._body_pattern = self._any_of(in_body)
        self._plain = [form.encode("latin-1") for form in in_body if max(form) <= "\xff"]

    def _any_of(self, forms: set[str]) -> re.Pattern[str] | None:
        # longest first: one secret may contain another
        ordered = sorted(forms, key=len, reverse=True)
        return re.compile("|".join(map(self._expression, ordered))) if ordered else None

    def _expression(self, form: str) -> str:
        expression = re.escape(form)
        return expression if form in self._forms else rf"(?<![A-Za-z0-9]){expression}(?![A-Za-z0-9])"

    def mask(self, text: str) -> str:
        """The text without secrets."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def mask_bytes(self, data: bytes) -> bytes:
        """The bytes without secrets of at least ``SHORTEST_IN_BODY`` characters."""
        if self._body_pattern is None:
            return data
        if not any(form in data for form in self._plain):
            return data  # as nearly always; this search is many times faster than the pattern
        # every form is plain text, so the other bytes may mean anything
        return self._body_pattern.sub(MASK, data.decode("latin-1")).encode("latin-1")

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place where it holds a secret; always lets it pass."""
        if self._pattern is None:
            return True
        try:
            message = record.getMessage()
        except Exception:  # a wrong format string must fail later, in the handler, as usual
            message = f"{record.msg} {record.args}"
        if self._pattern.search(message):
            record.msg, record.args = self.mask(message), ()
        if record.exc_info and record.exc_info[0] is not None:
            text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            if self._pattern.search(text):
                record.exc_text, record.exc_info = self.mask(text), None
        for name in ("exc_text", "stack_info"):
            value = getattr(record, name, None)
            if isinstance(value, str):
                setattr(record, name, self.mask(value))
        return True


_FILTER = RedactingFilter()
_BODIES = RedactingFilter()


def scrub(data: bytes) -> bytes:
    """Mask the secrets that the API is told, in bytes that came from it.

    Those of proxies never reach it, and may be words that its data hold as well.
    """
    return _BODIES.mask_bytes(data)


def masked(text: str) -> str:
    """The text without the secrets that are masked in log records."""
    return _FILTER.mask(text)


def install_redaction(
    secrets: Iterable[str], names: Iterable[str] = (), told_api: bool = True
) -> RedactingFilter:
    """Mask these secrets in every log record from now on, on every handler, present and future.

    May be called again with further secrets. Records are masked when they are
    made, so that a handler added later shows none either; the filter on each
    present handler also covers records that were made elsewhere. ``names`` are
    masked as whole words, ``told_api`` masks the secrets in answers as well.
    """
    secrets = list(secrets)
    _FILTER.add(secrets, names)
    if told_api:
        _BODIES.add(secrets)
    for handler in _handlers():
        if _FILTER not in handler.filters:
            handler.addFilter(_FILTER)
    made = logging.getLogRecordFactory()
    if not isinstance(made, _MaskingFactory):
        logging.setLogRecordFactory(_MaskingFactory(made))
    return _FILTER


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


def _forms(secret: str) -> set[str]:
    raw = secret.encode()
    forms = {secret, quote(secret, safe=""), quote_plus(secret)}
    for shift, foreign in enumerate((0, 2, 3)):
        # inside a longer base64 text a secret starts at one of three places; its outer letters are shared
        text = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")[foreign:-1]
        forms |= {text, text.replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= SHORTEST}
