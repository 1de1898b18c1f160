"""What ``scrapy forget`` does: remove one person from the database, and list what lies outside of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from scrapy.settings import BaseSettings
from sqlalchemy import Engine

from tvspiders.errors import StorageProblem
from tvspiders.ledger.ownership import lock_path, nobody_at_work
from tvspiders.storage.database.engine import open_engine, sqlite_path
from tvspiders.storage.database.schema import check_schema, prepare_schema, require_schema, transaction
from tvspiders.storage.forgetting.forget import forget
from tvspiders.storage.forgetting.free_pages import LEFT_IN_POSTGRESQL, LEFT_IN_SQLITE, wipe_free_pages
from tvspiders.storage.forgetting.scope import Forgetting
from tvspiders.storage.people.forgotten import ThingsOf
from tvspiders.storage.queue.leases import leased_now
from tvspiders.storage.tables import metadata

ADVICE = "stop it first; it goes on afterwards"
ELSEWHERE = (
    "files of export, report, graph and pages; logs; lines of health; backups; "
    "Scrapyd's logs and lists of jobs"
)

STILL_READ = {
    "sqlite": "another program reads the database, so its -wal keeps old pages",
    "postgresql": "another session's transaction began before this command, so deleted rows stay in files",
}


class _OnlyCounted(Exception):
    """Rolls the transaction of a dry run back."""


def run(settings: BaseSettings, who: str, things: ThingsOf, dry_run: bool) -> list[str]:
    """Forget, or count what that would take; returns the lines to print.

    Raises ``UsageProblem`` and ``StorageProblem``; then nothing was changed.
    """
    engine = open_engine(str(settings["DATABASE_URL"]), must_exist=True)
    try:
        if check_schema(engine) is None or dry_run:
            require_schema(engine)
        else:
            prepare_schema(engine)
        with _nobody_at_work(engine):
            work = _forget(engine, who, things, dry_run)
            empty = True
            if not dry_run:
                _drop_locks(engine, work)
                empty = wipe_free_pages(engine, work.touched or list(metadata.tables))
        return list(_lines(engine, settings, work, dry_run, empty))
    finally:
        engine.dispose()


@contextmanager
def _nobody_at_work(engine: Engine) -> Iterator[None]:
    path = sqlite_path(engine)
    if path is not None:
        with nobody_at_work(path, ADVICE):
            yield
        return
    with engine.connect() as connection:
        if leased_now(connection):
            raise StorageProblem(f"a crawl is being run in this database; {ADVICE}")
    yield  # one that begins now looks, in each transaction, who was forgotten


def _forget(engine: Engine, who: str, things: ThingsOf, dry_run: bool) -> Forgetting:
    found: list[Forgetting] = []
    with suppress(_OnlyCounted), transaction(engine) as connection:
        found.append(forget(connection, who, things))
        if dry_run:
            raise _OnlyCounted
    return found[0]


def _drop_locks(engine: Engine, work: Forgetting) -> None:
    """The name of a crawl's lock is a digest of its arguments."""
    path = sqlite_path(engine)
    if path is not None:
        for identity in work.identities:
            lock_path(path, identity).unlink(missing_ok=True)


def _lines(
    engine: Engine, settings: BaseSettings, work: Forgetting, dry_run: bool, empty: bool
) -> Iterator[str]:
    if work.again:
        yield "this user was forgotten before, and nothing of them is stored"
    else:
        yield from _counts(work, dry_run)
    if not empty:
        yield f"{STILL_READ[engine.dialect.name]}; run the same command again once it has ended"
    left = LEFT_IN_POSTGRESQL if engine.dialect.name == "postgresql" else LEFT_IN_SQLITE
    yield f"not touched, look yourself: {ELSEWHERE}; {left}"
    for feed in work.feeds:
        yield f"  feed: {feed}"
    for name in ("TV_HEALTH_FILE", "LOG_FILE"):
        if settings.get(name):
            yield f"  {name}: {settings[name]}"


def _counts(work: Forgetting, dry_run: bool) -> Iterator[str]:
    person = work.person
    who = ", ".join(str(number) for number in sorted(person.numbers)) or "without a number"
    yield f"{'would forget' if dry_run else 'forgot'} user {who} with {len(person.names)} login names"
    yield f"rows deleted: {_counted(work.deleted)}"
    yield f"rows of which a part was taken out: {_counted(work.blanked)}"
    fate = "deleted" if work.policy == "delete" else "kept without creator, name and texts"
    yield f"their things: {len(work.things)}, {fate}"
    for word in sorted(person.common):
        yield f"{word!r} is a word in things of others, too: in texts it was taken out only behind @ and /"


def _counted(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {rows[name]:,}" for name in sorted(rows) if rows[name]) or "none"
