"""What becomes of a request: retried, parked, quarantined or done. Every such decision is made here.

| what came | outcome |
|---|---|
| JSON with status 200; 404 and 410 of the API, "is private", "is under moderation" | `Done` |
| 429, "You can only send 300 requests per 5 minutes" | `Retry` at once, no attempt: the quota holds it |
| 401 | `Retry` at once, no attempt, with another token; `Park` if the token was verified |
| a challenge page, 403 or 407 without JSON | `Retry` after a pause for all requests, no attempt |
| 500, 502, 503, 504, 408, 425 | `Retry` after a backoff; after `TV_MAX_ATTEMPTS` `Park` |
| 2xx without usable JSON, 3xx, 404 of a gateway | the same, in the end `Quarantine` |
| timeout, DNS, connection lost | `Retry` after a backoff; after `TV_MAX_ATTEMPTS` `Park` |
| 403 and 451 of the API | `Park` |
| 400, 405, 422 | `Quarantine` |
| an answer for another subject (`wrong-id`) | `Retry` after a backoff; in the end `Quarantine` |
| another answer that the parser refuses | `Retry` once, then `Quarantine` |
| an exception in a callback or pipeline | `Quarantine` |
| stopped, slept through, no token, quota's database away, a proxy's fault | `Retry`, no attempt |
| any other exception of a download | `Park` |

`TvRetryMiddleware` asks for a response before its callback, and obeys a `Retry` only: what else there is, the
callback may still make use of. `AcknowledgeMiddleware` asks again when the output was refused, and
`LedgerScheduler` for a request that ended without a response. All they add is where the outcome is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tvspiders.api.answers import Answer, Verdict
from tvspiders.policies.backoff import Backoff

# -- outcomes ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Retry:
    """Queued again."""

    reason: str | None
    pause: float = 0.0
    """Seconds before it is sent again, at least."""
    counts: bool = False
    """Whether an attempt is counted."""


@dataclass(frozen=True)
class Park:
    """Given up for this run, the site's fault; the next run sends it again."""

    reason: str


@dataclass(frozen=True)
class Quarantine:
    """Given up, because the same response brings the same again; its body is kept to be parsed again."""

    reason: str


@dataclass(frozen=True)
class Done:
    """Answered."""

    gone: bool = False
    """Whether the answer is that the subject does not exist, or is hidden."""
    reason: str | None = None


Outcome = Retry | Park | Quarantine | Done

# -- what came -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Received:
    """A response, before its callback."""

    answer: Answer
    wait: float = 0.0
    """Seconds for which the site, or a block, keeps all requests waiting."""
    token_verified: bool = False
    """Of a 401: whether the API accepts the token elsewhere."""
    part_only: bool = False
    """Of a missing list: whether the subject that it belongs to lives."""


@dataclass(frozen=True)
class Refused:
    """A response whose output cannot be stored."""

    verdict: Verdict
    """Of the response."""
    status: int
    reason: str
    """Short name of why, as of `AnswerRefused`; `bug` for any other exception."""


class Cause(Enum):
    """Whose fault it is that there is no response."""

    NETWORK = "network"
    OURS = "ours"
    """The crawl stops, the process slept, there is no token: nothing was asked of the API."""
    OTHER = "other"


@dataclass(frozen=True)
class Failed:
    """A request without a response."""

    cause: Cause
    reason: str | None = None


@dataclass(frozen=True)
class Limits:
    """How often a request is sent, and after which pauses."""

    max_attempts: int
    """``TV_MAX_ATTEMPTS``."""
    backoff: Backoff
    """``TV_RETRY_BASE``, ``TV_RETRY_CAP``."""


_TURNED_AWAY = (Verdict.FORBIDDEN, Verdict.UNAUTHORIZED, Verdict.BLOCKED, Verdict.LIMITED)
"""Answers that say nothing about the subject; the same request at once brings the same."""
_IN_CODE = ("pipeline", "item", "request", "unread", "bug")
"""Reasons that lie in code, ours or a user's: the same answer brings the same again."""


def decide(came: Received | Refused | Failed, attempts: int, limits: Limits) -> Outcome:
    """What becomes of a request; ``attempts`` were counted before this one."""
    match came:
        case Received():
            return _of_response(came, attempts, limits)
        case Refused():
            return _of_refused(came, attempts, limits)
        case Failed(Cause.OURS, reason):
            return Retry(reason)
        case Failed(Cause.NETWORK, reason):
            return _again(reason or "network", attempts, limits) or Park(reason or "network")
        case Failed(_, reason):
            return Park(reason or "failed")


def _of_response(came: Received, attempts: int, limits: Limits) -> Outcome:
    answer = came.answer
    match answer.verdict:
        case Verdict.OK:
            return Done()
        case Verdict.GONE | Verdict.HIDDEN:
            return Done(gone=not came.part_only, reason=answer.message or answer.reason)
        case Verdict.LIMITED:
            return Retry("limited")
        case Verdict.UNAUTHORIZED:
            return Park("unauthorized") if came.token_verified else Retry("unauthorized")
        case Verdict.BLOCKED:
            return Retry("blocked", came.wait)
        case Verdict.BROKEN:
            return _again(answer.reason, attempts, limits, came.wait) or _given_up(
                answer.status, answer.reason
            )
        case Verdict.FORBIDDEN:
            return Park(answer.reason)
        case Verdict.BAD_REQUEST:
            return Quarantine(answer.reason)


def _of_refused(came: Refused, attempts: int, limits: Limits) -> Outcome:
    verdict, reason = came.verdict, came.reason
    if verdict in _TURNED_AWAY:
        return Park(reason)
    if verdict is Verdict.BROKEN:
        return _again(reason, attempts, limits) or _given_up(came.status, reason)
    if verdict is Verdict.BAD_REQUEST or reason in _IN_CODE:
        return Quarantine(reason)
    # An answer for another subject is chance, and worth all attempts; a strange shape is not.
    if reason != "wrong-id" and attempts > 0:
        return Quarantine(reason)
    return _again(reason, attempts, limits) or Quarantine(reason)


def _again(reason: str, attempts: int, limits: Limits, wait: float = 0.0) -> Retry | None:
    if attempts + 1 >= limits.max_attempts:
        return None
    return Retry(reason, max(wait, limits.backoff.delay(attempts)), counts=True)


def _given_up(status: int, reason: str) -> Park | Quarantine:
    """A server in trouble is worth the next run; a page that is not data is worth a look."""
    return Park(reason) if status >= 500 or status in (408, 425) else Quarantine(reason)
