"""The line of JSON is found again at the end of a log."""

from datetime import UTC, datetime

import pytest

from tvspiders.ledger.health import MARK, health_line, last_health

LINE = health_line({"verdict": "complete", "ended_at": datetime(2026, 11, 21, 9, 30, tzinfo=UTC)})


def test_a_moment_is_written_with_its_zone():
    assert LINE == '{"verdict": "complete", "ended_at": "2026-11-21T09:30:00.000+00:00"}'


def test_what_has_no_place_in_json_is_not_written():
    with pytest.raises(TypeError, match="set has no place"):
        health_line({"verdict": {1}})


def test_the_last_line_of_a_log_counts():
    log = f"x\n09:00 [a] INFO: {MARK}{{}}\n09:30 [a] INFO: {MARK}{LINE}\nSpider closed\n"

    assert last_health(log) == {"verdict": "complete", "ended_at": "2026-11-21T09:30:00.000+00:00"}


@pytest.mark.parametrize("text", ["", "nothing", f"{MARK}{LINE[:-5]}", f"{MARK}[1]"])
def test_a_log_without_a_whole_line_has_none(text):
    assert last_health(text) is None
