"""``scrapy runspider`` is ``scrapy crawl`` with a spider from a file."""

from __future__ import annotations

import pytest

from tests.support.shell import FAST, ROOT

THINGS = str(ROOT / "tvspiders" / "spiders" / "things.py")
OWN = """
from tvspiders.spiders.things import ThingsSpider

class MineSpider(ThingsSpider):
    name = "mine"
"""


@pytest.fixture
def mine(shell):
    """A file with a spider of a user's own."""
    path = shell.folder / "mine.py"
    path.write_text(OWN)
    return str(path)


def test_a_whole_crawl_of_a_file_ends_with_0_and_says_so_last(shell, mine):
    ended = shell("runspider", mine, "-a", "query=planters", "-a", "pages=1", *FAST)

    assert ended.last.startswith("tvspiders: complete: ")
    assert ended.code == 0
    assert shell.rows("SELECT spider FROM crawls") == [("mine",)]


def test_requests_given_up_make_it_partial_with_3(shell, mine):
    shell.sandbox.front.faults.set("500", 1.0)
    try:
        ended = shell("runspider", mine, "-a", "query=planters", "-s", "TV_MAX_ATTEMPTS=1", *FAST)
    finally:
        shell.sandbox.front.faults.set("500", 0.0)

    assert ended.last.startswith("tvspiders: partial: ")
    assert ended.code == 3


def test_a_spider_of_ours_can_be_run_from_its_file(shell):
    ended = shell("runspider", THINGS, "-a", "query=planters", "-a", "max_requests=1", *FAST)

    assert ended.last.startswith("tvspiders: paused: ")
    assert ended.code == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nowhere.py", ["nowhere.py is not a Python file"]),
        ("", ["name one spider"]),
        ("scrapy.cfg", ["scrapy.cfg is not a Python file"]),
        ("empty.py", ["empty.py holds no spider"]),
        ("wrong.py", ["wrong.py cannot be loaded (ZeroDivisionError: division by zero)"]),
        ("mine.py -a qery=planters", ["spider mine: ", "unknown argument 'qery'"]),
        ("mine.py -a query=planters -s TV_QOUTA=1", ["there is no setting TV_QOUTA"]),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line(shell, mine, line, said):
    (shell.folder / "empty.py").write_text("")
    (shell.folder / "wrong.py").write_text("1 / 0")

    ended = shell("runspider", *line.split())

    assert ended.err.count("\n") == 1, ended.err
    assert all(part in ended.err for part in said)
    assert ended.code == 2
    assert shell.sandbox.counters["requests"] == 0


def test_an_api_that_cannot_be_reached_is_told(shell, mine):
    ended = shell("runspider", mine, "-a", "query=planters", THINGIVERSE_API_URL="http://127.0.0.1:9")

    assert "the API at 127.0.0.1:9 cannot be reached" in ended.last
    assert ended.code == 1
