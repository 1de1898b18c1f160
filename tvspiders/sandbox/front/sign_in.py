"""OAuth endpoints of the site: consent, code, token and token info.

It lives below ``/login/oauth`` of the same address, needs no token, and has no
quota. Everybody who consents is the one user to whom every token belongs.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode, urlsplit

from tvspiders.sandbox.api.answers import NO_STORE, Answer, challenge, error, ok
from tvspiders.sandbox.api.routing import Ask, Router
from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.likes import ME

PREFIX = ("login", "oauth")
CODE_SECONDS = 600.0
"""How long a code can be exchanged."""

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1>{body}</body></html>
"""
_CONSENT = """<p>The app {app} wants to act for {user}.</p>
<form method="post" action="/login/oauth/authorize">{hidden}
<button id="allow" name="decision" value="allow">Allow</button>
<button id="deny" name="decision" value="deny">Deny</button></form>"""
_ASKED = ("client_id", "redirect_uri", "response_type", "state")


@dataclass(frozen=True, slots=True)
class _Code:
    client: str
    redirect: str
    until: float


class SignIn:
    """Who may sign in, and what was handed out.

    ``oddities`` are words out of `SIGN_IN_ODDITIES` of the configuration; they can change at any time.
    """

    def __init__(self, catalogue: Catalogue, clients: Mapping[str, str], oddities: frozenset[str]) -> None:
        self._catalogue = catalogue
        self._clients = dict(clients)
        self._codes: dict[str, _Code] = {}
        self.oddities = set(oddities)
        self.issued: dict[str, str] = {}
        """Token -> app that it was given to."""
        self.router = Router()
        add: Callable[..., None] = self.router.add
        add("/login/oauth/authorize", self.consent)
        add("/login/oauth/authorize", self.decide, method="POST")
        add("/login/oauth/access_token", self.exchange, method="POST")
        add("/login/oauth/tokeninfo", self.tokeninfo, method="POST")

    def answer(self, ask: Ask, now: float) -> Answer | None:
        """Answer a request below the prefix; None: never."""
        found = self.router.find(ask.method, ask.segments)
        if found is None:
            return error(404, "Not Found")
        if ask.method == "POST" and ask.segments[-1] != "authorize":
            if "stall" in self.oddities:
                return None
            if "challenge" in self.oddities:
                return challenge(403)
        handler: Callable[[Ask, float], Answer] = found[0]
        return handler(ask, now)

    def consent(self, ask: Ask, now: float) -> Answer:
        """The page that asks the user."""
        wrong = self._wrong(ask.query)
        if wrong:
            return _page(400, "This app cannot sign you in", f"<p>{escape(wrong)}</p>")
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(ask.query[name])}">'
            for name in _ASKED
            if name in ask.query
        )
        user = self._catalogue.people.name(ME)
        form = _CONSENT.format(app=escape(ask.query["client_id"]), user=escape(user), hidden=hidden)
        return _page(200, "Allow this app?", form)

    def decide(self, ask: Ask, now: float) -> Answer:
        """The user's answer: back to the app, with a code, a token or the refusal."""
        form = ask.form
        wrong = self._wrong(form)
        if wrong:
            return _page(400, "This app cannot sign you in", f"<p>{escape(wrong)}</p>")
        by_token = form.get("response_type") == "token"
        if form.get("decision") != "allow":
            given = {"error": "access_denied", "error_description": "The user denied the request"}
        elif by_token:
            given = {"access_token": self._issue(form["client_id"]), "token_type": "bearer"}
        else:
            code = secrets.token_hex(16)
            lasts = -1.0 if "expired" in self.oddities else CODE_SECONDS
            self._codes[code] = _Code(form["client_id"], form["redirect_uri"], now + lasts)
            given = {"code": code}
        if "state" in form and "drop-state" not in self.oddities:
            given["state"] = "another" if "wrong-state" in self.oddities else form["state"]
        back = f"{form['redirect_uri']}{'#' if by_token else '?'}{urlencode(given)}"
        return Answer(303, b"", NO_STORE | {"Location": back}, "text/html; charset=utf-8")

    def exchange(self, ask: Ask, now: float) -> Answer:
        """A code for a token, once; the parameters are read from the body only."""
        form = ask.form
        client = form.get("client_id", "")
        if client not in self._clients or form.get("client_secret") != self._clients[client]:
            return _form(401, error="invalid_client", error_description="Client ID or secret is wrong")
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.client != client or now > code.until:
            return _form(400, error="bad_verification_code", error_description="The code has expired")
        if form.get("redirect_uri", code.redirect) != code.redirect:
            return _form(400, error="redirect_uri_mismatch")
        return _form(200, access_token=self._issue(client), token_type="bearer")  # noqa: S106

    def tokeninfo(self, ask: Ask, now: float) -> Answer:
        """Which app and user a token belongs to."""
        client = self.issued.get(ask.form.get("access_token", ""))
        if client is None:
            return error(400, "Invalid access token")
        audience: str | int = "another-app" if "foreign" in self.oddities else client
        if "number" in self.oddities and client.isdigit():
            audience = int(client)
        return ok({"audience": audience, "user_id": str(self._catalogue.people.id(ME))}, max_age=0)

    def _wrong(self, asked: Mapping[str, str]) -> str:
        if asked.get("client_id") not in self._clients:
            return "There is no app with this client ID."
        parts = urlsplit(asked.get("redirect_uri", ""))
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.fragment:
            return "The app gives no address to go back to."
        return ""

    def _issue(self, client: str) -> str:
        token = secrets.token_hex(16)
        self.issued[token] = client
        return token


def _page(status: int, title: str, body: str) -> Answer:
    text = _PAGE.format(title=title, body=body)
    return Answer(status, text.encode(), dict(NO_STORE), "text/html; charset=utf-8")


def _form(status: int, **values: str) -> Answer:
    """URL-encoded, not JSON: so it is documented."""
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    return Answer(status, urlencode(values).encode(), dict(NO_STORE), kind)
