"""Put a report together: the sections asked for, each table with its coverage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import tvspiders
from tvspiders.errors import UsageProblem
from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.options import Options
from tvspiders.extras.analytics.data.tables import PSEUDONYMS, Report, Section
from tvspiders.extras.analytics.measures.categories import categories_section, tags_section
from tvspiders.extras.analytics.measures.coverage import Coverage
from tvspiders.extras.analytics.measures.creators import creators_section
from tvspiders.extras.analytics.measures.influence import influence_section
from tvspiders.extras.analytics.measures.licences import licences_section
from tvspiders.extras.analytics.measures.structure import structure_section
from tvspiders.extras.analytics.measures.trend_tables import trends_section

if TYPE_CHECKING:
    from sqlalchemy import Connection

MAKERS: dict[str, Callable[[Dataset, Coverage], Section]] = {
    "influence": influence_section,
    "structure": structure_section,
    "trends": trends_section,
    "categories": categories_section,
    "tags": tags_section,
    "creators": creators_section,
    "licences": licences_section,
}
"""What computes each section."""


def build(connection: Connection, options: Options, now: datetime | None = None) -> Report:
    """Compute the sections of ``options`` from one view of the database."""
    return build_from(Dataset(connection, options), now)


def build_from(data: Dataset, now: datetime | None = None) -> Report:
    """The same from data that is read already."""
    options = data.options
    if options.as_of is not None and not len(data.things.ids):
        raise UsageProblem(f"--as-of {options.as_of_given!r}: nothing was known yet at that date")
    coverage = Coverage(data)
    sections = [MAKERS[name](data, coverage) for name in options.sections]
    facts = {
        "program": f"tvspiders {tvspiders.__version__}",
        "generated_at": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        "as_of": options.as_of_given,
        "days": options.days,
        "metric": options.metric,
        "min_base": options.min_base,
        "decay": options.decay,
        "self_remixes": options.self_remixes,
        "customizer": options.customizer,
    }
    if options.as_of is not None:
        facts["as_of_note"] = (
            "rows first seen later are left out and counts are the last snapshot before; "
            "names, licences and labels are as known today"
        )
    if options.pseudonyms is not None:
        facts["pseudonyms"] = PSEUDONYMS
    summary = Section("coverage", "Coverage", [coverage.table()])
    return Report(facts, coverage.line, [summary, *sections])
