import pytest

from tvspiders.policies.quota.limit import Quota, parse_quota


@pytest.mark.parametrize(
    ("text", "limit", "period"),
    [
        ("300/5m", 300, 300),
        ("300/1h", 300, 3600),
        ("300/h", 300, 3600),
        ("30/3s", 30, 3),
        (" 30 / 0.5s ", 30, 0.5),
        ("1/1d", 1, 86400),
    ],
)
def test_a_quota_is_read(text, limit, period):
    assert parse_quota(text) == Quota(limit, period)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "300",
        "300/5",
        "0/5m",
        "-1/5m",
        "300/0s",
        "300/2d",
        "300/5m/1",
        "٣٠/3s",
        "1e3/5m",
        "300 per 5m",
        "x" * 999,
    ],
)
def test_a_wrong_quota_is_refused_in_one_line_that_says_what_is_accepted(text):
    with pytest.raises(ValueError, match=r"300/5m") as caught:
        parse_quota(text)

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("text", ["300/5m", "300/1h", "30/3s", "15/1d", "30/0.5s"])
def test_a_quota_is_written_as_it_is_read(text):
    assert str(parse_quota(text)) == text
