"""Control endpoints below ``/_sandbox/``, apart from the API.

Parameters come in the query string, or in a JSON object as the body. Whatever
changes something is a POST.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from tvspiders.sandbox.api.routing import Ask, Router
from tvspiders.sandbox.config import FAULTS, SIGN_IN_ODDITIES, ConfigError, Quota, is_loopback
from tvspiders.sandbox.front.front import Front

PREFIX = "_sandbox"

_Parameters = dict[str, Any]
_TYPES = ("application/json", "application/x-www-form-urlencoded", "application/octet-stream")
"""Of a body; the second is what curl and urllib say of JSON by default, the third that nothing was said."""


class Control:
    """What can be read and changed while the sandbox runs."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self.router = Router()
        add: Callable[..., None] = self.router.add
        add("/_sandbox", self.index)
        add("/_sandbox/counters", lambda _: self._front.counters())
        add("/_sandbox/journal", self.journal)
        add("/_sandbox/clock", lambda _: {"day": self._front.day})
        add("/_sandbox/oracle/search", self.search)
        add("/_sandbox/oracle/things", self.things)
        add("/_sandbox/oracle/things/{id}", self.thing)
        add("/_sandbox/oracle/hubs", self.hubs)
        add("/_sandbox/oracle/remixes", self.remixes)
        add("/_sandbox/oracle/users/{name}", lambda asked, name: self._oracle(asked).user(name))
        add("/_sandbox/oracle/categories/{slug}", self.category)
        add("/_sandbox/oracle/tags/{tag}", self.tag)
        add("/_sandbox/oracle/collections/{id}", self.collection)
        add("/_sandbox/oracle/listed/{kind}", self.listed)
        add("/_sandbox/likes", self.likes)
        add("/_sandbox/reset", self.reset, method="POST")
        add("/_sandbox/advance", self.advance, method="POST")
        add("/_sandbox/faults", self.faults, method="POST")
        add("/_sandbox/lagging", self.lagging, method="POST")
        add("/_sandbox/correct/{id}", self.correct, method="POST")
        add("/_sandbox/quota", self.quota, method="POST")
        add("/_sandbox/revoke", self.revoke, method="POST")
        add("/_sandbox/restore", self.restore, method="POST")
        add("/_sandbox/block", self.block, method="POST")
        add("/_sandbox/unblock", self.unblock, method="POST")
        add("/_sandbox/sign-in", self.sign_in, method="POST")
        add("/_sandbox/unanswered-writes", self.unanswered_writes, method="POST")

    async def handle(self, request: web.BaseRequest, ask: Ask) -> web.Response:
        """Answer one control request."""
        found = self.router.find(ask.method, ask.segments)
        if found is None:
            return web.json_response({"error": f"no {ask.method} {ask.path} here"}, status=404)
        if refused := _refusal(request):
            return web.json_response({"error": refused}, status=403)
        asked: _Parameters = dict(ask.query)
        handler: Callable[..., Any] = found[0]
        try:
            if request.can_read_body and (body := await request.read()):
                asked |= json.loads(body)
            return web.json_response(handler(asked, *found[1]))
        except KeyError as missing:
            return web.json_response({"error": f"parameter {missing} is missing"}, status=400)
        except (ValueError, TypeError) as wrong:
            return web.json_response({"error": str(wrong)}, status=400)

    def index(self, _: _Parameters) -> Any:
        """The paths there are, and how the sandbox was started."""
        config = asdict(self._front.config) | {
            "tokens": len(self._front.config.tokens),
            "revoke": len(self._front.revoke_after),
            "token_quotas": len(self._front.config.token_quotas),
            "app_tokens": len(self._front.config.app_tokens),
            "clients": sorted(self._front.config.clients),
            "sign_in": sorted(self._front.sign_in.oddities),
            "block": sorted(self._front.blocked),
            "oddities": sorted(self._front.config.oddities),
            "odd_pages": sorted(self._front.config.odd_pages),
            "heeds": sorted(self._front.config.heeds),
            "vocabulary": sorted(self._front.config.vocabulary),
        }
        return {"paths": [f"{method} {path}" for method, path in self.router.patterns], "config": config}

    def journal(self, asked: _Parameters) -> Any:
        """Requests from number ``since`` on."""
        entries = self._front.journal.entries(int(asked.get("since", 0)))
        return {"next": self._front.journal.requests, "entries": [e.json(number) for number, e in entries]}

    def _oracle(self, asked: _Parameters) -> Any:
        day = asked.pop("day", None)
        return self._front.oracle(None if day is None else int(day))

    def _limit(self, asked: _Parameters) -> int | None:
        limit = asked.pop("limit", None)
        return None if limit is None else int(limit)

    def search(self, asked: _Parameters) -> Any:
        """``term``, ``limit``, ``day`` and the parameters of the API's search."""
        oracle, limit, term = self._oracle(asked), self._limit(asked), str(asked.pop("term", ""))
        return oracle.search(term, limit=limit, **asked)

    def category(self, asked: _Parameters, slug: str) -> Any:
        """``limit``, ``day``."""
        return self._oracle(asked).category(slug, limit=self._limit(asked))

    def tag(self, asked: _Parameters, name: str) -> Any:
        """``limit``, ``day``."""
        return self._oracle(asked).tag(name, limit=self._limit(asked))

    def collection(self, asked: _Parameters, number: str) -> Any:
        """``limit``, ``day``."""
        return self._oracle(asked).collection(int(number), limit=self._limit(asked))

    def listed(self, asked: _Parameters, kind: str) -> Any:
        """``limit``, ``day``."""
        if kind not in ("newest", "popular", "featured", "verified"):
            raise ConfigError(f"list {kind!r} is not accepted; accepted: newest, popular, featured, verified")
        return self._oracle(asked).listed(kind, limit=self._limit(asked))

    def thing(self, asked: _Parameters, number: str) -> Any:
        """One thing's columns."""
        return self._oracle(asked).thing(int(number))

    def things(self, asked: _Parameters) -> Any:
        """``ids``: a list, or text with commas."""
        return self._oracle(asked).things(_numbers(asked["ids"]))

    def hubs(self, asked: _Parameters) -> Any:
        """``limit``, ``day``: the things with the most derivatives."""
        return self._oracle(asked).hubs(self._limit(asked) or 5)

    def remixes(self, asked: _Parameters) -> Any:
        """``things``, ``direction``, ``depth`` (a number or ``all``)."""
        depth, direction = asked.get("depth", "all"), str(asked.get("direction", "both"))
        if direction not in ("both", "children", "parents"):
            raise ConfigError(f"direction {direction!r} is not accepted; accepted: both, children, parents")
        oracle = self._oracle(asked)
        return oracle.remixes(
            _numbers(asked["things"]), direction=direction, depth=None if depth == "all" else int(depth)
        )

    def reset(self, _: _Parameters) -> Any:
        """Counters, journal and windows to nothing."""
        self._front.reset()
        return {"ok": True}

    def advance(self, asked: _Parameters) -> Any:
        """``days`` (1)."""
        return {"day": self._front.advance(int(asked.get("days", 1)))}

    def faults(self, asked: _Parameters) -> Any:
        """``rate_500=0.1`` and the like; what is not named stays. Without parameters: all to 0."""
        if not asked:
            asked = {f"rate_{fault}": 0 for fault in FAULTS}
        for name, rate in asked.items():
            self._front.faults.set(name.replace("-", "_").removeprefix("rate_"), float(rate))
        return self._front.faults.rates

    def lagging(self, asked: _Parameters) -> Any:
        """``share`` (0), ``days``, ``answers``: which subjects a lagging replica answers for."""
        past = self._front.past
        days, answers = int(asked.get("days", past.days)), int(asked.get("answers", 0))
        past.set(float(asked.get("share", 0)), days, answers)
        return {"share": past.share, "days": past.days, "answers": past.answers}

    def correct(self, asked: _Parameters, number: str) -> Any:
        """Fields of the thing's own page and what they say from now on, as JSON."""
        self._front.correct(int(number), asked)
        return self._front.site.corrections[int(number)]

    def quota(self, asked: _Parameters) -> Any:
        """``quota`` (``N/period`` or ``none``), for all or for one ``token``."""
        text = str(asked["quota"])
        quota = None if text == "none" else Quota.parse(text)
        if "token" in asked:
            self._front.limiter.by_token[str(asked["token"])] = quota
        else:
            self._front.limiter.quota = quota
        return {"ok": True}

    def revoke(self, asked: _Parameters) -> Any:
        """``token``."""
        self._front.revoke(str(asked["token"]))
        return {"ok": True}

    def restore(self, asked: _Parameters) -> Any:
        """``token``."""
        self._front.restore(str(asked["token"]))
        return {"ok": True}

    def block(self, asked: _Parameters) -> Any:
        """``source``: an address or a proxy session."""
        self._front.blocked.add(str(asked["source"]))
        return {"blocked": sorted(self._front.blocked)}

    def unblock(self, asked: _Parameters) -> Any:
        """``source``; without it, all."""
        sources = {str(asked["source"])} if "source" in asked else set(self._front.blocked)
        self._front.blocked -= sources
        return {"blocked": sorted(self._front.blocked)}

    def likes(self, _: _Parameters) -> Any:
        """Likes given in this session and not taken back, and how often something was written."""
        likes, people = self._front.site.likes, self._front.site.catalogue.people
        given = [{"user": people.name(user), "thing": thing} for user, thing in likes.given()]
        return {"given": given, "writes": dict(likes.writes)}

    def sign_in(self, asked: _Parameters) -> Any:
        """``oddities``: words with commas; without it, none."""
        words = {word for word in str(asked.get("oddities", "")).split(",") if word}
        if unknown := sorted(words - set(SIGN_IN_ODDITIES)):
            raise ConfigError(f"{unknown[0]!r} is not known; accepted: {', '.join(SIGN_IN_ODDITIES)}")
        self._front.sign_in.oddities = words
        return {"oddities": sorted(words)}

    def unanswered_writes(self, asked: _Parameters) -> Any:
        """``writes``: so many of the next ones are carried out and never answered."""
        self._front.unanswered_writes = int(asked["writes"])
        return {"writes": self._front.unanswered_writes}


def _refusal(request: web.BaseRequest) -> str:
    """Why a web page that is open in a browser here may have sent the request; empty where none can have."""
    host = urlsplit(f"//{request.host}").hostname or ""
    if not is_loopback(host):  # a name of the page's own that leads here
        return "asked by a name that is not this computer's"
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        return "asked by a page of another origin"
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return "asked by a page of another origin"
    if request.can_read_body and request.content_type not in _TYPES:
        return "a body must be application/json"
    return ""


def _numbers(given: Any) -> list[int]:
    parts = given.split(",") if isinstance(given, str) else given
    return [int(part) for part in parts]
