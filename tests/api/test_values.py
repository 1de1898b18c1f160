"""Values: one rule for each kind."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvspiders.api import values

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
)


@pytest.mark.parametrize(
    ("given_value", "number"),
    [
        (763622, 763622),
        ("763622", 763622),
        (" 21\t", 21),
        ("-5", -5),
        (2.0, 2),
        ("0021", 21),
        (2**70, 2**70),
        *(
            (junk, None)
            for junk in (True, False, None, "", " ", "７６３", "1_000", "1,000", "²", "+5", "0x10", "1e3")
        ),
        *((junk, None) for junk in (2.5, float("nan"), float("inf"), 1e300, "9" * 20, [], {}, [1], "1\xa0")),
    ],
)
def test_a_whole_number_is_an_int_or_ascii_digits(given_value, number):
    assert values.integer(given_value) == number


@pytest.mark.parametrize(
    ("value", "number"), [(1, 1), (2**63 - 1, 2**63 - 1), (0, None), (-1, None), (2**63, None)]
)
def test_an_identity_is_positive_and_fits(value, number):
    assert values.identity(value) == number


@pytest.mark.parametrize(("value", "number"), [(0, 0), ("774", 774), (-1, None), (2**63, None), (True, None)])
def test_a_count_may_be_zero_and_fits(value, number):
    assert values.count(value) == number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((yes, True) for yes in (True, 1, "1")),
        *((no, False) for no in (False, 0, "0")),
        *((junk, None) for junk in (None, 2, -1, "", "yes", "true", 1.0, [], {})),
    ],
)
def test_a_flag_is_a_bool_or_0_or_1(value, expected):
    assert values.flag(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Gear", "Gear"),
        ("", ""),
        ("a\x00b", "a\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        ("a\u2028b", "a\u2028b"),
        ("\u202eabc", "\u202eabc"),
        ("x" * 1_000_000, "x" * 1_000_000),
        (2019, "2019"),
        (2.5, "2.5"),
        *((junk, None) for junk in (None, True, [], {})),
    ],
)
def test_text_is_what_every_store_reads_the_same(value, expected):
    assert values.text(value) == expected


@pytest.mark.parametrize(
    ("value", "kept"), [("a", True), ("x" * 255, True), ("x" * 256, False), ("", False), (" \t", False)]
)
def test_a_key_is_not_blank_and_not_longer_than_an_index_takes(value, kept):
    assert values.label(value) == (value if kept else None)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://x.org/a b", True),
        ("HTTP://x", True),
        ("/tag:x", False),
        ("javascript:alert(1)", False),
        (None, False),
    ],
)
def test_an_address_is_a_web_address(value, kept):
    assert values.link(value) == (value if kept else None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2015-07-13T02:14:42+00:00", "2015-07-13T02:14:42+00:00"),
        ("2015-07-13T02:14:42Z", "2015-07-13T02:14:42+00:00"),
        ("2015-07-13T02:14:42.999+0200", "2015-07-13T00:14:42+00:00"),
        ("2015-07-13T02:14:42", "2015-07-13T02:14:42+00:00"),
        ("2014-04-29 04:06:30", "2014-04-29T04:06:30+00:00"),
        ("2014-04-29", "2014-04-29T00:00:00+00:00"),
        ("0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59+00:00"),
        (1436753682, "2015-07-13T02:14:42+00:00"),
        ("1436753682", "2015-07-13T02:14:42+00:00"),
        (1436753682123, "2015-07-13T02:14:42+00:00"),
        *((junk, None) for junk in ("-001-11-30T00:00:00+00:00", "0000-00-00 00:00:00", "0000-01-01", "")),
        *((junk, None) for junk in ("2015-02-30", "2015-07-13T25:00:00", "2015-07-13T02:14:60", "yesterday")),
        *((junk, None) for junk in ("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00")),
        *((junk, None) for junk in ("2015-07-13T02:14:42+99:00", "2015-07-13T02:14:42+01:60", "２015-07-13")),
        *((junk, None) for junk in (None, True, 0, -1, 5, 20190101, 10**11 - 1, 10**15, 2**70, 1.5, [], {})),
    ],
)
def test_a_moment_is_utc_text_or_nothing(value, expected):
    assert values.moment(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [([1], [1]), (None, []), ({}, []), ({"a": 1}, None), ("", None), (0, None)]
)
def test_rows_come_from_a_list_null_or_an_empty_map(value, expected):
    assert values.rows(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [({"a": 1}, {"a": 1}), ([], {}), ([1], None), (None, None), ("", None)]
)
def test_a_map_comes_from_a_map_or_an_empty_list(value, expected):
    assert values.mapping(value) == expected


@given(ANYTHING)
def test_no_rule_ever_raises(value):
    for rule in (
        values.integer,
        values.identity,
        values.count,
        values.flag,
        values.label,
        values.rows,
        values.mapping,
    ):
        rule(value)
    found = values.text(value)
    if found is not None:
        found.encode("utf-8")
        assert "\x00" not in found
    when = values.moment(value)
    if when is not None:
        assert datetime.fromisoformat(when).isoformat(timespec="seconds") == when
        assert when.endswith("+00:00")
