"""Scrapy requests as data and back: JSON, never pickle, never headers."""

from __future__ import annotations

import json

from scrapy import Request, Spider
from scrapy.http import Response

from tvspiders.errors import UsageProblem
from tvspiders.storage.frontier import Leased
from tvspiders.storage.units import NewRequest

ID = "tv_id"
"""Meta key: number of the request in the ledger."""
ATTEMPTS = "tv_attempts"
"""Meta key: attempts counted before this one."""
RETRY = "tv_retry"
"""Meta key that a middleware sets on the copy that it returns, a dict: ``delay`` in seconds, ``attempt``
whether one is counted, ``reason``; with :data:`EXTRA` where the request has its answer and is asked beyond
the least."""
ANSWER = "tv_answer"
"""Meta key: the classified answer of this one response; never stored."""
SCRUBBED = "tv_scrubbed"
"""Flag of a response whose body echoed a token, which was taken out."""
NEARER = "tv_nearer"
"""Meta key of a new request: see ``NewRequest.nearer``."""
ROW = "tv_row"
"""Meta key of a new request: see ``NewRequest.row``; never stored."""
EXTRA = "tv_extra"
"""Meta key: why a request is asked beyond the least, one of ``policies.extra.REASONS``; kept with it."""
VARIANT = "tv_variant"
"""Meta key of a new request: see ``NewRequest.variant``."""
KEPT_HEADERS = ("Content-Type", "Link", "Total-Count", "Date", "Retry-After", "Age", "Cache-Control")
DEPTH = "depth"
"""Scrapy's own meta key for the steps from a start request."""


def encode(request: Request, spider: Spider, base: str, depth: int = 0) -> NewRequest:
    """A request as data, ``depth`` steps from a start request.

    Raises ``UsageProblem`` for one that the ledger cannot hold.
    """
    if request.method != "GET" or request.body:
        raise UsageProblem(f"the ledger holds GET requests only, not {request.method} {request.url}")
    path = request.url.removeprefix(base)
    if path == request.url or not path.startswith(("/", "?")):
        raise UsageProblem(f"{request.url} is not below the API's address {base}")
    callback = request.callback
    name = getattr(callback, "__name__", "parse") if callback is not None else "parse"
    if callback is not None and getattr(spider, name, None) != callback:
        raise UsageProblem(f"the callback of {request.url} is not a method of the spider {spider.name}")
    return NewRequest(
        path=path,
        callback=name,
        kwargs=json.dumps(request.cb_kwargs, separators=(",", ":")) if request.cb_kwargs else None,
        priority=request.priority,
        depth=depth,
        nearer=bool(request.meta.get(NEARER)),
        row=request.meta.get(ROW),
        variant=str(request.meta.get(VARIANT, "")),
        extra=request.meta.get(EXTRA),
    )


def decode(leased: Leased, spider: Spider, base: str) -> Request | None:
    """The request again; ``None`` when this version of the spider has no such callback."""
    callback = getattr(spider, leased.callback, None)
    if callback is None:
        return None
    return Request(
        base + leased.path,
        callback=callback,
        cb_kwargs=json.loads(leased.kwargs) if leased.kwargs else None,
        priority=leased.priority,
        dont_filter=True,
        meta={ID: leased.id, ATTEMPTS: leased.attempts, DEPTH: leased.depth}
        | ({EXTRA: leased.extra} if leased.extra else {}),
    )


def kept_headers(response: Response) -> dict[str, str]:
    """The few response headers that parsing an answer needs, and parsing it again."""
    kept: dict[str, str] = {}
    for name in KEPT_HEADERS:
        value = response.headers.get(name)
        if value is not None:
            kept[name] = value.decode("latin-1")
    return kept
