"""The switches of `SandboxConfig` as command line options."""

from __future__ import annotations

import argparse
from typing import Any

from tvspiders.sandbox.api.vintages import YEARS
from tvspiders.sandbox.config import (
    FAULTS,
    HEEDED,
    LEAST,
    MOST,
    ODDITIES,
    SIGN_IN_ODDITIES,
    VOCABULARY,
    ConfigError,
    Quota,
    SandboxConfig,
)

_WHOLE = (
    *("port", "things", "seed", "day", "vintage", "limit_status"),
    *("page_cap", "search_page_cap", "category_cap", "journal", "unanswered_writes"),
    *("lag_days", "lag_answers"),
    *("hidden_places", "window_status"),
)
_AS_GIVEN = (
    *(
        "host",
        "quota_align",
        "retry_after",
        "rate_headers",
        "plain_list",
        "null_hits",
        "row_moves",
        "hints",
        "guide",
        "old_listings",
        "public_challenge",
    ),
    *("certfile", "keyfile", "control"),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add an option for each switch.

    Numbers stay text until `config_from`, so that every wrong value is told in
    the same way.
    """
    add = parser.add_argument_group(title="Sandbox").add_argument
    add("--port", default="0", help="port to listen on; 0 takes a free one (default)")
    add("--host", default="127.0.0.1", help="loopback address to listen on")
    add("--things", default="20000", metavar="N", help=f"size of the catalogue, {LEAST} to {MOST}")
    add("--seed", default="1", help="another seed, another catalogue")
    add("--day", default="0", help="virtual day to start on")
    add("--vintage", default=str(YEARS[-1]), help=f"year of the shapes: {', '.join(map(str, YEARS))}")
    add("--accept", action="append", default=[], metavar="TOKEN", help="accept only these tokens")
    add("--revoke", action="append", default=[], metavar="TOKEN@N", help="refuse a token after N requests")
    add("--app-token", action="append", default=[], metavar="TOKEN", help="a token that may only read")
    add("--client", action="append", default=[], metavar="ID=SECRET", help="a registered app")
    add("--sign-in", action="append", default=[], help=f"odd sign-in: {', '.join(SIGN_IN_ODDITIES)}")
    add("--public-challenge", action="store_true", help="public pages show the challenge that bots get")
    add("--unanswered-writes", default="0", metavar="N", help="carry out the first N likes without an answer")
    add("--quota", default=None, metavar="N/PERIOD", help="requests for each token, such as 300/5m")
    add(
        "--token-quota",
        action="append",
        default=[],
        metavar="TOKEN=N/PERIOD",
        help="another quota for one token",
    )
    add(
        "--quota-align",
        default="clock",
        help="windows start by the clock or at the first request: clock, first",
    )
    add("--limit-status", default="429", help="status that carries the limiter's text")
    add("--retry-after", default="none", help="header on refusals: none, seconds, date")
    add("--rate-headers", action="store_true", help="send X-RateLimit-* with every answer under a quota")
    add("--latency", default="0", metavar="MS", help="milliseconds before each answer")
    add("--jitter", default="0", metavar="MS", help="up to so many milliseconds more")
    for fault in FAULTS:
        add(f"--rate-{fault}", default="0", metavar="SHARE", help=f"share of answers spoilt: {fault}")
    add(
        "--lagging", default="0", metavar="SHARE", help="share of the subjects that a lagging replica answers"
    )
    add("--lag-days", default="3", metavar="N", help="how many days the replica lags behind")
    add("--lag-answers", default="0", metavar="N", help="how often it answers for a subject; 0 is always")
    add(
        "--falling",
        default="0",
        metavar="SHARE",
        help="share of the things that lose a like and a make a day",
    )
    add("--max-age", default=None, metavar="SECONDS", help="for how long a good answer may be kept")
    add("--block", action="append", default=[], metavar="SOURCE", help="never answer this address or session")
    add("--page-cap", default="30", help="most rows of a list page")
    add("--search-page-cap", default="30", help="most rows of a search page")
    add("--category-cap", default="0", metavar="N", help="things that a category serves; 0 serves all")
    add("--oddity", action="append", default=[], help=f"odd paging: {', '.join(ODDITIES)}")
    add(
        "--odd-page",
        action="append",
        default=[],
        metavar="N=KIND",
        help="page N of each list is odd: empty, short, repeated, as-M; with @once for the first time only",
    )
    add(
        "--row-moves",
        default="",
        metavar="KIND/N",
        help="rows move with every Nth page: arrive, vanish, rise, sink",
    )
    add("--hidden-places", default="0", metavar="N", help="rows left out on every second page")
    add("--no-hints", dest="hints", action="store_false", help="lists tell neither total nor next page")
    add("--plain-list", action="store_true", help="searches answer a bare list")
    add("--null-hits", action="store_true", help="hits are null past the end")
    add(
        "--heeds",
        action="append",
        default=[],
        metavar="PARAMETER",
        help=f"parameters the real API ignores: {', '.join(HEEDED)}",
    )
    add("--no-old-listings", dest="old_listings", action="store_false", help="/newest and its kin are gone")
    add("--window-status", default="200", help="status past 10,000 results: 200, 400, 404, 500")
    add("--guide", action="store_true", help="speak the vocabulary of the scraping guide")
    add(
        "--vocabulary",
        action="append",
        default=[],
        metavar="WORD",
        help=f"single words of it, or a field left out: {', '.join(VOCABULARY)}",
    )
    add("--certfile", default=None, help="certificate chain, for https")
    add("--keyfile", default=None, help="key of the certificate")
    add("--control", action="store_true", help="serve /_sandbox/")
    add("--journal", default="200000", metavar="N", help="requests the journal keeps")


def config_from(options: argparse.Namespace) -> SandboxConfig:
    """The configuration; `ConfigError` names the value that is not accepted."""
    given: dict[str, Any] = {name: _whole(name, getattr(options, name)) for name in _WHOLE}
    for name in ("latency", "jitter", "lagging", "falling", *(f"rate_{fault}" for fault in FAULTS)):
        given[name] = _decimal(name, getattr(options, name))
    for name in _AS_GIVEN:
        given[name] = getattr(options, name)
    if options.max_age is not None:
        given["max_age"] = _whole("max_age", options.max_age)
    if options.client:
        given["clients"] = dict(_client(text) for text in options.client)
    return SandboxConfig(
        **given,
        quota=Quota.parse(options.quota) if options.quota else None,
        tokens=frozenset(options.accept),
        revoke=dict(_revocation(text) for text in options.revoke),
        token_quotas=dict(_token_quota(text) for text in options.token_quota),
        block=frozenset(options.block),
        oddities=frozenset(options.oddity),
        odd_pages=frozenset(options.odd_page),
        vocabulary=frozenset(options.vocabulary),
        heeds=frozenset(options.heeds),
        app_tokens=frozenset(options.app_token),
        sign_in=frozenset(options.sign_in),
    )


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ConfigError(f"{_option(name)} {text!r} is not accepted; accepted: a whole number")
    return int(text)


def _decimal(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"{_option(name)} {text!r} is not accepted; accepted: a number") from None


def _revocation(text: str) -> tuple[str, int]:
    token, _, number = text.rpartition("@")
    if not token or not (number.isascii() and number.isdigit()):
        raise ConfigError("--revoke is not TOKEN@N; accepted: a token, @ and a number of requests")
    return token, int(number)


def _client(text: str) -> tuple[str, str]:
    client, _, secret = text.partition("=")
    if not client or not secret:
        raise ConfigError("--client is not ID=SECRET; accepted: a client ID, = and its secret")
    return client, secret


def _token_quota(text: str) -> tuple[str, Quota]:
    token, _, quota = text.rpartition("=")
    if not token:
        raise ConfigError(
            "--token-quota is not TOKEN=N/PERIOD; accepted: a token, = and a quota such as 300/5m"
        )
    return token, Quota.parse(quota)
