import json
import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policies.limiter import Limiter
from tvspiders.policies.quota.limit import Quota
from tvspiders.policies.quota.window import QuotaWindow, SlotUse

QUOTA = Quota(30, 3.0)


def crawl(
    limiter,
    seconds,
    believed=QUOTA,
    seed=1,
    spread=True,
    change=lambda now: None,
    stall=lambda now: 0.0,
    stored=False,
    asked=lambda now: None,
):
    """Send as fast as the window allows; answers take a few milliseconds, arrivals jitter."""
    jitter = random.Random(seed)
    window = QuotaWindow(believed, 0.0, spread)
    now, lines = 0.0, []
    while now < seconds:
        change(now)
        now += stall(now)
        slot = window.reserve(now, want=1, horizon=1.0)[0]
        sent = max(now, slot) + jitter.uniform(0, 0.002)
        arrived = sent + jitter.uniform(0.001, 0.010)
        now = arrived + jitter.uniform(0.001, 0.005)
        if limiter.serve(arrived):
            lines.append(window.record(now, [SlotUse(slot, now, True)]))
        else:
            lines.append(window.record(now, [SlotUse(slot, None)]))
            lines.append(window.refused(now, sent, asked(now)))
        if stored:
            window = QuotaWindow.from_data(json.loads(json.dumps(window.to_data())), believed, now, spread)
    return window, [line for line in lines if line]


@pytest.mark.parametrize("align", ["first", "clock"])
def test_a_known_quota_is_used_and_never_exceeded(align):
    limiter = Limiter(QUOTA, align, phase=0.7)

    crawl(limiter, 151)

    full = limiter.served[1:-1]
    assert sum(limiter.refused) == 0
    assert sum(full) >= 0.98 * 30 * len(full)
    assert len(full) >= 48


@settings(max_examples=30, deadline=None)
@given(
    limit=st.integers(1, 40),
    phase=st.floats(0, 3),
    align=st.sampled_from(["first", "clock"]),
    seed=st.integers(0, 99),
    spread=st.booleans(),
)
def test_no_known_quota_is_ever_exceeded(limit, phase, align, seed, spread):
    quota = Quota(limit, 3.0)
    limiter = Limiter(quota, align, phase)

    crawl(limiter, 20, quota, seed, spread)

    assert sum(limiter.refused) == 0


def test_requests_are_spread_evenly():
    window = QuotaWindow(QUOTA, 0.0)

    slots = window.reserve(0.0, want=30, horizon=10.0)

    gaps = [late - early for early, late in pairwise(slots)]
    assert gaps == pytest.approx([(3.0 + window.margin) / 30] * 29)


def test_without_spreading_a_window_is_used_at_once():
    window = QuotaWindow(QUOTA, 0.0, spread=False)

    slots = window.reserve(0.0, want=31, horizon=10.0)

    assert slots[:30] == [0.0] * 30
    assert slots[30] > 3.0


def test_only_slots_within_the_horizon_are_taken_but_always_one():
    window = QuotaWindow(Quota(3, 3.0), 0.0)
    window.reserve(0.0, want=1, horizon=0.0)

    assert window.reserve(0.1, want=9, horizon=0.2) == [window.spacing]


def test_where_others_hold_the_next_slots_several_are_taken_at_once():
    window = QuotaWindow(Quota(300, 15.0), 0.0)
    window.reserve(0.0, want=99, horizon=1.0)

    slots = window.reserve(0.0, want=99, horizon=1.0)

    assert len(slots) == 5
    assert slots[0] > 1.0


def test_slots_that_passed_unused_are_made_up_for_at_twice_the_pace():
    window = QuotaWindow(Quota(300, 300.0), 0.0)
    window.reserve(0.0, want=1, horizon=0.0)

    slots = window.reserve(21.0, want=60, horizon=40.0)

    gaps = [late - early for early, late in pairwise(slots)]
    assert gaps[3:36] == pytest.approx([window.spacing / 2] * 33)
    assert gaps[41:] == pytest.approx([window.spacing] * 18)


def test_an_idle_crawl_makes_up_for_a_quarter_of_a_period_and_no_more():
    window = QuotaWindow(Quota(300, 300.0), 0.0)
    window.reserve(0.0, want=1, horizon=0.0)

    slots = window.reserve(1000.0, want=300, horizon=300.0)

    assert sum(slot < 1000 + 74 for slot in slots) <= 151
    assert slots[-1] > 1000 + 220


def test_a_stall_is_caught_up_and_costs_no_later_window_anything():
    limiter = Limiter(Quota(300, 30.0))
    stalled = []

    def stall(now):
        if now > 40 and not stalled:
            stalled.append(now)
            return 2.0
        return 0.0

    crawl(limiter, 211, Quota(300, 30.0), stall=stall)

    assert limiter.served[:-1] == [300] * 7
    assert sum(limiter.refused) == 0


