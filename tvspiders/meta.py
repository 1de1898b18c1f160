"""The keys of ``request.meta`` and ``response.flags`` that components of a crawl share, and access to them.

Keys with ``tv_`` belong to one request or response of this process: the queue never stores them. What a
spider asks of a new request with them (``nearer``, ``row``, ``extra``, ``variant``) has columns there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, cast

from scrapy import Request
from scrapy.http import Response

from tvspiders.api.answers import Answer

# -- set by the scheduler on each request that it hands out --------------------------------------
ID = "tv_id"
"""Number of the request in the queue, the same for each attempt."""
OWNER = "tv_owner"
"""Worker name under which the request was leased; it changes when the database went back in time, because
then the same number may be another request's."""
ATTEMPTS = "tv_attempts"
"""Attempts counted before this one."""
LIST = "tv_list"
"""The list that is asked, and the API name under which it is: ``{"list": …, "name": …}``."""
DEPTH = "depth"
"""Scrapy's own key for the steps from a start request."""
START = "is_start_request"
"""Scrapy's own key of a start request."""

# -- set by spiders on a new request -------------------------------------------------------------
NEARER = "tv_nearer"
"""The same request with a higher priority takes over, even when it was answered (``NewRequest.nearer``)."""
ROW = "tv_row"
"""The row of a list that led to a thing's page; the page is asked if the row has changed, else the row
itself is stored where the spider yields it, too (``NewRequest.row``)."""
TOLD = "tv_told"
"""Things and creators that the row which led to the request describes; stored as told, in no feed."""
EXTRA = "tv_extra"
"""Why a request is sent beyond the least (``policies.request_budget.REASONS``); kept with it."""
VARIANT = "tv_variant"
"""Tells a request from another one for the same path (``NewRequest.variant``)."""

# -- set by downloader middlewares ---------------------------------------------------------------
ANSWER = "tv_answer"
"""The classified :class:`~tvspiders.api.answers.Answer` of this one response."""
RETRY = "tv_retry"
"""Set on the copy that goes back to the queue: a :class:`RetryNote`."""
LABEL = "tv_token"
"""Anonymous label of the token that this request uses, like ``token-1``."""
PROOF = "tv_proof"
"""Label of the suspect token that this request verifies."""

# -- flags of responses --------------------------------------------------------------------------
SCRUBBED = "tv_scrubbed"
"""The response echoed a secret, which was taken out."""
RENDERED = "tv_rendered"
"""A rendered page, which says nothing about the API."""

PREFIX = "tv_"
"""All keys of ours begin with it."""


class RetryNote(TypedDict):
    """How a request goes back to the queue."""

    delay: float
    """Seconds before it is sent again."""
    attempt: bool
    """Whether an attempt is counted."""
    reason: str


class ListName(TypedDict):
    """A list, and the name under which it is asked."""

    list: str
    name: str


def request_id(request: Request | Response) -> int | None:
    """Number in the queue; ``None`` for a request that did not come from there."""
    return cast("int | None", request.meta.get(ID))


def owner(request: Request | Response) -> str | None:
    """Name of the worker that leased the request."""
    return cast("str | None", request.meta.get(OWNER))


def attempts(request: Request | Response) -> int:
    """Attempts counted before this one."""
    return int(request.meta.get(ATTEMPTS) or 0)


def depth(request: Request | Response) -> int:
    """Steps from a start request."""
    return int(request.meta.get(DEPTH) or 0)


def list_name(request: Request | Response) -> ListName | None:
    """The list that is asked, ``None`` for another kind of request."""
    return cast("ListName | None", request.meta.get(LIST))


def extra_reason(request: Request | Response) -> str | None:
    """Why the request is sent beyond the least, ``None`` for one of the least."""
    return cast("str | None", request.meta.get(EXTRA))


def row(request: Request) -> Any:
    """The row of a list that led to the request."""
    return request.meta.get(ROW)


def told(request: Request) -> Sequence[Any]:
    """Things and creators that the row which led to the request describes."""
    return cast("Sequence[Any]", request.meta.get(TOLD, ()))


def is_nearer(request: Request) -> bool:
    """Whether the request takes over from the same one with a lower priority."""
    return bool(request.meta.get(NEARER))


def variant(request: Request) -> str:
    """What tells the request from another one for the same path; empty for most."""
    return str(request.meta.get(VARIANT, ""))


def answer(request: Request | Response) -> Answer | None:
    """The classified answer, ``None`` when the response was not classified yet."""
    found = request.meta.get(ANSWER)
    return found if isinstance(found, Answer) else None


def classified(request: Request | Response) -> Answer:
    """The classified answer of a response that came through ``AnswerMiddleware``."""
    return cast("Answer", request.meta[ANSWER])


def set_answer(request: Request, read: Answer) -> Answer:
    """Attach the classified answer; returns it."""
    request.meta[ANSWER] = read
    return read


def forget_answer(request: Request) -> None:
    """Let go of the answer: a document takes memory."""
    request.meta.pop(ANSWER, None)


def token_label(request: Request) -> str | None:
    """Label of the token that the request uses."""
    return cast("str | None", request.meta.get(LABEL))


def verified_token(request: Request) -> str | None:
    """Label of the token that the request verifies, ``None`` for a request of the crawl."""
    return cast("str | None", request.meta.get(PROOF))


def retry_note(request: Request) -> RetryNote | None:
    """How a middleware wants the request to go back to the queue; ``None`` without a word of that."""
    return cast("RetryNote | None", request.meta.get(RETRY))


def retry_copy(request: Request, reason: str, delay: float = 0.0, *, attempt: bool = False) -> Request:
    """A copy that goes back to the queue, to be sent again after ``delay`` seconds."""
    again = request.copy()
    for key in (ANSWER, LABEL, "download_latency"):
        again.meta.pop(key, None)
    again.meta[RETRY] = RetryNote(delay=delay, attempt=attempt, reason=reason)
    again.dont_filter = True
    return again
