"""Times of receipt never go back."""

import pytest

from tvspiders.ledger.writing.receipt_clock import ReceiptClock


def test_each_moment_is_later_than_the_one_before():
    clock = ReceiptClock(wall=lambda: 1_000_000_000.0)

    moments = [clock.now() for _ in range(2000)]

    assert moments == sorted(set(moments))


def test_a_clock_that_is_set_back_does_not_set_us_back():
    times = iter([1_000_000_000.0, 999_996_400.0, 1_000_000_001.5])
    clock = ReceiptClock(wall=lambda: next(times))

    assert [clock.now() for _ in range(3)] == [
        "2001-09-09T01:46:40.000+00:00",
        "2001-09-09T01:46:40.001+00:00",
        "2001-09-09T01:46:41.500+00:00",
    ]


@pytest.mark.parametrize(
    ("floor", "moment"),
    [
        ("2026-11-21T12:00:00.999+00:00", "2026-11-21T12:00:01.000+00:00"),
        ("2026-11-21T14:00:00.000+02:00", "2026-11-21T12:00:00.001+00:00"),
        ("2026-11-21T12:00:00+00:00", "2026-11-21T12:00:00.001+00:00"),
        ("9998-01-01T00:00:00.122+00:00", "9998-01-01T00:00:00.123+00:00"),
    ],
)
def test_a_run_goes_on_after_the_newest_answer_of_the_last(floor, moment):
    assert ReceiptClock(floor, wall=lambda: 0.0).now() == moment


@pytest.mark.parametrize("floor", [None, ""])
def test_a_first_run_takes_the_time_of_day(floor):
    assert ReceiptClock(floor, wall=lambda: 1.0005).now() == "1970-01-01T00:00:01.000+00:00"
