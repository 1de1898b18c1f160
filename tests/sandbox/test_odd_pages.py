"""Odd pages and rows that move, on demand, and what lasted meanwhile."""

import pytest

from tvspiders.sandbox.api.odd_pages import OddPages
from tvspiders.sandbox.api.paging import Paging
from tvspiders.sandbox.config import ConfigError, SandboxConfig

ROWS = list(range(40, 0, -1))


def page_of(odd, number, rows=ROWS):
    paging, now, left_out = odd.serve("/newest", Paging(number, 10), rows)
    cut = list(paging.cut(now))
    return cut[: len(cut) - left_out] if left_out else cut


@pytest.mark.parametrize(
    ("kind", "served"),
    [("empty", []), ("short", [30, 29, 28]), ("repeated", ROWS[:10]), ("as-4", ROWS[30:])],
)
def test_a_page_is_odd_once_or_for_good(kind, served):
    once = OddPages(SandboxConfig(odd_pages=frozenset({f"2={kind}@once"})))
    always = OddPages(SandboxConfig(odd_pages=frozenset({f"2={kind}"})))

    assert [page_of(once, 2), page_of(once, 2)] == [served, ROWS[10:20]]
    assert [page_of(always, 2), page_of(always, 2)] == [served, served]
    assert page_of(always, 3) == ROWS[20:30]


@pytest.mark.parametrize(
    ("moves", "first", "lasting"),
    [
        ("arrive/1", ROWS[8:18], ROWS[10:]),
        ("vanish/1", ROWS[2:12], ROWS[2:]),
        ("rise/1", [2, 1, *ROWS[:8]], ROWS),
        ("sink/1", ROWS[2:12], ROWS),
    ],
)
def test_rows_move_with_the_pages_that_are_answered(moves, first, lasting):
    odd = OddPages(SandboxConfig(row_moves=moves))
    for number in (1, 2):
        page_of(odd, number)

    assert page_of(odd, 1) == first
    odd.answered["/newest"] -= 1
    assert odd.lasting("/newest", ROWS) == lasting


@pytest.mark.parametrize("wrong", [{"odd_pages": frozenset({"2=strange"})}, {"row_moves": "jump/3"}])
def test_what_is_not_known_is_refused_with_what_is_accepted(wrong):
    with pytest.raises(ConfigError, match="accepted: "):
        SandboxConfig(**wrong)
