"""Tables in terminals of any width."""

from __future__ import annotations

import pytest

from tvspiders.extras.analytics.data.tables import Column, Report, Section, Table
from tvspiders.extras.analytics.render import as_terminal
from tvspiders.extras.analytics.render.widths import Wish, widths, wish


@pytest.mark.parametrize("room", [80, 100, 120, 200])
def test_a_number_is_shown_whole_or_its_column_is_named(room):
    columns = (
        Column("rank", "#"),
        Column("thing_id", "thing"),
        Column("name", "name"),
        Column("added", "published"),
        *(Column(f"n{place}", f"observed remixes {place}", "things") for place in range(8)),
    )
    row = {"rank": 1, "thing_id": 763622, "name": "Name " * 9, "added": "2009-01-09T19:46:24+00:00"}
    row |= {f"n{place}": 1234567 + place for place in range(8)}
    table = Table("t", "Table", columns, [row], "all")

    text = as_terminal.render(Report({"program": "p", "generated_at": "", "as_of": None}, "", [
        Section("s", "Section", [table])
    ]), colour=False, width=room)  # fmt: skip

    assert max(map(len, text.splitlines())) <= room
    for place in range(8):
        assert f"{1234567 + place:,}" in text or f"observed remixes {place}" in text.split("too narrow")[1]


def test_texts_give_way_before_columns_do():
    wishes = [wish(Column("name", "name"), ["x" * 60]), wish(Column("gain", "gain", "downloads"), ["1,000"])]

    assert wishes == [Wish(12, 44, text=True), Wish(11, 16, text=False)]
    assert widths(wishes, 80) == [44, 16]
    assert widths(wishes, 40) == [27, 11]
    assert widths(wishes, 25) == [12, 11]
    assert widths(wishes, 24) == [24]


def test_wide_characters_take_two_places():
    assert wish(Column("name", "name"), ["花瓶花瓶花瓶"]) == Wish(12, 12, text=True)
