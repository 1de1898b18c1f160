"""Extra requests stay within a tenth of a round, or twelve where that is more."""

from hypothesis import given
from hypothesis import strategies as st

from tvspiders.policies.request_budget import MIN_ALLOWED, allowance

COUNTS = st.integers(0, 100_000)


@given(COUNTS, COUNTS)
def test_whatever_is_granted_stays_within_the_cap(least, granted):
    more = allowance(least, granted)

    whole = least + granted + more
    assert more == 0 or granted + more <= max(MIN_ALLOWED, whole / 10)


@given(COUNTS)
def test_a_short_round_may_ask_a_dozen(least):
    assert allowance(least, 0) >= MIN_ALLOWED
