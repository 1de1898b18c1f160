"""Lengths of time are read in one way and written in one way."""

import pytest

from tvspiders.periods import period_text, read_period


@pytest.mark.parametrize(
    ("text", "seconds"), [("90m", 5400), ("12h", 43_200), (" 7d ", 604_800), ("2w", 1_209_600)]
)
def test_a_period_is_a_number_with_a_unit(text, seconds):
    assert read_period(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "7", "d", "0d", "-1d", "1.5d", "7 d", "\uff17d", "1y", "7D", "30s", "9999999m", "9" * 999]
)
def test_anything_else_is_refused_in_one_line_that_says_what_is_accepted(text):
    with pytest.raises(ValueError, match="a number with m, h, d or w is accepted") as caught:
        read_period(text)

    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(300, "5m"), (3600, "1h"), (86400, "1d"), (3, "3s"), (0.5, "0.5s"), (90, "90s"), (5400, "90m")],
)
def test_a_period_is_written_as_in_the_setting(seconds, text):
    assert period_text(seconds) == text
