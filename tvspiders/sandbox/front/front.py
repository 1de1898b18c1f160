"""Handle a request before the API does: tokens, quota, faults, blocks, and the journal.

Pure as well: `decide` takes a request and a time and says what is to happen;
`server` lets it happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate
from math import ceil
from typing import Any

from tvspiders.sandbox.api.answers import NO_STORE, Answer, bad_token, challenge, error, limited, no_token
from tvspiders.sandbox.api.public import is_public, public_page
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.api.site import Site
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.front import spoiling
from tvspiders.sandbox.front.faults import Faults
from tvspiders.sandbox.front.journal import Entry, Journal, token_label
from tvspiders.sandbox.front.past import Past
from tvspiders.sandbox.front.quota import Limiter, Verdict
from tvspiders.sandbox.front.sign_in import PREFIX, SignIn
from tvspiders.sandbox.oracle import Oracle


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to happen with a request."""

    answer: Answer | None
    """None: never answer, or cut the connection."""
    manner: str = ""
    """``stall``, ``reset``, ``truncated`` or ``slow``; empty for a proper answer."""


class Front:
    """One running sandbox, without its sockets."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.site = Site(config)
        self.day = config.day
        self.limiter = Limiter(config.quota, align=config.quota_align, by_token=dict(config.token_quotas))
        self.faults = Faults(config.rates, config.seed)
        self.past = Past(config.seed, share=config.lagging, days=config.lag_days, answers=config.lag_answers)
        self.sign_in = SignIn(self.site.catalogue, config.clients, config.sign_in)
        self.unanswered_writes = config.unanswered_writes
        """Writes that are still to be carried out and not answered."""
        self.blocked = set(config.block)
        self.revoked: set[str] = {token for token, after in config.revoke.items() if after == 0}
        self.revoke_after = dict(config.revoke)
        self.journal = Journal(config.journal, detailed=config.control)
        self._arrived = 0
        self._by_token: dict[str, int] = {}

    # Requests

    def decide(self, ask: Ask, target: str, *, session: str, address: str, now: float) -> Decision:
        """Decide about one request and enter it in the journal."""
        ask.ordinal = self._arrived
        ask.day = self.day
        ask.read_only = ask.token in self.config.app_tokens
        self._arrived += 1
        fault, refused, verdict = "", False, None
        if session in self.blocked or address in self.blocked:
            fault, found = "block", Decision(None, "stall")
        elif tuple(ask.segments[:2]) == PREFIX:
            signed = self.sign_in.answer(ask, now)
            found = Decision(signed, "" if signed else "stall")
        elif is_public(ask):
            found = Decision(public_page(self.site, ask, challenged=self.config.public_challenge))
        else:
            turned_away, verdict = self._at_the_door(ask, now)
            refused = verdict is not None and not verdict.admitted
            if turned_away is not None:
                found = Decision(turned_away)
            else:
                fault = self.faults.drawn(ask.ordinal) or ""
                spoilt = self._spoilt(ask, fault) if fault else None
                fault = fault if spoilt else ""
                if spoilt is None and (lagged := self.past.lagging(ask, self.site.answer)):
                    fault, spoilt = "lagging", Decision(lagged)
                found = spoilt or self._answered(ask)
                self._tell_age(found.answer)
        if found.answer is not None and verdict is not None:
            self._tell_quota(found.answer, verdict, now)
        status = found.answer.status if found.answer is not None else 0
        entry = Entry(now, token_label(ask.token), ask.method, target, status, fault)
        self.journal.add(entry, session=session or address, limited=refused)
        return found

    def _answered(self, ask: Ask) -> Decision:
        """The site's own answer, which gets lost for the first so many writes."""
        before = self.site.likes.writes.total()
        answer = self.site.answer(ask)
        if self.unanswered_writes and self.site.likes.writes.total() > before:
            self.unanswered_writes -= 1
            return Decision(None, "stall")
        return Decision(answer)

    def _tell_age(self, answer: Answer | None) -> None:
        """For how long a good answer may be kept, where the configuration says it."""
        if self.config.max_age is not None and answer is not None and answer.status == 200:
            answer.headers["Cache-Control"] = f"max-age={self.config.max_age}"

    def _at_the_door(self, ask: Ask, now: float) -> tuple[Answer | None, Verdict | None]:
        """Check token and quota; returns the response of a refused request."""
        token = ask.token
        if not token:
            return no_token(), None
        asked = self._by_token[token] = self._by_token.get(token, 0) + 1
        if token in self.revoke_after and asked > self.revoke_after[token]:
            self.revoked.add(token)
        if token in self.revoked or not self._known(token):
            return bad_token(), None
        verdict = self.limiter.admit(token, now)
        if verdict is None or verdict.admitted:
            return None, verdict
        return limited(self.config.limit_status), verdict

    def _known(self, token: str) -> bool:
        accepted = self.config.tokens
        return (
            not accepted
            or token in accepted
            or token in self.config.app_tokens
            or token in self.sign_in.issued
        )

    def _tell_quota(self, answer: Answer, verdict: Verdict, now: float) -> None:
        """Headers about the quota, where the configuration wants them."""
        if self.config.retry_after == "seconds" and not verdict.admitted:
            answer.headers["Retry-After"] = str(max(1, ceil(verdict.reset - now)))
        elif self.config.retry_after == "date" and not verdict.admitted:
            answer.headers["Retry-After"] = formatdate(ceil(verdict.reset), usegmt=True)
        if self.config.rate_headers:
            answer.headers |= {
                "X-RateLimit-Limit": str(verdict.limit),
                "X-RateLimit-Remaining": str(verdict.remaining),
                "X-RateLimit-Reset": str(ceil(verdict.reset)),
            }

    def _spoilt(self, ask: Ask, fault: str) -> Decision | None:
        """The faulty answer; None where the fault does not apply."""
        if fault in ("stall", "reset"):
            return Decision(None, fault)
        if fault in ("truncated", "slow"):
            return Decision(self.site.answer(ask), fault)
        if fault == "crossed":
            other = self.site.crossed(ask)
            return Decision(self.site.answer(other)) if other else None
        if fault == "stale":
            copy = self.past.copied(ask, self.site.answer)
            return Decision(copy) if copy else None
        spoilt = {
            "500": lambda: error(500, "Internal Server Error"),
            "502": lambda: Answer(502, b"", dict(NO_STORE), "text/html"),
            "html": lambda: challenge(403 if self.faults.form(ask.ordinal) % 2 else 200),
            "null": lambda: Answer(200, b"null"),
            "empty": lambda: Answer(200, b""),
            "garbled": lambda: spoiling.garbled(self.site.answer(ask), self.faults.form(ask.ordinal)),
            "mistyped": lambda: spoiling.mistyped(self.site.answer(ask)),
            "redirect": lambda: spoiling.redirected(ask.base, ask.path),
            "bomb": spoiling.bomb,
        }
        return Decision(spoilt[fault]())

    # Control

    def oracle(self, day: int | None = None) -> Oracle:
        """What a perfect crawl would hold today, or on another day."""
        return Oracle(self.config, self.day if day is None else day, site=self.site)

    def advance(self, days: int) -> int:
        """Move the virtual clock on."""
        if days < 0:
            raise ValueError("the clock goes forward only")
        self.day += days
        return self.day

    def correct(self, thing: int, facts: dict[str, Any]) -> None:
        """Let the own page of a thing say something else from now on, as when the site corrects itself."""
        self.site.corrections.setdefault(thing, {}).update(facts)

    def revoke(self, token: str) -> None:
        """Refuse a token from now on."""
        self.revoked.add(token)

    def restore(self, token: str) -> None:
        """Accept a token again."""
        self.revoked.discard(token)
        self.revoke_after.pop(token, None)

    def counters(self) -> dict[str, Any]:
        """All counters, those of the quota included."""
        tokens = list(self._by_token)
        return self.journal.counters() | {
            "day": self.day,
            "limited_by_token": {
                token_label(t): sum(w["refused"] for w in self.limiter.windows(t)) for t in tokens
            },
            "while_closed": {token_label(t): self.limiter.while_closed(t) for t in tokens},
            "most_refused_in_a_window": {token_label(t): self.limiter.most_refused(t) for t in tokens},
            "windows": {token_label(t): self.limiter.windows(t) for t in tokens},
        }

    def reset(self) -> None:
        """Set all counters to nothing, journal and windows too; take back all likes and corrections."""
        self.site.likes.reset()
        self.site.corrections.clear()
        self.site.odd_pages.reset()
        self.journal.reset()
        self.limiter.reset()
        self._arrived = 0
        self._by_token.clear()
