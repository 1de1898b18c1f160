"""State of reading a list, and what one more response adds to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tvspiders.api.headers import total_count
from tvspiders.api.lists.page_history import PageHistory
from tvspiders.api.lists.total_changes import TotalChanges
from tvspiders.api.urls import PER_PAGE


@dataclass(frozen=True)
class Progress:
    """State of reading a list, from one page to the next; JSON by ``as_dict``."""

    page: int = 1
    """The page that is asked for now."""
    received: int = 0
    """Rows received so far, without those that the page before had brought already."""
    size: int = 0
    """Most rows seen on one page."""
    total: int | None = None
    """Rows in the whole list, as stated last."""
    most: int = 0
    """Rows in the whole list, as stated at most: totals that move must not end a list early."""
    fruitless: int = 0
    """Pages in a row that brought nothing new."""
    last_page: int | None = None
    """The list's last page, as ``Link`` stated it last."""
    history: PageHistory = field(default_factory=PageHistory)
    """Its pages so far."""
    changes: TotalChanges = field(default_factory=TotalChanges)
    """How its total changed."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for a request's JSON; :meth:`from_dict` reads it."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return plain | {"trail": self.history.as_dict(), "shifts": self.changes.as_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Progress:
        """Read what :meth:`as_dict` wrote, also after a trip through JSON, and by an older version."""
        plain = {name: data[name] for name in _PLAIN if name in data}
        if "trail" not in data:
            # an older version kept the rows of the page before
            history, _ = PageHistory().after(
                int(data["page"]) - 1, data.get("previous", ()), int(data["size"])
            )
            return cls(**plain, history=history)
        return cls(
            **plain,
            history=PageHistory.from_dict(data["trail"]),
            changes=TotalChanges.from_dict(data["shifts"]),
        )


_PLAIN = ("page", "received", "size", "total", "most", "fruitless", "last_page")


@dataclass(frozen=True)
class PageRead:
    """What one response says of a list."""

    keys: Sequence[int | str]
    """What identifies its rows."""
    total: int | None = None
    """Rows in the whole list, by the envelope."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def stated_total(self) -> int | None:
        """Rows in the whole list: by the envelope, else by the header ``total-count``."""
        return self.total if self.total is not None else total_count(self.headers)


@dataclass(frozen=True)
class Bounds:
    """How far a list may be read, besides what it says itself."""

    limit: int | None = None
    """The last page that the user wants."""
    search: bool = False
    """Whether the window of 10,000 results applies."""
    per_page: int = PER_PAGE


WHOLE = Bounds()
"""Bounds of a list that is read to its end."""


@dataclass(frozen=True)
class Reread:
    """A page to request a second time before the list is called read."""

    page: int
    why: str
    """One of the reasons in ``second_reads``."""
    reason: str
    """Why the list had ended."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for a request's JSON; :meth:`from_dict` reads it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Reread:
        """Read what :meth:`as_dict` wrote."""
        return cls(**data)
