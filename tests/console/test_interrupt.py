import logging
import sys

import pytest

from tvspiders.console.ending import plain_interrupt


def test_an_interrupt_is_told_in_one_line_after_everything_was_cleaned_up(capfd):
    done = []

    @plain_interrupt("interrupted; nothing was copied")
    def work():
        try:
            raise KeyboardInterrupt
        finally:
            done.append("cleaned up")

    with pytest.raises(SystemExit) as ended:
        work()

    assert ended.value.code == 4
    assert done == ["cleaned up"]
    assert capfd.readouterr().err == "tvspiders: interrupted; nothing was copied\n"


def test_without_standard_output_nothing_else_goes_wrong(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", None)

    with pytest.raises(SystemExit, match="4"), plain_interrupt():
        raise KeyboardInterrupt


def test_other_ends_pass():
    with pytest.raises(ValueError, match="wrong"), plain_interrupt():
        raise ValueError("wrong")


def test_what_the_pool_says_of_a_query_that_was_cut_short_is_not_heard(caplog, capfd):
    pool = logging.getLogger("sqlalchemy.pool.impl.QueuePool")

    @plain_interrupt()
    def work():
        try:
            raise KeyboardInterrupt
        finally:
            pool.error("Error closing cursor", exc_info=True)

    with pytest.raises(SystemExit, match="4"):
        work()

    assert caplog.records == []
    pool.error("heard again")
    assert caplog.messages == ["heard again"]
