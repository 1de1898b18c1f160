"""The tables that ``scrapy audit`` prints."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tvspiders import printing
from tvspiders.storage.catalogue.answer_fields import Drift
from tvspiders.storage.catalogue.list_ends import Differences
from tvspiders.storage.catalogue.unaccounted_rows import UnaccountedRows
from tvspiders.storage.queries.audit import Audit, Yield
from tvspiders.storage.queue.leases import FAILED, STATES
from tvspiders.storage.queue.unanswered import MAX_LISTED, Unanswered

MEANING = {
    "done": "answered, all its items are stored",
    "gone": "deleted or hidden; the last good data are kept",
    "parked": "given up for now, tried again as listed below",
    "quarantined": "answer not understood, kept raw, asked again as listed below",
    "queued": "not sent yet",
    "leased": "being sent now, or by a worker that died",
}


def print_audit(audit: Audit, console: Console | None = None) -> None:
    """Print the sum of all requests, what needs attention, and whether every request is accounted for."""
    console = console or printing.console(soft_wrap=False)
    crawl = audit.crawl
    table = Table(
        title=escape(f"Crawl {crawl['id']}: {crawl['spider']} {crawl['arguments']}, round {crawl['round']}"),
        title_justify="left",
    )
    table.add_column("state")
    table.add_column("requests", justify="right")
    table.add_column("meaning")
    for state in ("done", "gone", "parked", "quarantined", "queued", "leased"):
        table.add_row(state, f"{audit.counts[state]:,}", MEANING[state])
    table.add_section()
    table.add_row("all", f"{audit.total:,}", f"verdict: {crawl['verdict']}")
    console.print(table)
    if audit.gone:
        _print_gone(audit, console)
    for state in FAILED:
        _print_unanswered([found for found in audit.named if found.state == state], audit, console)
    sums = " + ".join(f"{audit.counts[state]:,} {state}" for state in STATES if audit.counts[state])
    console.print(f"{audit.total:,} requests = {sums or '0'}", highlight=False)
    console.print(brought_text(audit.brought), highlight=False, soft_wrap=True)
    if audit.left:
        _print_left(audit, console)
    for feed in audit.feeds:
        text = f"feed {feed.address}: {feed.due:,} items due, {feed.held:,} stored"
        console.print(text, highlight=False, soft_wrap=True, markup=False)
    for line in (*doubts_text(audit.unaccounted), *different_text(audit.different), *drift_text(audit.drift)):
        console.print(line, highlight=False, soft_wrap=True, markup=False)
    for flaw in audit.flaws:
        console.print(f"does not close: {flaw}", style="bold red", highlight=False)
    if audit.closes:
        console.print("closes: every request is accounted for", style="green", highlight=False)


def brought_text(brought: Yield) -> str:
    """What the stored answers contained, with answers per thing; unanswered requests are not counted."""
    parts = [
        f"{number:,} {name}" + (f" ({brought.answers / number:.3g} answers each)" if number else "")
        for number, name in (
            (brought.things, "things"),
            (brought.new_things, "new things"),
            (brought.snapshots, "snapshots"),
        )
    ]
    wasted = f"wasted of them: {brought.wasted:,}"
    if brought.wasted:
        wasted += f" ({brought.refused:,} refused, {brought.repeated:,} repeated)"
    return f"{brought.answers:,} answers brought {', '.join(parts)}; {wasted}"


def doubts_text(doubts: UnaccountedRows) -> list[str]:
    """A line for each list with unaccounted rows and what clears it; then what else the lists leave open."""
    lines = []
    for doubt in doubts.named:
        since = (doubt.since or "")[:10]
        clears = (
            "standing: met unchanged by two later rounds, not looked into any more"
            if doubt.standing
            else "the next round reads the list again; two later rounds that find the same make it standing"
        )
        what = "no address brings them; " if doubt.unreadable else ""
        lines.append(f"in doubt: {doubt.number} rows of {doubt} since {since} ({what}{clears})")
    more = doubts.lists + doubts.standing - len(doubts.named)
    if more > 0:
        lines.append(f"in doubt: rows of {more:,} more lists")
    said = [
        f"{number:,} {what}"
        for number, what in (
            (doubts.unreadable, "unreadable"),
            (doubts.unproven, "unproven"),
            (doubts.not_served, "places not served"),
            (doubts.looks, "pages looked at twice"),
        )
        if number
    ]
    return [*lines, *([f"lists: {', '.join(said)}"] if said else [])]


def drift_text(drift: Drift) -> list[str]:
    """A line for each change of the API's answers, with what it means for later rounds."""
    return [
        f"the API's answers changed: {notice.line} (crawl {notice.crawl_id}, {notice.at[:10]}"
        + ("; in the answers again" if notice.back else "; standing" if notice.told else "")
        + ")"
        for notice in drift.noticed
    ]


