"""The page for people who know Scrapy says what was tried."""

from __future__ import annotations

from tests.conformance import table
from tests.support.shell import ROOT


def test_the_page_holds_the_table():
    page = (ROOT / "docs" / "scrapy.md").read_text("utf-8")

    assert page.partition("<!-- table -->\n")[2].partition("<!-- end -->")[0] == "\n" + table.table() + "\n"


def test_each_case_has_a_name_of_its_own():
    names = [
        case.name
        for cases in (
            table.WORKING,
            table.REFUSED,
            table.FAILING,
            table.BROKEN,
            table.SCRIPTS,
            table.PROGRAMS,
        )
        for case in cases
    ]

    assert len(names) == len(set(names))
