"""Journal of requests: counters, and the requests in order of arrival."""

from __future__ import annotations

import re
import threading
from collections import Counter, deque
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any

_NUMBER = re.compile(r"/\d+(?=/|$)")


def token_label(token: str) -> str:
    """How a token is called in counters and journal: never by itself.

    >>> token_label("abc"), token_label("")
    ('ba7816bf', 'none')
    """
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()[:8] if token else "none"


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and its outcome. Status 0: no response, or cut off."""

    t: float
    token: str
    method: str
    target: str
    status: int
    fault: str = ""

    def json(self, number: int) -> dict[str, Any]:
        """As the control channel shows it."""
        return {
            "n": number,
            "t": self.t,
            "token": self.token,
            "method": self.method,
            "path": self.target,
            "status": self.status,
            "fault": self.fault,
        }


class Journal:
    """Counts everything, and keeps the last requests. Any thread may read while another adds."""

    def __init__(self, keep: int, *, detailed: bool) -> None:
        """``detailed`` also remembers every URL asked, to tell repetitions."""
        self._keep = keep
        self._detailed = detailed
        self._lock = threading.Lock()
        self._clear()

    def reset(self) -> None:
        """Start again from nothing."""
        with self._lock:
            self._clear()

    def _clear(self) -> None:
        self.requests = 0
        self.limited = 0
        self.duplicates = 0
        """Requests for a URL that was requested before."""
        self.repeated = 0
        """Requests for a URL that had been answered properly before: work done twice."""
        self.statuses: Counter[int] = Counter()
        self.tokens: Counter[str] = Counter()
        self.paths: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.sessions: Counter[str] = Counter()
        self._seen: set[int] = set()
        self._done: set[int] = set()
        self._entries: deque[Entry] = deque(maxlen=self._keep if self._detailed else 0)

    def add(self, entry: Entry, *, session: str, limited: bool = False) -> None:
        """Note one request."""
        with self._lock:
            self.requests += 1
            self.limited += limited
            self.statuses[entry.status] += 1
            self.tokens[entry.token] += 1
            if entry.fault:
                self.faults[entry.fault] += 1
            if not self._detailed:
                return
            self.sessions[session] += 1
            self.paths[_NUMBER.sub("/{id}", entry.target.partition("?")[0])] += 1
            url = hash((entry.method, entry.target))
            self.duplicates += url in self._seen
            self.repeated += url in self._done
            self._seen.add(url)
            if not entry.fault and not limited and entry.status not in (0, 401):
                self._done.add(url)
            self._entries.append(entry)

    def entries(self, since: int = 0) -> list[tuple[int, Entry]]:
        """Requests from number ``since`` on (the first is 0), as far as they are kept."""
        with self._lock:
            first = self.requests - len(self._entries)
            return list(enumerate(islice(self._entries, max(0, since - first), None), max(first, since)))

    def counters(self) -> dict[str, Any]:
        """All counters."""
        with self._lock:
            return {
                "requests": self.requests,
                "limited": self.limited,
                "duplicates": self.duplicates,
                "repeated": self.repeated,
                "unique": len(self._seen),
                "by_status": {str(status): count for status, count in sorted(self.statuses.items())},
                "by_token": dict(self.tokens),
                "by_path": dict(self.paths),
                "by_fault": dict(self.faults),
                "by_session": dict(self.sessions),
            }
