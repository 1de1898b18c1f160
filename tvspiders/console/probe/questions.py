"""The questions of ``scrapy probe``, in the order in which one can use what another has shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tvspiders.api.lists.names import NAMES
from tvspiders.console.probe import names, newest, probe, searches
from tvspiders.console.probe.probe import QUESTIONS, Finding, Probe, Spent
from tvspiders.errors import AnswerRefused

Question = Callable[[Probe], Awaitable[None]]
ORDER: tuple[tuple[Question, tuple[str, ...]], ...] = (
    (names.ask_popular_things, ()),
    (names.ask_names, tuple(NAMES)),
    (names.look_at_fields, ()),
    (searches.ask_page_sizes, ("search/per_page", "list/per_page")),
    (searches.ask_past_the_window, ("search/past 10000",)),
    (searches.ask_for_dates, ("search/posted_after", "search/posted_before")),
    (searches.ask_for_a_sort, ("category/sort",)),
    (newest.ask_old_lists, ("old listings",)),
    (newest.ask_newest, ("newest",)),
    (newest.ask_missing_things, ("deleted", "hidden")),
)
"""Each with the topics that are not known when it cannot be asked."""


async def ask_all(asked: Probe) -> list[Finding]:
    """Ask every question; what is left when the requests are used up is not known."""
    for question, topics in ORDER:
        try:
            await question(asked)
        except Spent:
            found = {finding.topic for finding in asked.findings}
            for topic in topics:
                if topic not in found:
                    asked.unknown(topic, f"the {probe.MAX_REQUESTS} requests are spent")
        except AnswerRefused as error:
            for topic in topics:
                asked.unknown(topic, f"the answer is not understood ({error})")
    quota = asked.signs.findings().items()
    asked.findings[:0] = [Finding(topic, QUESTIONS[topic], *found) for topic, found in quota]
    return asked.findings
