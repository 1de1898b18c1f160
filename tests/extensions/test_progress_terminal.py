"""The live picture fits the terminal and leaves it as it was."""

from __future__ import annotations

import io
import logging
import sys

import pytest
from rich.cells import cell_len
from rich.console import Console

from tvspiders.extensions.progress.terminal import TerminalDisplay, render
from tvspiders.extensions.progress.text import Snapshot, TokenUse


def token(number, **figures):
    given = {"used": 180, "limit": 300, "period": 300.0, "wait": 0.0, "reset": 120.0, "retired": False}
    return TokenUse(label=f"token-{number}", **(given | figures))


def picture(**figures):
    given = {
        "done": 1234,
        "known": 56789,
        "stored": {"thing": 1100, "edge": 320, "creator": 700, "category": 12},
        "refused": 0,
        "seconds": 60.0,
        "answered": 50,
        "tokens": [token(1)],
    }
    return Snapshot(**(given | figures))


def lines(width=100, **figures):
    console = Console(file=io.StringIO(), width=width, record=True, legacy_windows=False)
    console.print(render("things", picture(**figures), width))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_one_line_for_requests_one_for_rows_one_for_each_token():
    first, second, *others = lines(
        done=41234, tokens=[token(1), token(2, used=300, wait=60, reset=60), token(3, retired=True)]
    )

    assert first.startswith("things ")
    assert "━" in first
    assert "41,234/56,789 requests" in first
    assert first.endswith("to finish")
    assert second == "  new: 12 categories, 700 creators, 320 edges, 1,100 things"
    assert others == [
        "  token-1: 180 of 300/5m used, next reset in 2 min",
        "  token-2: 300 of 300/5m used, next reset in 1 min",
        "  token-3: refused by the API",
    ]


@pytest.mark.parametrize("width", [60, 70, 80, 120, 200])
def test_no_line_wraps_however_narrow_the_terminal(width):
    found = lines(width, tokens=[token(1), token(2)], refused=3)

    assert len(found) == 5
    assert max(map(cell_len, found)) <= width
    assert "1,234/56,789 requests" in found[0]
    assert found[0].endswith("to finish")


def test_the_bar_gives_way_to_the_words():
    assert "━" in lines(80, done=41234)[0]
    assert "━" not in lines(58, done=41234)[0]


def test_refusals_are_shown_when_there_are_any():
    assert lines(refused=12)[-1] == "  12 refused for quota (429)"
    assert not [line for line in lines() if "refused" in line]


def test_a_crawl_that_has_just_begun_has_nothing_yet():
    assert lines(done=0, known=0, stored={}, tokens=[])[1:] == ["  new: nothing yet"]
    assert "0/0 requests about ? to finish" in " ".join(lines(done=0, known=0, stored={})[0].split())


def test_many_tokens_do_not_fill_the_screen():
    found = lines(tokens=[token(number) for number in range(1, 41)])

    assert len(found) == 11
    assert found[-1] == "  and 32 more tokens"


@pytest.fixture
def display():
    console = Console(file=io.StringIO(), force_terminal=True, width=80, _environ={})
    return TerminalDisplay("things", console)


def test_the_picture_is_drawn_and_taken_away_again(display):
    display.start()
    display.show(picture())
    drawn = display.console.file.getvalue()
    display.stop()

    assert "1,234/56,789 requests" in drawn
    assert "\x1b[?25l" in drawn
    assert (
        display.console.file.getvalue().endswith("\x1b[?25h")
        or "\x1b[?25h" in (display.console.file.getvalue()[len(drawn) :])
    )


def test_log_lines_go_above_the_picture_and_afterwards_where_they_went(display, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    try:
        display.start()
        logging.getLogger("test").warning("during")
        display.stop()
        logging.getLogger("test").warning("after")
    finally:
        logging.getLogger().removeHandler(handler)

    assert "during" in display.console.file.getvalue()
    assert stream.getvalue() == "after\n"
    assert handler.stream is stream


def test_a_log_file_is_left_alone(display, tmp_path):
    handler = logging.FileHandler(tmp_path / "crawl.log")
    logging.getLogger().addHandler(handler)
    try:
        display.start()
        logging.getLogger("test").warning("during")
        display.stop()
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()

    assert (tmp_path / "crawl.log").read_text() == "during\n"
