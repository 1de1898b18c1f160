"""A list is finished when it is proven, in real crawls."""

import pytest

from tests.faults.lists import SPIDERS, Case, mixtures, tried


@pytest.mark.parametrize("case", list(mixtures(10))[::2], ids=str)
def test_a_list_that_lies_loses_nothing_in_silence(case, tmp_path):
    result = tried(case, tmp_path / "crawl")

    assert result.flaws == []


@pytest.mark.parametrize("case", [Case("users"), Case("categories", hidden=True)], ids=str)
def test_an_honest_list_costs_what_it_must(case, tmp_path):
    result = tried(case, tmp_path / "crawl")

    assert result.flaws == []
    assert (result.code, result.lost) == (0, 0)


@pytest.mark.long
@pytest.mark.parametrize("case", [*map(Case, SPIDERS), *mixtures(115)], ids=str)
def test_a_hundred_and_twenty_lists(case, tmp_path):
    result = tried(case, tmp_path / "crawl")

    assert result.flaws == []
