from tvspiders.policies.quota.limit import LimitEstimate, Quota


def believe(limit=30, period=3.0):
    return LimitEstimate.of(Quota(limit, period), now=0.0)


def test_one_early_refusal_may_be_due_to_earlier_use_and_changes_nothing():
    estimate = believe()

    assert estimate.refused(now=1.5, served=15, rested=False) is None
    assert estimate.limit == 30


def test_a_second_early_refusal_tightens_the_limit_to_what_was_served():
    estimate = believe()
    estimate.refused(now=1.5, served=15, rested=False)

    line = estimate.refused(now=6.0, served=15, rested=True)

    assert str(estimate) == "15/3s"
    assert line == "the API serves 15/3s on this token, not 30/3s"


def test_two_quiet_periods_forget_a_single_refusal():
    estimate = believe()
    estimate.refused(now=1.5, served=15, rested=False)

    estimate.quiet(now=8.0, used=30)
    estimate.refused(now=9.0, served=25, rested=False)

    assert estimate.limit == 30


def test_a_refusal_right_after_a_full_rest_means_the_hourly_limit():
    estimate = believe(300, 300)
    estimate.refused(now=300, served=300, rested=False)

    line = estimate.refused(now=601, served=0, rested=True)

    assert str(estimate) == "300/1h"
    assert line == "refused beyond the window of 300/5m; assuming the longer limit 300/1h"


def test_a_refusal_that_asks_for_more_than_a_window_means_the_hourly_limit():
    estimate = believe(300, 300)

    estimate.refused(now=300, served=300, rested=False, wait=3000)

    assert estimate.long


def tightened():
    estimate = believe()
    estimate.refused(now=1.5, served=15, rested=False)
    estimate.refused(now=6.0, served=15, rested=True)
    return estimate


def test_a_tightened_limit_is_raised_by_one_after_two_quiet_periods():
    estimate = tightened()

    estimate.quiet(now=11.9, used=15)
    before = estimate.limit
    estimate.quiet(now=12.1, used=15)

    assert (before, estimate.limit) == (15, 16)


def test_a_limit_that_was_not_used_up_is_not_raised():
    estimate = tightened()

    estimate.quiet(now=100.0, used=3)

    assert estimate.limit == 15


def test_a_raise_that_was_not_used_up_stays_on_trial():
    estimate = tightened()
    estimate.quiet(now=12.1, used=15)

    estimate.quiet(now=30.0, used=3)

    assert estimate.trying


def test_a_large_limit_is_raised_in_larger_steps():
    estimate = believe(300, 300)
    estimate.refused(now=150, served=150, rested=False)
    estimate.refused(now=600, served=150, rested=True)
    limits = []

    for now in range(600, 12_000, 50):
        estimate.quiet(float(now), used=estimate.limit)
        limits.append(estimate.limit)

    assert list(dict.fromkeys(limits)) == [150, 159, 177, 213, 285, 300]


def test_raises_that_hold_grow_up_to_the_configured_limit_and_no_further():
    estimate = tightened()
    limits = []

    for now in range(11, 200):
        estimate.quiet(float(now), used=estimate.limit)
        limits.append(estimate.limit)

    assert list(dict.fromkeys(limits)) == [15, 16, 18, 22, 30]


def test_a_raise_that_is_refused_is_taken_back_and_the_next_waits_longer():
    estimate = tightened()
    estimate.quiet(now=12.1, used=15)

    estimate.refused(now=13.0, served=15, rested=True)
    assert estimate.limit == 15
    estimate.quiet(now=13.0 + 6.1, used=15)
    assert estimate.limit == 15
    estimate.quiet(now=13.0 + 12.1, used=15)

    assert estimate.limit == 16


def test_the_hourly_limit_is_left_when_more_than_it_is_served():
    estimate = believe()
    estimate.refused(now=3.0, served=30, rested=False)
    estimate.refused(now=6.1, served=0, rested=True)

    estimate.quiet(now=6.1 + 73, used=30)
    raised = str(estimate)
    line = estimate.quiet(now=6.1 + 150, used=31)

    assert raised == "31/36s"
    assert line == "the hourly limit seems gone; trying 30/3s again"
    assert str(estimate) == "30/3s"


def test_a_return_from_the_hourly_limit_that_is_refused_is_taken_back_at_once():
    estimate = believe()
    estimate.refused(now=3.0, served=30, rested=False)
    estimate.refused(now=6.1, served=0, rested=True)
    estimate.quiet(now=80.0, used=30)
    estimate.quiet(now=155.0, used=31)

    estimate.refused(now=158.0, served=30, rested=False)

    assert str(estimate) == "30/36s"
    assert estimate.patience > 1


def test_a_limit_named_by_the_api_is_taken_within_the_configured_one():
    estimate = believe()

    estimate.take_limit(20)
    lower = estimate.limit
    estimate.take_limit(9000)

    assert (lower, estimate.limit) == (20, 30)
