"""How well a nightly budget finds what rises: the refresh policy against uniform re-visits.

python -m benchmarks.refresh

Thirty virtual days over things of the sandbox. Each night a budget of requests is spent on the
things that a strategy chooses; the sandbox's oracle answers for that day, and the answers are
written by the project's own storage. In the end the things with the largest stored gain are
compared with those that truly gained most. Selection, query and storage are the real ones; only
the network and the clock are virtual.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

from sqlalchemy import Engine

from tvspiders.items import Thing
from tvspiders.policies.refresh import DAY, RefreshPolicy
from tvspiders.sandbox.api.site import Site
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.oracle import Oracle
from tvspiders.storage.catalogue.things import write_things
from tvspiders.storage.catalogue.to_rows import add_rows
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.schema import prepare_schema
from tvspiders.storage.queries.refresh import known_things
from tvspiders.storage.tables import things

START = datetime(2026, 11, 1, 3, tzinfo=UTC).timestamp()
"""The first night; the sandbox's catalogue is younger than that."""


@dataclass(frozen=True)
class Market:
    """The things under watch, and what they really have on each day."""

    site: Site
    ids: Sequence[int]

    def downloads(self, thing: int, day: int) -> int:
        """Downloads on a day."""
        return self.site.catalogue.counts(thing, day).downloads

    def page(self, thing: int, day: int) -> Thing:
        """The thing's own page, received in the night of a day."""
        counts = self.site.catalogue.counts(thing, day)
        return Thing(
            id=thing,
            name=str(thing),
            added=self.site.catalogue.life.added(thing).isoformat(),
            download_count=counts.downloads,
            like_count=counts.likes,
            make_count=counts.makes,
            detail=True,
            last_scraped=stamp(day),
        )


def stamp(day: int) -> str:
    """The moment of a night."""
    return datetime.fromtimestamp(START + day * DAY, UTC).isoformat(timespec="milliseconds")


def market(seed: int, number: int, days: int) -> Market:
    """A sample of the sandbox's things that stay visible."""
    config = SandboxConfig(things=20_000, seed=seed)
    site = Site(config)
    oracle = Oracle(config, days, site=site)
    ids = [thing for thing in range(1, config.things + 1) if oracle.state(thing) == "visible"]
    return Market(site, sorted(random.Random(seed).sample(ids, number)))


Strategy = Callable[[Engine, int, int], Sequence[int]]
"""Database, day and budget -> things to ask that night."""


def by_policy(engine: Engine, day: int, budget: int) -> Sequence[int]:
    """As ``scrapy crawl refresh`` chooses."""
    policy = RefreshPolicy(lambda: START + day * DAY)
    with engine.connect() as connection:
        policy.learn(known_things(connection, policy.window))
        return [choice.thing_id for choice in policy.choose(known_things(connection, policy.window), budget)]


def by_age(engine: Engine, day: int, budget: int) -> Sequence[int]:
    """The longest unasked: each thing as often as every other."""
    with engine.connect() as connection:
        known = sorted(known_things(connection, 0.0), key=lambda thing: (thing.asked or 0.0, thing.id))
    return [thing.id for thing in known[:budget]]


def by_chance(engine: Engine, day: int, budget: int) -> Sequence[int]:
    """Any things, each as likely as every other."""
    with engine.connect() as connection:
        ids = [thing.id for thing in known_things(connection, 0.0)]
    return random.Random(day).sample(ids, budget)


STRATEGIES: dict[str, Strategy] = {"refresh": by_policy, "longest unasked": by_age, "random": by_chance}


def run(world: Market, strategy: Strategy, days: int, budget: int, folder: Path) -> dict[int, int]:
    """Downloads as stored after so many nights, by thing."""
    engine = open_engine(f"sqlite:///{folder / 'refresh.db'}")
    try:
        prepare_schema(engine)
        ask(engine, world, world.ids, 0)
        for day in range(1, days + 1):
            ask(engine, world, strategy(engine, day, budget), day)
        with engine.connect() as connection:
            found = connection.execute(
                things.select().with_only_columns(things.c.id, things.c.download_count)
            )
            return {row.id: row.download_count for row in found}
    finally:
        engine.dispose()


def ask(engine: Engine, world: Market, ids: Sequence[int], day: int) -> None:
    """Receive the pages of some things and store them."""
    rows: dict[Any, list[dict[str, Any]]] = {}
    for thing in ids:
        add_rows(world.page(thing, day), rows)
    with writing(engine) as connection:
        write_things(connection, rows[things])


@dataclass(frozen=True)
class Outcome:
    """How true the stored counts are in the end."""

    recall: float
    """Share of the true top risers among the stored ones."""
    missed: float
    """Share of all downloads gained that is not stored yet."""


def judge(world: Market, stored: dict[int, int], days: int, top: int) -> Outcome:
    """Compare with the truth of the last day."""
    before = {thing: world.downloads(thing, 0) for thing in world.ids}
    true = {thing: world.downloads(thing, days) - before[thing] for thing in world.ids}
    seen = {thing: stored[thing] - before[thing] for thing in world.ids}

    def best(gains: dict[int, int]) -> set[int]:
        return set(sorted(gains, key=lambda thing: (-gains[thing], thing))[:top])

    total = sum(true.values())
    return Outcome(len(best(true) & best(seen)) / top, 1 - sum(seen.values()) / total)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--things", type=int, default=5000, help="things in the database (5000)")
    parser.add_argument("--budget", type=int, nargs="+", default=[50, 100, 300], help="requests a night")
    parser.add_argument("--days", type=int, default=30, help="nights (30)")
    parser.add_argument("--top", type=int, default=20, help="risers looked for (20)")
    parser.add_argument("--seeds", type=int, default=3, help="catalogues (3)")
    options = parser.parse_args()
    worlds = [market(seed, options.things, options.days) for seed in range(1, options.seeds + 1)]
    print(
        f"{options.things:,} things, {options.days} nights, top {options.top}, "
        f"mean of {options.seeds} catalogues (least-most)"
    )
    print(f"| requests a night | strategy | recall of the top {options.top} | downloads not seen yet |")
    print("|---|---|---|---|")
    for budget in options.budget:
        for name, strategy in STRATEGIES.items():
            outcomes = []
            for world in worlds:
                with tempfile.TemporaryDirectory() as folder:
                    stored = run(world, strategy, options.days, budget, Path(folder))
                outcomes.append(judge(world, stored, options.days, options.top))
            recalls = [outcome.recall for outcome in outcomes]
            missed = mean(outcome.missed for outcome in outcomes)
            print(
                f"| {budget} | {name} | {mean(recalls):.0%} ({min(recalls):.0%}-{max(recalls):.0%}) "
                f"| {missed:.0%} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