def test_a_slot_given_back_does_not_slow_the_spread():
    window = QuotaWindow(Quota(300, 300.0), 0.0)
    slot = window.reserve(0.0, want=1, horizon=0.0)[0]

    window.record(0.1, [SlotUse(slot, None)])

    assert window.reserve(0.1, want=1, horizon=0.0) == [0.1]


def test_a_slot_given_back_can_be_used_again():
    window = QuotaWindow(Quota(2, 3.0), 0.0, spread=False)
    first, _ = window.reserve(0.0, want=2, horizon=0.0)

    window.record(0.1, [SlotUse(first, None)])

    assert window.reserve(0.2, want=1, horizon=0.0) == [0.2]


@pytest.mark.parametrize("stored", [False, True])
def test_half_the_quota_is_learned_with_at_most_one_refusal_in_each_window(stored):
    limiter = Limiter(Quota(15, 3.0))

    _, lines = crawl(limiter, 90, stored=stored)

    assert max(limiter.refused) == 1
    assert sum(limiter.served[2:-1]) >= 0.98 * 15 * len(limiter.served[2:-1])
    assert lines[0] == "the API serves 15/3s on this token, not 30/3s"


@pytest.mark.parametrize("phase", [0.1, 0.7, 1.3, 2.9])
def test_half_the_quota_on_the_clock_is_learned_from_two_refusals(phase):
    limiter = Limiter(Quota(15, 3.0), "clock", phase)

    _, lines = crawl(limiter, 17)

    assert lines == ["the API serves 15/3s on this token, not 30/3s"]
    assert sorted(limiter.refused)[-3:] == [0, 1, 1]


@pytest.mark.parametrize("phase", [0.7, 4.0, 13.0])
def test_stalls_while_a_limit_is_learned_cost_no_second_refusal_in_a_window(phase):
    dice = random.Random(int(phase * 10) + 150)
    limiter = Limiter(Quota(150, 15.0), "clock", phase)

    def stall(now):
        return dice.uniform(0, 1) if dice.random() < 0.005 else 0.0

    crawl(limiter, 300, Quota(300, 15.0), stall=stall)

    assert max(limiter.refused) == 1


def test_a_limit_found_from_two_windows_is_corrected_by_little():
    window = QuotaWindow(Quota(300, 15.0), 0.0)
    window.estimate.limit, window.estimate.strikes = 152, 2
    window.last_refusal = replace(window.last_refusal, refused_at=1.0, reopened=20.0, served=152)
    for number in range(151):
        window.log.add(20.1 + number / 10)

    line = window.refused(35.3, sent=35.2)

    assert line == "the API serves 133/15s on this token, not 300/15s"


@pytest.mark.parametrize("align", ["first", "clock"])
@pytest.mark.parametrize("served", [Quota(22, 3.0), Quota(15, 3.0), Quota(4, 3.0), Quota(30, 36.0)])
@pytest.mark.parametrize("phase", [0.3, 1.7, 2.8])
def test_a_quota_that_is_wrong_in_the_settings_costs_one_refusal_in_a_window(align, served, phase):
    limiter = Limiter(served, align, phase)

    crawl(limiter, 20 * served.period)

    # in the first window of the longer limit: when it is full, and the one that proves it longer
    assert max(limiter.refused[:2]) <= (2 if served.period > 3 else 1)
    assert max(limiter.refused[2:]) <= 1


def test_after_a_rest_one_request_goes_first():
    window = QuotaWindow(Quota(300, 30.0), 0.0)
    window.refused(1.0, sent=0.5)

    slots = window.reserve(32.0, want=3, horizon=9.0)
    window.record(33.0, [SlotUse(slots[0], 32.1, True)])
    later = window.reserve(33.6, want=3, horizon=9.0)

    assert [late - early for early, late in pairwise(slots)] == pytest.approx([1.0, 1.5], abs=0.01)
    assert later[1] - later[0] < 0.11


@pytest.mark.parametrize("align", ["first", "clock"])
def test_the_hourly_limit_is_found_and_said_in_one_line(align):
    limiter = Limiter(Quota(30, 36.0), align, phase=10)

    _, lines = crawl(limiter, 36 * 8)

    assert lines == ["refused beyond the window of 30/3s; assuming the longer limit 30/36s"]
    assert max(limiter.refused[1:]) <= 1
    assert sum(limiter.served[2:-1]) >= 0.98 * 30 * len(limiter.served[2:-1])


def test_a_raised_limit_is_found_again_carefully():
    limiter = Limiter(Quota(15, 3.0))

    def change(now):
        if now > 30:
            limiter.quota = QUOTA

    window, _ = crawl(limiter, 160, change=change)

    assert window.estimate.limit == 30
    assert max(limiter.refused) == 1


