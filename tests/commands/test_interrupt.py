"""Ctrl-C in the middle of a command that reads: one line, exit code 4, no half of a file."""

from __future__ import annotations

import argparse
import fcntl
import signal
from importlib import import_module

import pytest
from scrapy.settings import Settings

F_SETPIPE_SZ = 1031


def interrupted(*_):
    """Ctrl-C, wherever it is called."""
    raise KeyboardInterrupt


def interrupted_in_the_middle(*_):
    """Ctrl-C after the first row."""
    yield {"kind": "thing"}
    raise KeyboardInterrupt


def after_some_text(_, file):
    """Ctrl-C after some text was written."""
    file.write("source,target\n" * 10_000)
    raise KeyboardInterrupt


MIDDLE = {
    "audit": ("storage.queries.audit", "audit_crawl", interrupted),
    "export -o out": ("storage.queries.export", "export_rows", interrupted_in_the_middle),
    "graph --format csv -o out --nodes nodes": (
        "extras.analytics.export.write",
        "TEXT",
        {"csv": after_some_text},
    ),
    "report -o out --format html": ("extras.analytics.document", "build_from", interrupted),
    "pages -o out": ("extras.pages.stored_pages", "stored_pages", interrupted),
}
"""What is interrupted in which command."""


@pytest.mark.parametrize("line", MIDDLE)
def test_an_interrupt_is_one_line_and_leaves_no_file(crawled, line, monkeypatch, capfd):
    module, name, end = MIDDLE[line]
    monkeypatch.setattr(import_module(f"tvspiders.{module}"), name, end)
    monkeypatch.chdir(crawled.folder)
    name, *rest = line.split()
    command = import_module(f"tvspiders.commands.{name}").Command()
    command.settings = Settings({"DATABASE_URL": f"sqlite:///{crawled.database}"})
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    command.add_options(parser)
    options, arguments = parser.parse_known_args(rest)
    before = sorted(crawled.folder.iterdir())

    with pytest.raises(SystemExit) as ended:
        command.run(arguments, options)

    assert ended.value.code == 4
    assert capfd.readouterr().err == "tvspiders: interrupted\n"
    assert sorted(crawled.folder.iterdir()) == before


def test_an_interrupt_ends_an_export_whose_reader_stands_still(crawled):
    crawled.change(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
        "INSERT INTO download_snapshots (thing_id, download_count, recorded_at, crawl_id) "
        "SELECT 1000000 + i, i, '2026-01-01T00:00:00+00:00', 1 FROM n"
    )
    process = crawled.process("export", "snapshots")
    fcntl.fcntl(process.stdout, F_SETPIPE_SZ, 4096)
    with process.stdout, process.stderr:
        process.stdout.buffer.raw.read(1)  # it writes now, and cannot write all
        process.send_signal(signal.SIGINT)
        err = process.stderr.read()  # while nobody reads the rest of the rows
        code = process.wait(timeout=60)

    assert (code, err) == (4, "tvspiders: interrupted\n")
