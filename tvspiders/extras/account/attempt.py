"""One attempt to sign in: the address to open, and how to recognise its redirect."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hmac import compare_digest
from urllib.parse import parse_qsl, urlencode, urlsplit

from tvspiders.errors import AccountProblem

CALLBACK = "/callback"
"""Below this the one-time path lies; a registered callback address ends with it."""
_SECRET = re.compile(r"[\x21\x22\x24-\x7e]{1,512}")
"""What a code or token may consist of: no blanks, and no ``#``, which begins a comment in the token file."""
_MOST_FIELDS = 20


@dataclass(frozen=True)
class Attempt:
    """The values of an attempt, made before the browser opens.

    The state comes back with the answer, unless the site drops it (reported by
    one client); the path is as hard to guess and comes back in any case.
    """

    client_id: str
    implicit: bool
    """Whether the site should return a token, not a code."""
    state: str = field(repr=False)
    path: str = field(repr=False)

    @classmethod
    def begin(
        cls, client_id: str, implicit: bool, random: Callable[[int], str] = secrets.token_urlsafe
    ) -> Attempt:
        """A new attempt with a state and a path of its own."""
        return cls(client_id, implicit, random(32), f"{CALLBACK}/{random(24)}")

    def address(self, www: str, back: str) -> str:
        """The consent page; ``back`` is the callback's address."""
        asked = {
            "client_id": self.client_id,
            "response_type": "token" if self.implicit else "code",
            "redirect_uri": back,
            "state": self.state,
        }
        return f"{www.rstrip('/')}/login/oauth/authorize?{urlencode(asked)}"

    def read(self, encoded: str, *, at_path: bool) -> str:
        """The code or token from the redirect's parameters, URL-encoded.

        ``at_path`` says that it came to the one-time path; else it must bring the state.

        Raises:
            AccountProblem: declined, another state, nothing usable; in one line.

        """
        given = _once(_fields(encoded))
        state = given.get("state", "")
        if state and not compare_digest(state.encode(), self.state.encode()):
            raise AccountProblem(
                "the answer belongs to another sign-in (its state is wrong); nothing was taken"
            )
        if not state and not at_path:
            raise AccountProblem("the answer brings neither the state nor the address of this sign-in")
        if "error" in given:
            raise AccountProblem(_said(given["error"], given.get("error_description", "")))
        name = "access_token" if self.implicit else "code"
        found = given.get(name, "")
        if not found:
            raise AccountProblem(f"the site sent no {name.replace('_', ' ')} back; run scrapy login again")
        if not _SECRET.fullmatch(found):
            raise AccountProblem(f"the site sent a {name.replace('_', ' ')} back that cannot be one")
        return found

    def read_pasted(self, text: str, back: str) -> str | None:
        """The same from an address that the user pasted; ``None`` when it is something else."""
        address = text.strip().strip("\"'<>")
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        encoded = parts.fragment if self.implicit and parts.fragment else parts.query
        if not encoded and "=" in address and "://" not in address:
            encoded = address.lstrip("#?")
        names = {name for name, _ in _fields(encoded)}
        if not names & {"code", "access_token", "error"}:
            return None
        return self.read(encoded, at_path=address.partition("?")[0].partition("#")[0] == back)


def _fields(encoded: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise AccountProblem("the answer has more parts than an answer has") from None


def _once(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Raises ``AccountProblem`` for a name that occurs twice, which is ambiguous."""
    found: dict[str, str] = {}
    for name, value in fields:
        if name in found:
            raise AccountProblem("the answer names something twice; nothing was taken")
        found[name] = value
    return found


def _said(error: str, description: str) -> str:
    more = one_line(description)
    if error == "access_denied":
        return f"access was declined{f' ({more})' if more else ''}; nothing was written"
    return f"the site refused: {one_line(error)}{f' ({more})' if more else ''}; nothing was written"


def one_line(text: str) -> str:
    """Sanitise text of the site for a terminal: printable, one line, at most 200 characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[:800]).split())[:200]
