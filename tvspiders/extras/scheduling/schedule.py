"""Run ``scrapy schedule``: check all entries, then send the jobs that are due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoaderProtocol, get_spider_loader

from tvspiders.checks.arguments import check_arguments
from tvspiders.checks.own_settings import check_names, check_own_settings
from tvspiders.checks.scrapy_settings import check_scrapy_settings
from tvspiders.checks.secret_values import check_secrets, check_values_hold_none, secrets_of
from tvspiders.console.usage import plain_database
from tvspiders.errors import NoDatabase, UsageProblem
from tvspiders.extras.scheduling.due import Decision, Ended, crawl_prefix, decide, moment
from tvspiders.extras.scheduling.entries import Entry
from tvspiders.extras.scheduling.period import label
from tvspiders.extras.scheduling.scrapyd import FINISHED, Listed, Scrapyd, ScrapydRefused, patiently
from tvspiders.ledger.health import last_health
from tvspiders.ledger.ownership import identity_arguments
from tvspiders.storage.database.reading import open_for_reading
from tvspiders.storage.queue.crawls import crawl_identity, round_states


@dataclass(frozen=True)
class Job:
    """A checked entry with its crawl."""

    entry: Entry
    identity: str
    id: str
    since: datetime | None
    """Beginning of the period that it is for."""
    budget: bool

    @property
    def prefix(self) -> str:
        """Prefix of the job ids of this crawl."""
        return crawl_prefix(self.entry.spider, self.identity)


def prepare(
    settings: Settings, entries: Iterable[Entry], now: datetime, environ: Mapping[str, str]
) -> list[Job]:
    """Check every entry as ``scrapy crawl`` checks its command line.

    Raises ``UsageProblem`` for the first that is wrong, and for two that are the same crawl.
    """
    loader = get_spider_loader(settings)
    secrets = secrets_of(environ)
    jobs: list[Job] = []
    for entry in entries:
        job = _prepare(settings, loader, entry, now, secrets)
        if any(job.prefix == other.prefix for other in jobs):
            raise UsageProblem(
                f"{entry.title} is listed twice, as the same crawl; add crawl=NAME to make it another"
            )
        jobs.append(job)
    return jobs


def _prepare(
    settings: Settings, loader: SpiderLoaderProtocol, entry: Entry, now: datetime, secrets: list[str]
) -> Job:
    if entry.spider not in loader.list():
        raise UsageProblem(
            f"there is no spider {entry.spider!r}; there are: {', '.join(sorted(loader.list()))}"
        )
    spider = loader.load(entry.spider)
    arguments = check_arguments(spider, entry.arguments)
    assignments = [f"{name}={value}" for name, value in entry.settings.items()]
    check_secrets(assignments)
    check_names(entry.settings)
    changed = settings.copy()
    changed.setdict(entry.settings, priority="cmdline")
    check_own_settings(changed)
    check_scrapy_settings(changed)
    check_values_hold_none(entry.arguments, secrets)
    check_values_hold_none(entry.settings, secrets)
    name = arguments.crawl if arguments is not None else None
    identity = crawl_identity(entry.spider, identity_arguments(arguments), name)
    since = entry.period.start(now) if entry.period else None
    return Job(
        entry,
        identity,
        crawl_prefix(entry.spider, identity) + label(since or now),
        since,
        "max_requests" in entry.arguments,
    )


def ends_in_database(url: str, identities: Iterable[str]) -> dict[str, list[Ended]]:
    """Rounds that ended, by the crawl's identity; empty when there is no database here.

    Raises ``StorageProblem`` for one that cannot be read: what it says may be the reason to send nothing.
    """
    try:
        with plain_database(), open_for_reading(url) as connection:
            return {
                identity: [
                    Ended(found.verdict, began, ended, found.goes_on)
                    for found in round_states(connection, identity)
                    if (began := moment(found.started_at)) and (ended := moment(found.ended_at))
                ]
                for identity in identities
            }
    except NoDatabase:
        return {}


async def send(
    scrapyd: Scrapyd,
    jobs: Sequence[Job],
    ends: Mapping[str, Sequence[Ended]],
    patience: float,
    dry: bool,
    report: Callable[[Job, Decision], None],
    complain: Callable[[Job, str], None],
) -> None:
    """Send the due jobs in order; a failed one does not stop the next.

    Raises ``ScrapydAway`` when Scrapyd stays away, and ``ConfigProblem`` when it does not let us in.
    """
    for job in jobs:

        async def once(job: Job = job) -> Decision:
            # Asked again before each attempt: the answer to the one before may have been lost on its way.
            listed = await scrapyd.jobs()
            known = await _known_ends(scrapyd, job, listed, ends.get(job.identity, ()))
            decision = decide(job.prefix, listed, known, job.since, job.budget)
            if decision.send and not dry:
                entry = job.entry
                await scrapyd.schedule(entry.spider, job.id, entry.arguments, entry.settings, entry.priority)
            return decision

        try:
            report(job, await patiently(once, patience))
        except ScrapydRefused as error:
            complain(job, str(error))


async def _known_ends(
    scrapyd: Scrapyd, job: Job, listed: Iterable[Listed], ends: Sequence[Ended]
) -> list[Ended]:
    """How rounds ended, and this job if it was sent before; its log takes precedence."""
    sent = [other for other in listed if other.state == FINISHED and other.id == job.id and other.ended]
    if job.since is None or not sent:
        return list(ends)
    last = sent[-1]
    said = last_health(await scrapyd.log_end(last.log)) if last.log else None
    if said is not None and last.ended is not None:
        own = Ended(str(said.get("verdict")), job.since, last.ended, bool(said.get("goes_on")))
        return [*ends, own]
    return [replace(end, began=max(end.began, job.since)) if end.at >= job.since else end for end in ends]


def now() -> datetime:
    """The moment, with zone."""
    return datetime.now(UTC)
