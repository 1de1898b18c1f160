"""The tables that ``scrapy audit`` prints."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tvspiders.storage.audit import Audit
from tvspiders.storage.economy import Yield
from tvspiders.storage.frontier import STATES

MEANING = {
    "done": "answered, everything it brought is stored",
    "gone": "deleted or hidden; the last good data are kept",
    "parked": "given up for now; the next run tries again",
    "quarantined": "answer not understood, kept raw; the next run tries again",
    "queued": "not asked yet",
    "leased": "being asked now, or by a worker that died",
}


def print_audit(audit: Audit, console: Console | None = None) -> None:
    """Print the identity, what needs a look, and whether it closes."""
    console = console or Console(soft_wrap=False)
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
    if audit.named:
        _print_named(audit, console)
    sums = " + ".join(f"{audit.counts[state]:,} {state}" for state in STATES if audit.counts[state])
    console.print(f"{audit.total:,} requests = {sums or '0'}", highlight=False)
    console.print(brought_text(audit.brought), highlight=False, soft_wrap=True)
    for flaw in audit.flaws:
        console.print(f"does not close: {flaw}", style="bold red", highlight=False)
    if audit.closes:
        console.print("closes: every request is accounted for", style="green", highlight=False)


def brought_text(brought: Yield) -> str:
    """What the stored answers brought, with answers for each; what was never answered is not among them."""
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


def _print_named(audit: Audit, console: Console) -> None:
    table = Table(title="Needs a look (at most 20 of each state)", title_justify="left")
    table.add_column("state")
    table.add_column("request", overflow="fold")
    table.add_column("reason", overflow="fold")
    for named in audit.named:
        table.add_row(named.state, escape(named.path), escape(named.reason or ""))
    console.print(table)