def different_text(different: Differences) -> list[str]:
    """A line for each list with another number of rows than stated, and one for the lists not named."""
    lines = [f"different: {one}" for one in different.named]
    more = different.lists - len(different.named)
    return [*lines, *([f"different: {more:,} more lists"] if more > 0 else [])]


def _print_gone(audit: Audit, console: Console) -> None:
    table = Table(title=f"Gone or hidden (at most {MAX_LISTED})", title_justify="left")
    table.add_column("request", overflow="fold")
    table.add_column("reason", overflow="fold")
    for gone in audit.gone:
        table.add_row(escape(gone.path), escape(gone.reason or ""))
    console.print(table)


def _print_unanswered(found: Sequence[Unanswered], audit: Audit, console: Console) -> None:
    """A few lines for each: five facts do not fit into one row."""
    if not found:
        return
    state = found[0].state
    console.print(f"{state.capitalize()}, at most {MAX_LISTED} named:", style="bold", highlight=False)
    for one in found:
        _print_one(one, one.path, console)
    if (more := audit.counts[state] - len(found)) > 0:
        console.print(f"  and {more:,} more {state}", highlight=False)


def _print_one(one: Unanswered, title: str, console: Console) -> None:
    for line in (
        f"  {title}",
        f"    why: {one.reason or 'not noted'}",
        f"    tried: {tried_text(one)}",
        f"    comes again: {one.again}",
        f"    cleared by: {one.clears}",
    ):
        console.print(escape(line), highlight=False, soft_wrap=True)


def tried_text(one: Unanswered) -> str:
    """How often, in how many rounds, and when last."""
    if not one.tries:
        return "not yet" if one.tried_at is None else f"last {one.tried_at}"
    times = "once" if one.tries == 1 else f"{one.tries:,} times"
    where = f" in {one.rounds:,} rounds" if one.rounds > 1 else ""
    return f"{times}{where}, last {one.tried_at or 'at a time that was not noted'}"


def _print_left(audit: Audit, console: Console) -> None:
    console.print("Left behind in other rounds, and not answered since:", style="bold", highlight=False)
    for left in audit.left[:MAX_LISTED]:
        counts = [
            f"{number:,} {state}"
            for number, state in ((left.parked, "parked"), (left.quarantined, "quarantined"))
            if number
        ]
        how = (
            "a later round followed it"
            if left.followed
            else "its own command goes on with it, or begins its next round"
        )
        name = f"crawl {left.crawl_id}: {left.spider} {left.arguments}, round {left.round}"
        text = f"{name}: {', '.join(counts)}; {how}"
        console.print(escape(text), highlight=False, soft_wrap=True)
        for one in audit.left_named:
            if one.crawl_id == left.crawl_id:
                _print_one(one, f"{one.path} ({one.state})", console)
    more = sum(left.parked + left.quarantined for left in audit.left) - len(audit.left_named)
    if more > 0:
        console.print(f"  and {more:,} more; scrapy audit NUMBER names those of one crawl", highlight=False)
