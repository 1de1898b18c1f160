import pytest

from tvspiders.sandbox.config import ConfigError, Quota
from tvspiders.sandbox.front.quota import Limiter


@pytest.mark.parametrize(
    ("text", "limit", "period"),
    [("300/5m", 300, 300), ("30/3s", 30, 3), ("300/1h", 300, 3600), ("1/0.5s", 1, 0.5), ("9/1d", 9, 86400)],
)
def test_a_quota_is_so_many_in_a_period(text, limit, period):
    assert Quota.parse(text) == Quota(limit, period)


@pytest.mark.parametrize(
    "text", ["", "300", "300/", "/5m", "0/5m", "300/0s", "-1/5m", "300/5", "3e2/5m", "３/5m"]
)
def test_other_texts_are_refused_in_one_line(text):
    with pytest.raises(ConfigError, match="accepted: 300/5m") as caught:
        Quota.parse(text)
    assert "\n" not in str(caught.value)


def admitted(limiter, token, *times):
    return [limiter.admit(token, now).admitted for now in times]


def test_windows_aligned_to_the_clock_end_with_the_period():
    limiter = Limiter(Quota(2, 10), align="clock")

    assert admitted(limiter, "a", 18, 19, 19.5, 20, 21, 22) == [True, True, False, True, True, False]


def test_windows_aligned_to_the_first_request_start_there():
    limiter = Limiter(Quota(2, 10), align="first")

    assert admitted(limiter, "a", 18, 19, 20, 27.9, 28, 29, 30) == [
        True,
        True,
        False,
        False,
        True,
        True,
        False,
    ]


def test_each_token_has_its_own_window():
    limiter = Limiter(Quota(1, 10), align="clock", by_token={"big": Quota(3, 10)})

    assert admitted(limiter, "a", 0, 1) == [True, False]
    assert admitted(limiter, "b", 2) == [True]
    assert admitted(limiter, "big", 3, 4, 5, 6) == [True, True, True, False]


def test_without_a_quota_nothing_is_counted():
    assert Limiter(None, align="clock").admit("a", 0) is None


def test_refusals_are_counted_by_window():
    limiter = Limiter(Quota(1, 10), align="clock")
    admitted(limiter, "a", 0, 1, 2, 3, 10, 11)

    assert [window["refused"] for window in limiter.windows("a")] == [3, 1]
    assert limiter.most_refused("a") == 3
    assert limiter.while_closed("a") == 2


def test_the_quota_can_change_between_requests():
    limiter = Limiter(Quota(5, 10), align="clock")
    admitted(limiter, "a", 0, 1, 2)
    limiter.quota = Quota(3, 10)

    assert admitted(limiter, "a", 3, 10) == [False, True]
