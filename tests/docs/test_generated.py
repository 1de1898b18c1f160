"""Pages and tables that are made from the code are as the code says today."""

from __future__ import annotations

import pytest

from tests.docs.generated import VERDICTS, files, with_table
from tests.support.reading import ROOT
from tvspiders.close_reasons import EXIT_CODES

FILES = list(files())


@pytest.mark.parametrize(("path", "text"), FILES, ids=[path.name for path, _ in FILES])
def test_a_page_is_what_the_code_says_today(path, text):
    said = path.read_text("utf-8")

    assert said == text, "python -m tests.docs.generated writes it"


def test_every_page_of_the_reference_is_made():
    written = {path for path in (ROOT / "docs/reference").glob("*.md") if path.name != "index.md"}

    assert written <= {path for path, _ in FILES}


def test_each_verdict_has_words():
    assert VERDICTS.keys() == EXIT_CODES.keys()


def test_a_page_without_the_place_for_its_table_is_refused():
    with pytest.raises(AssertionError, match="no comment 'a'"):
        with_table("text", "a", "b", "")
