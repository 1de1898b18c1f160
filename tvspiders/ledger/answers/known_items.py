"""A bounded memory of items that are on disk, so that a repeat need not be worked on again."""

from __future__ import annotations

from collections.abc import Sequence

from tvspiders.items import Item
from tvspiders.storage.units import digest, key_text


class KnownItems:
    """The content last stored of the items stored last: of ``size`` at most, of half as many at least.

    Only what is committed belongs here: an item of an answer that is refused
    later must still come through from the next one. What is forgotten is
    caught again by the crawl's register in the database.

    Two numbers an item, about 130 bytes. Of two generations the older one is
    forgotten as a whole, which needs no order among the items.
    """

    def __init__(self, size: int) -> None:
        self._half = max(1, size // 2)
        self._young: dict[int, int] = {}
        self._old: dict[int, int] = {}

    def __contains__(self, item: object) -> bool:
        """Whether this very content was stored last; the time of the answer is no content."""
        if not isinstance(item, Item):
            return False
        name = _name(item)
        known = self._young.get(name) or self._old.get(name)
        return known is not None and known == int.from_bytes(digest(item))

    def clear(self) -> None:
        """Forget everything."""
        self._young, self._old = {}, {}

    def remember(self, items: Sequence[Item], digests: Sequence[bytes] = ()) -> None:
        """These items have been committed; their digests, where the register has them already."""
        for item, content in zip(items, digests or map(digest, items), strict=True):
            self._young[_name(item)] = int.from_bytes(content)
            if len(self._young) >= self._half:
                self._old, self._young = self._young, {}


def _name(item: Item) -> int:
    """A number for the item's key; where two keys share one, the earlier item is forgotten."""
    return hash((type(item).__name__, key_text(item)))