def test_refusals_of_requests_under_way_close_nothing_anew():
    window = QuotaWindow(QUOTA, 0.0)
    window.reserve(0.0, want=5, horizon=9.0)
    window.refused(1.0, sent=0.9)
    closed = window.closed_until

    window.refused(1.1, sent=0.95)

    assert window.closed_until == closed
    assert window.estimate.strikes == 1
    assert window.epoch == 1


def test_nothing_is_reserved_before_a_closed_window_is_over():
    window = QuotaWindow(QUOTA, 0.0)
    window.reserve(0.0, want=1, horizon=0.0)

    window.refused(1.0, sent=0.5)

    assert window.reserve(1.1, want=1, horizon=0.0)[0] > 4.0


@pytest.mark.parametrize(("wait", "least", "most"), [(3.5, 4.5, 4.6), (1e9, 37.0, 42.0), (0, 4.0, 4.1)])
def test_what_the_api_asks_to_wait_is_obeyed_within_reason(wait, least, most):
    window = QuotaWindow(QUOTA, 0.0)

    window.refused(1.0, sent=0.5, wait=wait)

    assert least <= window.closed_until <= most


def test_a_wait_that_is_too_short_opens_no_window_early():
    window = QuotaWindow(QUOTA, 0.0)

    window.refused(1.0, sent=0.9, wait=0.5)

    assert window.closed_until > 4.0


@pytest.mark.parametrize("align", ["first", "clock"])
@pytest.mark.parametrize("served", [Quota(30, 3.0), Quota(22, 3.0), Quota(4, 3.0)])
@pytest.mark.parametrize("wait", [0, 0.1, 0.5, 1, 2.9, 3, 3.5, 40, 1e5, "any"])
@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_api_asks_to_wait_costs_one_refusal_in_a_window(align, served, wait, seed):
    limiter, dice = Limiter(served, align, phase=1.7), random.Random(seed)
    used_by_others = iter(range(5, 60, 7))
    next_use = [next(used_by_others)]

    def others(now):
        if served == QUOTA and now >= next_use[0]:
            next_use[0] = next(used_by_others, 1e9)
            for _ in range(served.limit // 2):
                limiter.serve(now)
            limiter.windows[limiter._start][1] = 0

    def asked(now):
        return dice.choice([None, 0.1, 0.5, 1, 2, 3, 3.5]) if wait == "any" else wait

    crawl(limiter, 60, seed=seed, change=others, asked=asked)

    assert max(limiter.refused) == 1


def test_a_first_wait_for_the_longer_limit_is_kept_to_its_length():
    window = QuotaWindow(Quota(300, 300.0), 0.0)

    window.refused(1.0, sent=0.5, wait=400.0)

    assert window.closed_until == pytest.approx(402, abs=2)


def test_a_remaining_of_zero_closes_the_token_until_its_named_reset():
    window = QuotaWindow(QUOTA, 0.0)

    window.learn_limits(1.0, limit=30, remaining=0, reset=1.5)

    assert window.reserve(1.1, want=1, horizon=0.0)[0] == pytest.approx(2.5, abs=0.1)


def test_a_clock_set_back_by_an_hour_lengthens_no_wait():
    window = QuotaWindow(QUOTA, 10_000.0)
    window.reserve(10_000.0, want=30, horizon=9.0)
    window.refused(10_001.0, sent=10_000.5)

    slot = window.reserve(6_401.0, want=1, horizon=0.0)[0]

    assert slot - 6_401.0 < 4.0


def test_the_state_survives_being_stored():
    window, _ = crawl(Limiter(Quota(15, 3.0)), 20)

    data = json.loads(json.dumps(window.to_data()))
    read = QuotaWindow.from_data(data, QUOTA, 21.0)

    assert read.to_data() == data
    assert vars(read) | {"log": None} == vars(window) | {"log": None}
    assert window.last_refusal.refused_sent < window.last_refusal.refused_at


def test_the_state_is_small():
    window = QuotaWindow(Quota(300, 300.0), 1.7e9)
    window.reserve(1.7e9, want=300, horizon=400.0)

    assert len(json.dumps(window.to_data())) < 4000


def test_another_quota_in_the_settings_starts_a_new_belief_but_forgets_no_request():
    window = QuotaWindow(QUOTA, 0.0)
    window.reserve(0.0, want=30, horizon=9.0)

    window.adapt(Quota(30, 36.0), 3.0, spread=True)

    assert str(window.estimate) == "30/36s"
    assert window.reserve(3.0, want=1, horizon=0.0)[0] > 36.0


def test_a_state_of_another_version_only_closes_the_token_for_a_period():
    window = QuotaWindow.from_data({"version": 99}, QUOTA, 100.0)

    assert window.reserve(100.0, want=1, horizon=0.0)[0] >= 103.0
