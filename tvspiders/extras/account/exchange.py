"""Exchange a code for a token, and verify the app of a token: forms and responses. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from tvspiders.api import answers
from tvspiders.api.answers import Verdict
from tvspiders.errors import AccountProblem
from tvspiders.extras.account.attempt import one_line

TOKEN_PATH = "/login/oauth/access_token"  # noqa: S105 - an address
INFO_PATH = "/login/oauth/tokeninfo"
BLOCKED = (
    "the site shows a page for browsers only (a bot challenge) instead of an answer; nothing was written, "
    "try again later"
)
_TOKEN = re.compile(r"[\x21\x22\x24-\x7e]{4,512}")


def exchange_form(client_id: str, secret: str, code: str, back: str) -> dict[str, str]:
    """The form that exchanges a code; the secret is sent in the body only."""
    return {
        "client_id": client_id,
        "client_secret": secret,
        "code": code,
        "redirect_uri": back,
        "grant_type": "authorization_code",
    }


def read_token(status: int, headers: Mapping[str, str], body: bytes) -> str:
    """The token of the response, which is URL-encoded, not JSON (specification); JSON is read as well.

    Raises:
        AccountProblem: without a token; the line says what the site said.

    """
    given = _answer(status, headers, body)
    if not 200 <= status < 300 or "error" in given or "access_token" not in given:
        said = one_line(given.get("error_description") or given.get("error") or "")
        raise AccountProblem(
            f"the code was not exchanged ({said or f'status {status}'}); a code lasts minutes and works "
            "once: run scrapy login again, and check THINGIVERSE_CLIENT_ID and THINGIVERSE_CLIENT_SECRET"
        )
    if given.get("token_type", "bearer").lower() != "bearer":
        raise AccountProblem("the site gave a token of another kind than bearer; nothing was written")
    return plausible(given["access_token"])


def plausible(token: str) -> str:
    """The token, if the token file can hold it. Raises ``AccountProblem`` otherwise."""
    if not _TOKEN.fullmatch(token):
        raise AccountProblem("the site gave something that cannot be a token; nothing was written")
    return token


def check_audience(status: int, headers: Mapping[str, str], body: bytes, client_id: str) -> None:
    """Accept the token only when it was made for this very app.

    A token that another app was given would work as well, and acting with it
    would be acting for somebody who never said yes to us (confused deputy).
    ``audience`` is text or a number (specification; code of a client).

    Raises:
        AccountProblem: for any other audience, and when the site does not say.

    """
    answer = answers.read(status, headers, body)
    _refuse_page(answer, body)
    document = answer.document if isinstance(answer.document, dict) else {}
    if not 200 <= status < 300 or "error" in document or "audience" not in document:
        said = one_line(answer.message) or f"status {status}"
        raise AccountProblem(f"the site did not confirm the token ({said}); nothing was written")
    audience = document["audience"]
    exact = isinstance(audience, str | int) and not isinstance(audience, bool) and str(audience) == client_id
    if not exact:
        raise AccountProblem(
            "the token was made for another app than THINGIVERSE_CLIENT_ID; nothing was written"
        )


def _answer(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    answer = answers.read(status, headers, body)
    _refuse_page(answer, body)
    if isinstance(answer.document, dict):
        return {name: str(value) for name, value in answer.document.items()}
    try:
        fields = parse_qsl(body.decode("ascii").strip(), keep_blank_values=True, max_num_fields=20)
    except ValueError:  # no ASCII, or far too many
        return {}
    names = [name for name, _ in fields]
    return dict(fields) if len(set(names)) == len(names) else {}


def _refuse_page(answer: answers.Answer, body: bytes) -> None:
    if answer.verdict is Verdict.LIMITED:
        raise AccountProblem(
            "the site refuses more requests for now (429); nothing was written, try again later"
        )
    if answer.reason == "challenge" or body.lstrip()[:1] == b"<":
        raise AccountProblem(BLOCKED)
