"""Scrapy requests as data and back: JSON, never pickle, never credentials."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response

from tvspiders import meta
from tvspiders.api.headers import KEPT
from tvspiders.errors import UsageProblem
from tvspiders.ledger.answers.open_answer import OpenAnswer
from tvspiders.storage.queue.leases import Leased
from tvspiders.storage.units import NewRequest

_PASSING = frozenset(
    {
        meta.DEPTH,
        meta.START,
        "download_latency",
        "download_slot",
        "redirect_reasons",
        "redirect_times",
        "redirect_ttl",
    }
    | {"redirect_urls", "retry_times", "_auth_proxy", "_dont_cache", "_scheme_proxy", "cache_timestamp"}
)
"""Meta keys that describe one response; a spider that passes ``response.meta`` on does not mean them."""
_SECRET_HEADERS = ("Authorization", "Cookie", "Proxy-Authorization")
_BESIDE = "tv_request"
"""Key beside the callback's arguments for what else a request carries."""


def encode(request: Request, spider: Spider, base: str, depth: int = 0, variant: str = "") -> NewRequest:
    """A request as data, ``depth`` steps from a start request.

    ``variant`` distinguishes it from others for the same address, where it is to be sent all the same.
    Raises ``UsageProblem`` for one that the ledger cannot hold.
    """
    if request.method != "GET" or request.body:
        raise UsageProblem(f"the ledger holds GET requests only, not {request.method} {request.url}")
    path = request.url.removeprefix(base)
    if path == request.url or not path.startswith(("/", "?")):
        raise UsageProblem(f"{request.url} is not below the API's address {base}")
    arguments = dict(request.cb_kwargs)
    beside = _beside(request, spider)
    if beside:
        arguments[_BESIDE] = beside
    return NewRequest(
        path=path,
        callback=_method(request, "callback", spider) or "parse",
        kwargs=_text(arguments, request) if arguments else None,
        priority=request.priority,
        depth=depth,
        variant=variant or meta.variant(request),
        nearer=meta.is_nearer(request),
        row=meta.row(request),
        extra=meta.extra_reason(request),
    )


def decode(leased: Leased, spider: Spider, base: str, owner: str = "") -> Request | None:
    """The request again, as ``owner``'s; ``None`` when the spider lost its callback, or its errback."""
    arguments, beside = arguments_of(leased.kwargs)
    callback = getattr(spider, leased.callback, None)
    errback = getattr(spider, beside["errback"], None) if "errback" in beside else None
    if callback is None or ("errback" in beside and errback is None):
        return None
    carried = beside.get("meta", {}) | {
        meta.ID: leased.id,
        meta.OWNER: owner,
        meta.ATTEMPTS: leased.attempts,
        meta.DEPTH: leased.depth,
    }
    if leased.extra:
        carried[meta.EXTRA] = leased.extra
    if not leased.depth:
        carried[meta.START] = True
    return Request(
        base + leased.path,
        callback=callback,
        errback=errback,
        headers=beside.get("headers"),
        cb_kwargs=arguments or None,
        flags=beside.get("flags"),
        priority=leased.priority,
        dont_filter=True,
        meta=carried,
    )


class Variants:
    """Tells requests with ``dont_filter`` from others for the same address; equal in each run."""

    def __init__(self) -> None:
        self._start_requests: Counter[str] = Counter()
        """With ``dont_filter``, so far, by address."""

    def of(self, request: Request, answer: OpenAnswer | None) -> str:
        """The variant of a new request, which ``answer`` brought, or ``start()``."""
        if not request.dont_filter:
            return ""
        if answer is not None:
            answer.repeats += 1
            return f"{answer.unit.request_id}.{answer.repeats}"
        # Scrapy's own start() says dont_filter of each: the first is asked once in a round.
        self._start_requests[request.url] += 1
        count = self._start_requests[request.url]
        return f"start.{count}" if count > 1 else ""

    def clear(self) -> None:
        """Count from the beginning."""
        self._start_requests.clear()


def arguments_of(kwargs: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The callback's arguments, and what else there is: ``meta``, ``headers``, ``flags``, ``errback``."""
    arguments: dict[str, Any] = json.loads(kwargs) if kwargs else {}
    return arguments, arguments.pop(_BESIDE, {})


def _beside(request: Request, spider: Spider) -> dict[str, Any]:
    """What a request carries besides address, callback and its arguments."""
    if request.cookies:
        raise UsageProblem(
            f"cookies of {request.url} are not kept: the ledger holds no credentials, and the API needs none"
        )
    found: dict[str, Any] = {
        "meta": {name: value for name, value in request.meta.items() if not _is_passing(name)},
        "headers": {},
        "flags": list(request.flags),
        "errback": _method(request, "errback", spider),
    }
    if "proxy" in found["meta"]:
        raise UsageProblem(f"meta['proxy'] of {request.url} is not obeyed; name proxies in THINGIVERSE_PROXY")
    for name, values in request.headers.items():
        header = name.decode("latin-1")
        if header in _SECRET_HEADERS:
            raise UsageProblem(f"header {header} of {request.url} is not kept: no credentials are")
        found["headers"][header] = [value.decode("latin-1") for value in values]
    return {name: value for name, value in found.items() if value}


def _is_passing(name: Any) -> bool:
    return name in _PASSING or (isinstance(name, str) and name.startswith(meta.PREFIX))


def _method(request: Request, role: str, spider: Spider) -> str | None:
    """Name of the spider's method that is a request's ``callback`` or ``errback``."""
    function = getattr(request, role)
    if function is None:
        return None
    name = getattr(function, "__name__", "")
    if getattr(spider, name, None) != function:
        raise UsageProblem(f"the {role} of {request.url} is not a method of the spider {spider.name}")
    return str(name)


def _text(arguments: dict[str, Any], request: Request) -> str:
    """As JSON text, from which the same comes back (of a tuple a list)."""
    if not _is_data(arguments):
        beside = arguments.pop(_BESIDE, {})
        named = {f"cb_kwargs[{name!r}]": value for name, value in arguments.items()}
        named |= {f"meta[{name!r}]": value for name, value in beside.get("meta", {}).items()}
        lost = ", ".join(name for name, value in named.items() if not _is_data(value)) or "cb_kwargs or meta"
        raise UsageProblem(
            f"{lost} of {request.url} cannot be kept; the ledger takes text, numbers, lists, "
            "and dicts with text as keys"
        )
    return json.dumps(arguments, separators=(",", ":"))


def _is_data(value: Any) -> bool:
    """Whether JSON gives a value back as it was."""
    if value is None or isinstance(value, str | int):
        return True
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list | tuple):
        return all(map(_is_data, value))
    if isinstance(value, dict):
        return all(isinstance(name, str) and _is_data(part) for name, part in value.items())
    return False


def kept_headers(response: Response) -> dict[str, str]:
    """Of the few response headers that parsing an answer needs, and parsing it again, what is read there."""
    kept: dict[str, str] = {}
    for name, reduce in KEPT.items():
        value = response.headers.get(name)
        if value is not None and (text := reduce(value.decode("latin-1"))):
            kept[name] = text
    return kept
