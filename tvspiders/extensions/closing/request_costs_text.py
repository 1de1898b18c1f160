"""The bill of a run: requests against what they brought, and how it reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Economy:
    """What requests brought; all counts are of this run, unless they say otherwise."""

    sent: int
    """Requests that left, however often the same one."""
    answered: int
    """Requests of the whole crawl that have their answer."""
    new_things: int
    """Things that were in no answer before."""
    snapshots: int
    """Snapshots of counts."""
    unchanged: int
    """Things whose page was not asked, because their row said what is stored."""
    still_gone: int
    """Things that are listed and whose page said not long ago that they are gone."""
    nodes: int | None
    """Nodes of the remix trees of the whole crawl, ``None`` for another kind of crawl."""
    used: int
    """Answers whose facts are stored, tombstones included."""
    limited: int
    """Answers that refused for quota."""
    refused: int
    """Answers that were not understood."""
    repeated: int
    """Requests for what was answered before, and sent again since it turned out nearer to the roots."""
    lost: int
    """Answers that came when another worker had taken the request over."""

    @property
    def wasted(self) -> int:
        """Requests that brought nothing."""
        return sum(self.wasted_by_reason.values())

    @property
    def wasted_by_reason(self) -> dict[str, int]:
        """Why: what is none of the others had no answer, or something that is none, like an error."""
        known = self.limited + self.refused + self.lost
        return {
            "unanswered": max(0, self.sent - self.used - known),
            "limited": self.limited,
            "refused": self.refused,
            "repeated": self.repeated,
            "lost": self.lost,
        }

    @property
    def per_new_thing(self) -> float | None:
        """Requests for each new thing; ``None`` without one."""
        return self.sent / self.new_things if self.new_things else None

    @property
    def per_snapshot(self) -> float | None:
        """Requests for each snapshot; ``None`` without one."""
        return self.sent / self.snapshots if self.snapshots else None

    @property
    def per_node(self) -> float | None:
        """Requests for each node of the remix trees of the whole crawl; ``None`` without one.

        Those that were answered and those that this run wasted; what earlier runs wasted is not known.
        """
        return (self.answered + self.wasted) / self.nodes if self.nodes else None


def one_line(bill: Economy) -> str:
    """The bill as one plain line."""
    parts = [f"{bill.sent:,} sent"]
    parts.append(f"new things: {_each(bill.new_things, bill.per_new_thing)}")
    parts.append(f"snapshots: {_each(bill.snapshots, bill.per_snapshot)}")
    if bill.nodes:
        parts.append(f"remix nodes: {_each(bill.nodes, bill.per_node)}")
    if bill.unchanged:
        parts.append(f"unchanged, not asked: {bill.unchanged:,}")
    if bill.still_gone:
        parts.append(f"still gone, not asked: {bill.still_gone:,}")
    reasons = ", ".join(f"{number:,} {reason}" for reason, number in bill.wasted_by_reason.items() if number)
    parts.append(f"wasted: {bill.wasted:,}" + (f" ({reasons})" if reasons else ""))
    return "Requests: " + "; ".join(parts)


def _each(number: int, requests: float | None) -> str:
    return f"{number:,}" + (f" at {requests:.3g} requests each" if requests is not None else "")
