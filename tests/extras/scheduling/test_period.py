"""Windows that everybody counts the same way."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvspiders.extras.scheduling.period import Period, label

NOW = datetime(2026, 11, 21, 9, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("1d", "2026-11-21T00:00"),
        ("12h", "2026-11-21T00:00"),
        ("1h", "2026-11-21T09:00"),
        ("30m", "2026-11-21T09:30"),
        ("1w", "2026-11-16T00:00"),
    ],
)
def test_a_window_begins_where_the_calendar_does(text, start):
    assert Period.parse(text).start(NOW).isoformat() == f"{start}:00+00:00"


def test_zones_do_not_matter():
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-11)))

    assert Period.parse("1d").start(elsewhere) == Period.parse("1d").start(NOW)
    assert label(elsewhere) == "20261121T093005Z"


@pytest.mark.parametrize(
    "text", ["", "1", "d", "0d", "-1d", "1.5d", "1y", "1 d", "１d", "9999999m", "999999w"]
)
def test_what_is_no_period_is_told_with_what_is(text):
    with pytest.raises(ValueError, match="12h or 1d"):
        Period.parse(text)


@given(
    st.sampled_from(["7m", "1h", "1d", "3d", "2w"]),
    st.datetimes(datetime(1999, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
)
def test_windows_have_no_gaps_and_do_not_overlap(text, moment):
    window = Period.parse(text)
    start = window.start(moment)

    assert start <= moment < start + window.length
    assert window.start(start) == start
    assert window.start(start - timedelta(microseconds=1)) == start - window.length
