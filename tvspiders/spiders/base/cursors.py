"""Cursors: where in a list or a search a request is; they are its callback's arguments.

Databases hold them as the ``kwargs`` of queued requests and of answers that are parsed again. So the
stored names and forms stay those of the versions before; callbacks read them with ``from_dict``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tvspiders.api.lists.progress import Bounds, Progress, Reread
from tvspiders.spiders.base.list_kinds import KINDS, About, ListKind
from tvspiders.spiders.base.slices import Probe, Slice


@dataclass(frozen=True)
class ListCursor:
    """A page of one list."""

    kind: str
    """One of ``list_kinds.KINDS``."""
    subject_id: int | str
    """Whose list."""
    page: int = 1
    """The page to request; for a second read any page of the list."""
    progress: Progress | None = None
    """What the pages before have brought; ``None`` for the first page."""
    limit: int | None = None
    """The last page that the user wants."""
    stated: int | None = None
    """How many rows the subject's own page states."""
    refused: int = 0
    """Rows so far that could not be parsed."""
    about: About = field(default_factory=dict)
    """What else the parser and the spider need to know."""
    reread: Reread | None = None
    """Set when the page is requested a second time."""
    fanned: int | None = None
    """Last page, from versions that requested all pages side by side; no request is made with it any more."""
    total: int | None = None
    """Rows in the whole list, from the same versions."""

    @property
    def read(self) -> ListKind:
        """How the list is requested and parsed."""
        return KINDS[self.kind]

    @property
    def key(self) -> str:
        """The list in the table of lists."""
        return f"{self.read.subject}>{self.subject_id}>{self.read.name}"

    @property
    def path(self) -> str:
        """Address of the page."""
        return self.read.path(self.subject_id, self.page)

    @property
    def received(self) -> int:
        """Rows of the pages before."""
        return 0 if self.progress is None else self.progress.received

    @property
    def bounds(self) -> Bounds:
        """How far the list may be read."""
        return Bounds(limit=self.limit)

    def as_dict(self) -> dict[str, Any]:
        """A request's ``cb_kwargs``; :meth:`from_dict` reads them."""
        stored: dict[str, Any] = {"kind": self.kind, "of": self.subject_id, "page": self.page}
        if self.progress is not None:
            stored |= {"progress": self.progress.as_dict(), "refused": self.refused}
        if self.reread is not None:
            stored["look"] = self.reread.as_dict()
        names = ("limit", "stated", "fanned", "total")
        given = {name: getattr(self, name) for name in names} | {"about": self.about or None}
        return stored | {name: value for name, value in given.items() if value is not None}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ListCursor:
        """Read what :meth:`as_dict` of this version or an older one wrote."""
        stored = dict(data)
        progress, reread = stored.pop("progress", None), stored.pop("look", None)
        return cls(
            subject_id=stored.pop("of"),
            progress=Progress.from_dict(progress) if progress else None,
            reread=Reread.from_dict(reread) if reread else None,
            about=stored.pop("about", None) or {},
            **stored,
        )


@dataclass(frozen=True)
class SearchCursor:
    """A page of one search, or of a slice of it."""

    part: Slice
    progress: Progress = field(default_factory=Progress)
    """What the pages before have brought, and which page comes now."""
    limit: int | None = None
    """The last page that the user wants."""
    split: bool = False
    """Whether the search is cut into slices where it holds more than the site serves."""
    about: About = field(default_factory=dict)
    """What else the spider needs to know."""
    probe: Probe | None = None
    """Set on the first slices along a dimension, while it is unknown whether the API applies that filter."""
    refused: int = 0
    """Rows so far that could not be parsed."""
    reread: Reread | None = None
    """Set when a page is requested a second time."""

    @property
    def page(self) -> int:
        """The page to request."""
        return self.progress.page if self.reread is None else self.reread.page

    @property
    def key(self) -> str:
        """The search in the table of lists."""
        return f"search>{self.part}>things"

    @property
    def bounds(self) -> Bounds:
        """How far the search may be read."""
        return Bounds(limit=self.limit, search=True)

    def as_dict(self) -> dict[str, Any]:
        """A request's ``cb_kwargs``; :meth:`from_dict` reads them."""
        given = {
            "limit": self.limit,
            "split": self.split or None,
            "about": self.about or None,
            "probe": None if self.probe is None else self.probe.as_dict(),
            "refused": self.refused or None,
            "look": None if self.reread is None else self.reread.as_dict(),
        }
        stored = {"part": self.part.as_dict(), "progress": self.progress.as_dict()}
        return stored | {name: value for name, value in given.items() if value is not None}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SearchCursor:
        """Read what :meth:`as_dict` of this version or an older one wrote."""
        stored = dict(data)
        probe, reread = stored.pop("probe", None), stored.pop("look", None)
        return cls(
            part=Slice.from_dict(stored.pop("part")),
            progress=Progress.from_dict(stored.pop("progress")),
            probe=Probe.from_dict(probe) if probe else None,
            reread=Reread.from_dict(reread) if reread else None,
            about=stored.pop("about", None) or {},
            **stored,
        )
