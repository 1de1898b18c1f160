from hypothesis import given
from hypothesis import strategies as st

from tvspiders.policies.quota.sliding_log import SlidingLog

moments = st.lists(st.floats(0, 2e9), max_size=50)


@given(moments)
def test_the_log_survives_being_stored(given_moments):
    log = SlidingLog(0.01)
    for moment in given_moments:
        log.add(moment)

    read = SlidingLog(0.01, log.deltas())

    assert [read.latest(n) for n in range(1, len(read) + 1)] == [
        log.latest(n) for n in range(1, len(log) + 1)
    ]


@given(moments)
def test_a_request_is_never_thought_earlier_than_it_was(given_moments):
    log = SlidingLog(0.01)

    for moment in given_moments:
        log.add(moment)

    for n, moment in enumerate(sorted(given_moments, reverse=True), 1):
        assert log.latest(n) >= moment - 1e-4


def test_a_reservation_is_taken_back_by_its_own_moment():
    log = SlidingLog(0.5)
    log.add(1.2)
    log.add(7.0)

    log.remove(log.latest(1))
    log.remove(99.0)

    assert log.latest(1) == 1.5
    assert len(log) == 1


def test_what_lies_in_the_future_can_be_dropped():
    log = SlidingLog(0.5)
    for moment in (1.0, 2.0, 3.0, 4.0):
        log.add(moment)

    log.drop_after(2.0)

    assert log.latest(1) == 2.0
    assert log.count_after(1.0) == 1


def test_only_the_latest_are_kept():
    log = SlidingLog(1.0)
    for moment in range(10):
        log.add(moment)

    log.keep(3)

    assert len(log) == 3
    assert log.latest(3) == 7.0


def test_what_is_long_over_can_be_dropped():
    log = SlidingLog(0.5)
    for moment in (1.0, 2.0, 3.0, 4.0):
        log.add(moment)

    log.drop_until(2.0)

    assert log.latest(2) == 3.0
    assert len(log) == 2
