"""The drift alarm: notices when the answers of an endpoint lose a field, gain one, or change a type.

Each change is noticed once for each database. Answers are counted in the transaction that stores them, so a
crash neither loses nor doubles any; which of them are looked at is for :class:`Sampling`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from tvspiders.api.answer_fields import Fields, is_stored, others_for, types_text
from tvspiders.storage.catalogue.answer_fields import (
    FieldCounts,
    Inventory,
    Notice,
    inventories,
    store_inventories,
)
from tvspiders.storage.units import Unit

ESTABLISHED = 20
"""Answers that must have been looked at before a change is one."""
SHARE = 0.99
"""Share of these that must have carried a field which vanished."""
STREAK = 10
"""Answers in a row without the field; answers since the first with a new one, half of them with it."""
ALWAYS, RUN, OF = 60, 10, 50
"""Of each endpoint every answer is looked at up to the first number in a process, then ten of each fifty, one
after the other: so they share transactions, and ten without a field are met within sixty answers."""
REFUSED = frozenset({"no-id", "no-name", "no-slug"})
"""Refused answers that may lack what the API does not give any more. All others are of another kind."""


class Sampling:
    """Chooses the answers that are looked at, so that a fast crawl does not get slower."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def wants(self, endpoint: str) -> bool:
        """Whether the next answer of this endpoint is looked at."""
        self._seen[endpoint] += 1
        return self._seen[endpoint] <= ALWAYS or self._seen[endpoint] % OF < RUN


def note_fields(connection: Connection, crawl_id: int, units: Sequence[Unit]) -> list[str]:
    """Add what these answers carry to the inventory; the lines about what changed.

    The last thing that a transaction does: it locks the inventory of each endpoint.
    """
    looked_at = [(*unit.fields, unit.answer) for unit in units if unit.fields and unit.answer]
    if not looked_at:
        return []
    known = inventories(connection, {endpoint for endpoint, _, _ in looked_at})
    lines: list[str] = []
    for endpoint, fields, answer in looked_at:
        one = known[endpoint]
        if answer.refused is not None and _of_another_kind(one, fields):
            continue
        lines += [notice.line for notice in count_answer(one, endpoint, fields, crawl_id, answer.received_at)]
        one.noticed = [
            replace(notice, back=notice.change == "vanished" and not one.fields[notice.field].absent)
            for notice in one.noticed
        ]
    store_inventories(connection, known)
    return lines


def count_answer(
    one: Inventory, endpoint: str, fields: Fields, crawl_id: int = 0, at: str = ""
) -> list[Notice]:
    """Add an answer to an inventory; what it shows to have changed, and was not noticed before."""
    said = {(notice.field, notice.change) for notice in one.noticed}
    names = {name for name, _ in fields}
    found = [*_types(one, endpoint, fields), *_comings_and_goings(one, endpoint, names)]
    new = [
        replace(notice, crawl_id=crawl_id, at=at)
        for notice in found
        if (notice.field, notice.change) not in said
    ]
    one.noticed += new
    return new


def _of_another_kind(one: Inventory, fields: Fields) -> bool:
    names = {name for name, _ in fields}
    return 2 * len(names & one.fields.keys()) < len(one.fields)


def _types(one: Inventory, endpoint: str, fields: Fields) -> Iterator[Notice]:
    for name, types in sorted(fields):
        known = one.fields.setdefault(name, FieldCounts(one.answers))
        if not types & known.types and types and known.types:
            if known.present >= ESTABLISHED:
                was, now = types_text(known.types), types_text(types)
                line = f"{name} of {endpoint} has another type: {now}, {was} before"
                yield Notice(endpoint, name, "type", line)
            known.types |= types
        known.types = known.types or types


def _comings_and_goings(one: Inventory, endpoint: str, names: set[str]) -> Iterator[Notice]:
    one.answers += 1
    # of a map that is not there nobody can say which fields it would have
    inside = {name.partition(".")[0] for name in names if "." in name}
    for name, known in one.fields.items():
        if name in names:
            known.asked, known.present, known.absent = known.asked + 1, known.present + 1, 0
            if known.present >= SHARE * known.asked:
                known.steady = known.present
            if known.first >= ESTABLISHED and STREAK <= known.asked <= min(4 * STREAK, 2 * known.present):
                line = (
                    f"{name} of {endpoint} is new: in none of {known.first:,} answers before, "
                    f"in {known.present:,} of the {known.asked:,} since"
                )
                yield Notice(endpoint, name, "new", line)
        elif "." not in name or name.partition(".")[0] in inside:
            known.asked, known.absent = known.asked + 1, known.absent + 1
            if _vanished(known):
                yield _lost(one, endpoint, name, known)


def _vanished(known: FieldCounts) -> bool:
    # answers in flight, and servers that change one after the other, mix old answers with new ones for a
    # while: what was carried then must be outweighed by what lacks it since
    mixed = known.present - known.steady
    return known.steady >= ESTABLISHED and known.absent >= max(STREAK, mixed)


def _lost(one: Inventory, endpoint: str, name: str, known: FieldCounts) -> Notice:
    before = known.asked - known.absent
    line = (
        f"{name} of {endpoint} vanished: in {known.present:,} of {before:,} answers before, "
        f"in none of the last {known.absent:,}"
    )
    said_by = [other for other in others_for(name) if (found := one.fields.get(other)) and not found.absent]
    stored = is_stored(endpoint, name) and not said_by
    if stored:
        line += "; what depends on it is not stated any more, and stays as it was last stored"
    return Notice(endpoint, name, "vanished", line, stored)
