"""Configuration of a sandbox, frozen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from tvspiders.sandbox.api.vintages import YEARS

LEAST, MOST = 100, 6_000_000
"""The sizes a catalogue can have."""

FAULTS = (
    *("500", "502", "stall", "truncated", "html", "null", "crossed", "reset", "empty"),
    *("slow", "garbled", "mistyped", "redirect", "bomb", "stale"),
)
"""Faults of a response; ``rate_NAME`` says how often."""

ODDITIES = ("short", "empty", "repeat", "drift", "moving")
"""What can be done to paging."""

VOCABULARY = ("remixes", "makes", "user-counts", "row-counts", "categories", "no-ancestors")
"""What can be spelled, or be there, otherwise than in the specification; all but the last is the guide's."""
GUIDE = frozenset(VOCABULARY) - {"no-ancestors"}

HEEDED = ("dates", "category-sort")
"""Parameters that the real API was seen to ignore."""

SIGN_IN_ODDITIES = ("drop-state", "wrong-state", "expired", "number", "foreign", "challenge", "stall")
"""What can be odd about signing in."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class ConfigError(ValueError):
    """Raised by `SandboxConfig` and `Quota.parse` for a value that is not accepted.

    The message is one line: what was wrong and what is accepted.
    """


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests in so many seconds, counted in fixed windows.

    >>> Quota.parse("300/5m")
    Quota(limit=300, period=300.0)
    """

    limit: int
    period: float

    @classmethod
    def parse(cls, text: str) -> Quota:
        """Read ``N/period``."""
        found = re.fullmatch(r"([0-9]{1,9})/([0-9]*\.?[0-9]+)([smhd])", text.strip())
        if not found or float(found[2]) <= 0 or int(found[1]) < 1:
            raise ConfigError(f"quota {text!r} is not N/period; accepted: 300/5m, 30/3s, 300/1h")
        return cls(int(found[1]), float(found[2]) * _UNITS[found[3]])


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """Every switch of the sandbox; the defaults are a faultless API of the newest vintage."""

    host: str = "127.0.0.1"
    """Loopback only."""
    port: int = 0
    """0 takes a free port."""
    things: int = 20_000
    """Ids that exist on day 0."""
    seed: int = 1
    """Another seed, another catalogue and other faults."""
    day: int = 0
    """The virtual day to start on."""
    vintage: int = YEARS[-1]
    """Year of the shapes."""

    tokens: frozenset[str] = frozenset()
    """Accepted tokens; empty accepts any that is not revoked."""
    revoke: Mapping[str, int] = field(default_factory=dict)
    """Token -> number of requests after which it is refused."""
    app_tokens: frozenset[str] = frozenset()
    """Tokens that may only read, as an app's own."""
    clients: Mapping[str, str] = field(default_factory=lambda: {"4322": "sandbox-secret"})
    """Client ID -> secret of the apps that are registered."""
    sign_in: frozenset[str] = frozenset()
    """Names out of `SIGN_IN_ODDITIES`."""
    public_challenge: bool = False
    """Public pages show the challenge that bots get."""
    unanswered_writes: int = 0
    """The first so many likes and withdrawals are carried out and never answered."""
    quota: Quota | None = None
    """For each token; None is no limit."""
    token_quotas: Mapping[str, Quota] = field(default_factory=dict)
    """Other quotas for some tokens."""
    quota_align: str = "clock"
    """Windows start at multiples of the period (``clock``) or at the first request (``first``)."""
    limit_status: int = 429
    """The status that carries the limiter's text."""
    retry_after: str = "none"
    """``none``, ``seconds`` or ``date``: a header the real API was never seen to send."""
    rate_headers: bool = False
    """Whether to send ``X-RateLimit-*``, as the API did in 2012."""

    latency: float = 0.0
    """Milliseconds before each answer."""
    jitter: float = 0.0
    """Up to so many milliseconds more."""
    rate_500: float = 0.0
    rate_502: float = 0.0
    rate_stall: float = 0.0
    """Accepts and never answers."""
    rate_truncated: float = 0.0
    """Closes in the middle of the body."""
    rate_html: float = 0.0
    """A challenge page, with 403 or with 200 by turns."""
    rate_null: float = 0.0
    """200 with the body ``null``."""
    rate_crossed: float = 0.0
    """200 with the answer for another id."""
    rate_reset: float = 0.0
    """Resets the connection."""
    rate_empty: float = 0.0
    """200 without a body."""
    rate_slow: float = 0.0
    """One byte of the body each second."""
    rate_garbled: float = 0.0
    """200 with broken JSON, in several forms by turns."""
    rate_mistyped: float = 0.0
    """The right facts in other types: counts as text, flags as numbers."""
    rate_redirect: float = 0.0
    """302 to another host."""
    rate_bomb: float = 0.0
    """A little gzip that unpacks to 64 MB."""
    rate_stale: float = 0.0
    """An hour-old copy out of a cache, with its ``Age``."""
    lagging: float = 0.0
    """Share of the subjects that a replica answers for which lags behind."""
    lag_days: int = 3
    """By so many days."""
    lag_answers: int = 0
    """So many times for each subject; 0 is always."""
    falling: float = 0.0
    """Share of the things whose likes and makes are taken back, one a day."""
    max_age: int | None = None
    """Seconds for which a good answer may be kept; None is as recorded."""
    block: frozenset[str] = frozenset()
    """Addresses and proxy sessions that are never answered."""

    page_cap: int = 30
    """Most rows of a list page."""
    search_page_cap: int = 30
    """Most rows of a search page."""
    category_cap: int = 0
    """So many things a category serves, and states them all; 0 serves all."""
    oddities: frozenset[str] = frozenset()
    """Names out of `ODDITIES`."""
    odd_pages: frozenset[str] = frozenset()
    """``N=empty``, ``N=short``, ``N=repeated`` or ``N=as-M``, with ``@once`` for the first time only: what
    page N of each list brings."""
    row_moves: str = ""
    """``arrive/N``, ``vanish/N``, ``rise/N`` or ``sink/N``: with every Nth page answered a row of that list
    comes in on top, or vanishes there, or moves from the end to the top, or from the top to the end."""
    hidden_places: int = 0
    """So many rows are left out on every second page, as hidden things are."""
    hints: bool = True
    """Lists tell their total and name the next page."""
    plain_list: bool = False
    """Searches answer a bare list, as before 2020."""
    null_hits: bool = False
    """``hits`` is null past the end."""
    heeds: frozenset[str] = frozenset()
    """Names out of `HEEDED`."""
    old_listings: bool = True
    """Answer ``/newest`` and its kin, which are deprecated."""
    window_status: int = 200
    """The status past 10,000 results: 200 with nothing in it, or an error."""
    guide: bool = False
    """Speak the vocabulary of the scraping guide instead of the real one."""
    vocabulary: frozenset[str] = frozenset()
    """Names out of `VOCABULARY`: single words of it."""

    certfile: str | None = None
    keyfile: str | None = None
    control: bool = False
    """Serve ``/_sandbox/`` and keep the journal."""
    journal: int = 200_000
    """Entries the journal keeps."""

    def __post_init__(self) -> None:
        self._between("things", self.things, LEAST, MOST)
        self._between("port", self.port, 0, 65535)
        self._between("day", self.day, 0, 100_000)
        self._between("limit_status", self.limit_status, 200, 599)
        self._between("page_cap", self.page_cap, 1, 1000)
        self._between("search_page_cap", self.search_page_cap, 1, 1000)
        self._between("category_cap", self.category_cap, 0, MOST)
        self._between("latency", self.latency, 0, 600_000)
        self._between("jitter", self.jitter, 0, 600_000)
        self._between("lagging", self.lagging, 0, 1)
        self._between("lag_days", self.lag_days, 0, 100_000)
        self._between("lag_answers", self.lag_answers, 0, 1_000_000)
        self._between("falling", self.falling, 0, 1)
        self._between("max_age", self.max_age or 0, 0, 86_400)
        self._between("unanswered_writes", self.unanswered_writes, 0, 1_000_000)
        self._one_of("vintage", self.vintage, YEARS)
        self._one_of("quota_align", self.quota_align, ("clock", "first"))
        self._one_of("retry_after", self.retry_after, ("none", "seconds", "date"))
        self._one_of("window_status", self.window_status, (200, 400, 404, 500))
        for name in self.heeds:
            self._one_of("heeds", name, HEEDED)
        for name in self.vocabulary:
            self._one_of("vocabulary", name, VOCABULARY)
        for name in self.oddities:
            self._one_of("oddity", name, ODDITIES)
        for text in self.odd_pages:
            if not re.fullmatch(r"[1-9][0-9]{0,5}=(empty|short|repeated|as-[1-9][0-9]{0,5})(@once)?", text):
                raise ConfigError(
                    f"odd-page {text!r} is not accepted; accepted: N=empty, N=short, N=repeated or N=as-M, "
                    "with @once for the first time only"
                )
        if self.row_moves and not re.fullmatch("(arrive|vanish|rise|sink)/[1-9][0-9]{0,5}", self.row_moves):
            raise ConfigError(
                f"row-moves {self.row_moves!r} is not accepted; accepted: arrive/N, vanish/N, rise/N, sink/N"
            )
        self._between("hidden_places", self.hidden_places, 0, 1000)
        for name in self.sign_in:
            self._one_of("sign-in", name, SIGN_IN_ODDITIES)
        for fault in FAULTS:
            self._between(f"rate_{fault}", getattr(self, f"rate_{fault}"), 0, 1)
        if sum(self.rates.values()) > 1:
            raise ConfigError("the rates add up to more than 1; accepted: a sum from 0 to 1")
        if not is_loopback(self.host):
            raise ConfigError(
                f"host {self.host!r} is not accepted; accepted: a loopback address such as 127.0.0.1"
            )
        if self.keyfile and not self.certfile:
            raise ConfigError(
                "keyfile without certfile; accepted: both, or certfile alone with the key in it"
            )

    @property
    def rates(self) -> dict[str, float]:
        """Fault -> share of answers."""
        return {fault: getattr(self, f"rate_{fault}") for fault in FAULTS}

    @property
    def words(self) -> frozenset[str]:
        """All of the vocabulary that is spoken."""
        return self.vocabulary | GUIDE if self.guide else self.vocabulary

    @staticmethod
    def _between(name: str, value: float, low: float, high: float) -> None:
        if not low <= value <= high:
            raise ConfigError(f"{_option(name)} {value} is not accepted; accepted: {low} to {high}")

    @staticmethod
    def _one_of(name: str, value: object, accepted: tuple[object, ...]) -> None:
        if value not in accepted:
            raise ConfigError(
                f"{_option(name)} {value!r} is not accepted; accepted: {', '.join(map(str, accepted))}"
            )


def _option(name: str) -> str:
    return name.replace("_", "-")


def is_loopback(host: str) -> bool:
    """Whether a host is this computer."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
