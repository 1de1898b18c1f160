import subprocess
import sys
import time

from tvspiders import steady_clock
from tvspiders.steady_clock import boot, steady


def test_it_never_goes_back():
    moments = [steady() for _ in range(100)]

    assert moments == sorted(moments)


def test_it_counts_at_least_what_the_monotonic_clock_counts():
    assert steady() >= time.monotonic() - 0.1


def test_elsewhere_it_is_the_monotonic_clock(monkeypatch):
    monkeypatch.setattr(steady_clock, "_BOOT", None)

    before = time.monotonic()

    assert before <= steady() <= time.monotonic()


def test_two_processes_of_one_computer_read_the_same_boot():
    other = subprocess.run(
        [sys.executable, "-c", "from tvspiders.steady_clock import boot; print(boot())"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert other.stdout.strip() == boot()
