import pytest

from tvspiders.policies.backoff import Backoff


@pytest.mark.parametrize(("attempts", "most"), [(0, 2), (1, 4), (4, 32), (8, 300), (5000, 300)])
def test_the_delay_doubles_up_to_the_cap(attempts, most):
    assert Backoff(base=2, cap=300, jitter=max).delay(attempts) == most


def test_the_jitter_lies_between_half_and_all():
    assert Backoff(base=2, cap=300, jitter=lambda low, high: (low, high)[0]).delay(3) == 8
    assert all(8 <= Backoff().delay(3) <= 16 for _ in range(100))
