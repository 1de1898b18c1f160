"""A bounded memory of items that are on disk, so that a repeat need not be worked on again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from tvspiders.items import Item
from tvspiders.storage.units import digest, key_text


class KnownItems:
    """The content last stored of each item, for the ``size`` items that were stored last.

    Only what is committed belongs here: an item of an answer that is refused
    later must still come through from the next one. What is forgotten is
    caught again by the crawl's register in the database.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._seen: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def __contains__(self, item: object) -> bool:
        """Whether this very content was stored last; the time of the answer is no content."""
        if not isinstance(item, Item):
            return False
        known = self._seen.get(_name(item))
        return known is not None and known == digest(item)

    def remember(self, items: Iterable[Item]) -> None:
        """These items have been committed."""
        for item in items:
            name = _name(item)
            self._seen[name] = digest(item)
            self._seen.move_to_end(name)
        while len(self._seen) > self._size:
            self._seen.popitem(last=False)


def _name(item: Item) -> tuple[str, str]:
    return type(item).__name__, key_text(item)
