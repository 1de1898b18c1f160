import pytest

from tvspiders.policies.backoff import Backoff


@pytest.mark.parametrize(("attempts", "most"), [(0, 2), (1, 4), (4, 32), (8, 300), (5000, 300)])
def test_the_delay_doubles_up_to_the_cap(attempts, most):
    assert Backoff(base=2, cap=300, jitter=max).delay(attempts) == most


def test_the_jitter_lies_between_half_and_all():
    assert Backoff(base=2, cap=300, jitter=lambda low, high: (low, high)[0]).delay(3) == 8
    assert all(8 <= Backoff().delay(3) <= 16 for _ in range(100))


def test_without_a_cap_of_ones_own_it_is_five_minutes():
    assert Backoff(jitter=max).delay(20) == 300


def test_half_of_an_odd_delay_is_not_rounded():
    assert Backoff(base=1, jitter=min).delay(0) == 0.5


@pytest.mark.parametrize("attempts", [30, 31, 5000])
def test_the_doubling_ends_after_thirty_failures(attempts):
    assert Backoff(base=1, cap=1e12, jitter=max).delay(attempts) == 2**30
