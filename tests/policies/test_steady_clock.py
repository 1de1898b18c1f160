import time

from tvspiders.policies import steady_clock
from tvspiders.policies.steady_clock import steady


def test_it_never_goes_back():
    moments = [steady() for _ in range(100)]

    assert moments == sorted(moments)


def test_it_counts_at_least_what_the_monotonic_clock_counts():
    assert steady() >= time.monotonic() - 0.1


def test_elsewhere_it_is_the_monotonic_clock(monkeypatch):
    monkeypatch.setattr(steady_clock, "_BOOT", None)

    before = time.monotonic()

    assert before <= steady() <= time.monotonic()
