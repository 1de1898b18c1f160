"""How a run ended: one word, one reason, one exit code, one last line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tvspiders.api.known_categories import closest
from tvspiders.close_reasons import CLOSE_REASONS, EXIT_CODES, VERDICT
from tvspiders.storage.catalogue.answer_fields import Drift
from tvspiders.storage.catalogue.unaccounted_rows import AT_LEAST, UnaccountedRows
from tvspiders.storage.queries.missing_subjects import MissingSubject
from tvspiders.storage.queries.round_notes import RoundNotes
from tvspiders.storage.queue import crawls
from tvspiders.storage.queue.request_budget import Bill

SHOWN = 3
"""Lists that cannot be read, named in the last line at most."""

ACCEPTED = {
    "user": "a login name, as in the address of the profile",
    "thing": "the number of a public thing",
    "collection": "the number of a public collection",
    "tag": "a tag, as in its address",
    "category": "a slug of the tree that scrapy crawl categories stores",
}
"""What names each kind of subject that was asked for and is not there."""
NAMED = 5
"""Fields that vanished, named at most in the last line."""


@dataclass(frozen=True)
class Ending:
    """The end of one run."""

    verdict: str
    reason: str | None
    counts: Mapping[str, int]
    """Requests of the round by state; empty where the database could not be asked."""
    line: str
    """The last line that the user sees."""
    notes: RoundNotes | None = None
    """What else the database said of the round."""
    over: bool = False
    """Whether the round is partial and has nothing left that it may try again."""

    @property
    def exit_code(self) -> int:
        """Of the process."""
        return EXIT_CODES[self.verdict]


def judge(
    counts: Mapping[str, int],
    close_reason: str,
    problem: str | None,
    spent: bool,
    others: bool,
    choosing: bool = False,
    idle: bool = False,
    notes: RoundNotes | None = None,
    signalled: bool = True,
) -> Ending:
    """Weigh the counts of the ledger, Scrapy's reason for closing, and what went wrong.

    ``spent`` says that the user's own ``max_requests`` ended the run, ``others``
    that other workers go on with the crawl, ``choosing`` that each round of this
    crawl chooses again what to send, ``idle`` that a second try of what was missing
    brought nothing, ``notes`` what else the database says of the round,
    ``signalled`` that a signal asked the process to stop.
    """
    notes = notes or RoundNotes(to_retry=counts["parked"] + counts["quarantined"])
    ending = _weigh(counts, close_reason, problem, spent, others, choosing, idle, notes, signalled)
    standing = [one for one in notes.missing if one.standing]
    more = [_missing_words(standing)] if standing else []
    more += [*_list_words(notes.unaccounted), *_drift_words(notes.drift), *_extra_words(notes.bill)]
    return replace(ending, line="; ".join([ending.line, *more]), notes=notes)


def _weigh(
    counts: Mapping[str, int],
    close_reason: str,
    problem: str | None,
    spent: bool,
    others: bool,
    choosing: bool,
    idle: bool,
    notes: RoundNotes,
    signalled: bool,
) -> Ending:
    left = counts["queued"] + (0 if others else counts["leased"])
    failed = counts["parked"] + counts["quarantined"]
    if problem or close_reason in CLOSE_REASONS:
        reason = problem or CLOSE_REASONS[close_reason]
        return _ending(VERDICT, reason, counts, _left_over(left))
    if spent and (left or others):
        next_run = "the next run chooses again" if choosing else "the same command goes on"
        return _ending(crawls.PAUSED, "max_requests is spent", counts, f"{_number(left)} queued; {next_run}")
    if close_reason == "shutdown":
        by = "a signal" if signalled else "the program, without a signal"
        return _ending(crawls.INTERRUPTED, f"stopped by {by}", counts, _left_over(left))
    if left or others:
        advice = "other workers go on with it" if others else _left_over(left)
        return _ending(crawls.INTERRUPTED, f"closed early ({close_reason})", counts, advice)
    doubts, vanished = notes.unaccounted, notes.drift.unreported
    missing = [one for one in notes.missing if not one.standing]
    if failed or doubts.lists or vanished or missing:
        reasons = [f"{counts['parked']} parked, {counts['quarantined']} quarantined"] if failed else []
        if doubts.lists:
            rows = AT_LEAST * bool(doubts.lower_bounds) + _number(doubts.rows, "row")
            reasons.append(f"{rows} of {_number(doubts.lists, 'list')} in doubt")
        if vanished:
            names = ", ".join(f"{notice.field} of {notice.endpoint}" for notice in vanished[:NAMED])
            more = f" and {len(vanished) - NAMED} more" if len(vanished) > NAMED else ""
            reasons.append(f"the API's answers lost {names}{more}")
        if missing:
            reasons.append(_missing_words(missing))
        reason = ", ".join(reasons)
        over = idle or not notes.to_retry
        again = "the same command begins a new round" if over else "the same command tries them again"
        next_run = "the next run chooses again" if choosing else again
        ending = _ending(crawls.PARTIAL, reason, counts, f"{next_run}; see: scrapy audit")
        return replace(ending, over=not notes.to_retry)
    return _ending(crawls.COMPLETE, None, counts, "")


def _list_words(doubts: UnaccountedRows) -> list[str]:
    """What the lists leave open that makes no round partial.

    >>> _list_words(UnaccountedRows(standing=1, standing_rows=30, standing_since="2026-11-02T10:00", looks=2))
    ['30 rows of 1 list in doubt since 2026-11-02', '2 pages looked at twice']
    """
    said = []
    if doubts.standing:
        since = (doubts.standing_since or "")[:10]
        lists = _number(doubts.standing, "list")
        rows = AT_LEAST * bool(doubts.standing_lower_bounds) + _number(doubts.standing_rows, "row")
        said.append(f"{rows} of {lists} in doubt since {since}")
    if doubts.unreadable:
        named = ", ".join(map(str, doubts.unreadable_named[:SHOWN]))
        more = doubts.unreadable - min(SHOWN, len(doubts.unreadable_named))
        said.append(f"unreadable: {named}" + (f" and {_number(more, 'more list')}" if more else ""))
    if doubts.unproven:
        said.append(f"{_number(doubts.unproven, 'list')} unproven")
    if doubts.not_served:
        said.append(f"{_number(doubts.not_served, 'place')} not served")
    if doubts.looks:
        said.append(f"{_number(doubts.looks, 'page')} looked at twice")
    return said


def _missing_words(missing: Sequence[MissingSubject]) -> str:
    """What was asked for by name and is not there, and what is accepted.

    >>> _missing_words([MissingSubject("user", "nobody", False)])
    "the site shows no user 'nobody' (accepted: a login name, as in the address of the profile)"
    """
    said: list[str] = []
    for subject in dict.fromkeys(one.subject for one in missing):
        names = [one.name for one in missing if one.subject == subject]
        more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
        accepted = ACCEPTED.get(subject, "")
        if subject == "category" and (near := closest(names[0], cutoff=0.3)):
            accepted += f"; close to it: {', '.join(near)}"
        accepted = f" (accepted: {accepted})" if accepted else ""
        said.append(f"{subject} {', '.join(map(repr, names[:SHOWN]))}{more}{accepted}")
    return f"the site shows no {', no '.join(said)}"


def _drift_words(drift: Drift) -> list[str]:
    """Fields that vanished in an earlier round and are still missing."""
    if not drift.standing:
        return []
    since = drift.standing[0].at[:10]
    return [f"{_number(len(drift.standing), 'field')} of answers missing since {since}"]


def _extra_words(bill: Bill) -> list[str]:
    """What was asked beyond the least, and what the cap left.

    >>> _extra_words(Bill(asked={"age": 1, "second-look": 2}, left=1))
    ['3 extra requests: 1 age, 2 second-look', '1 extra request left for the next round']
    """
    said = []
    if bill.asked:
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in bill.asked.items())
        said.append(f"{_number(sum(bill.asked.values()), 'extra request')}: {reasons}")
    if bill.left:
        said.append(f"{_number(bill.left, 'extra request')} left for the next round")
    return said


def unopened(problem: str | None) -> Ending:
    """The end of a run whose crawl could not be opened: its counts are not known."""
    reason = problem or "the crawl could not be opened"
    line = f"{crawls.FAILED}: {reason}; nothing was asked"
    return Ending(crawls.FAILED, reason, {}, line)


def unwritten(problem: str, stored: int, stopped: bool) -> Ending:
    """The end of a run that the database did not take: only what this process knows is stated.

    ``problem`` says what to do as well, ``stored`` is what is on disk of this run for certain, ``stopped``
    says that a signal ended the run while the database was waited for.
    """
    verdict = crawls.INTERRUPTED if stopped else crawls.FAILED
    reason = f"stopped by a signal, and {problem}" if stopped else problem
    line = f"{verdict}: {reason}; this run stored {_number(stored, 'answer')} before that"
    return Ending(verdict, reason, {}, line)


def _ending(verdict: str, reason: str | None, counts: Mapping[str, int], advice: str) -> Ending:
    missing = f" ({counts['gone']:,} gone or hidden)" if counts["gone"] else ""
    said = f"{_number(counts['done'] + counts['gone'])} answered{missing}"
    line = f"{verdict}: " + "; ".join(part for part in (reason, said, advice) if part)
    return Ending(verdict, reason, counts, line)


def _left_over(left: int) -> str:
    return f"{_number(left)} queued; the same command goes on" if left else "the same command goes on"


def _number(value: int, what: str = "request") -> str:
    return f"{value:,} {what}" + ("" if value == 1 else "s")
