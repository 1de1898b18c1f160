"""Documents are written in UTF-8 with plain line ends, whatever the locale says."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATIN1 = {"PYTHONIOENCODING": "latin-1"}
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
NAME = "Zoë 🖨️ 日本"


def document(shell, *argv, **environment):
    """What a command of its own process writes to standard output, as bytes."""
    ended = subprocess.run(
        [sys.executable, "-m", "scrapy", *argv],
        cwd=shell.folder,
        env=shell.environment | environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture
def named(crawled):
    """A database in which each thing has a name that neither ASCII nor Latin-1 can hold."""
    crawled.change("UPDATE things SET name = ?", NAME)
    crawled.change("UPDATE creators SET name = ?", NAME)
    return crawled


@pytest.mark.parametrize("environment", [LATIN1, ASCII], ids=["latin-1", "ascii"])
def test_an_export_to_a_pipe_is_the_same_as_to_a_file(named, environment):
    named("export", "-o", "whole.jsonl")

    written = document(named, "export", **environment)

    assert written == (named.folder / "whole.jsonl").read_bytes()
    assert NAME.encode() in written


@pytest.mark.parametrize(
    "line",
    [
        ("report", "--format", "json"),
        pytest.param(("report", "--format", "md"), marks=pytest.mark.long),
        ("report", "--format", "html"),
        ("graph", "--format", "graphml"),
        pytest.param(("graph", "--format", "csv"), marks=pytest.mark.long),
        pytest.param(("graph", "--format", "dot"), marks=pytest.mark.long),
    ],
    ids=lambda line: " ".join(line),
)
def test_reports_and_graphs_are_in_utf_8(named, line):
    written = document(named, *line, **LATIN1)

    assert written.decode("utf-8")


def test_a_feed_on_standard_output_is_in_utf_8(shell):
    written = document(
        shell, "crawl", "things", "-a", "query=box", "-a", "pages=1", "-a", "details=false",
        "-O", "-:jsonlines", "-s", "LOG_ENABLED=False", "-s", "TV_QUOTA=100000/1s", **ASCII,
    )  # fmt: skip

    assert written.decode("utf-8").endswith("}\n")
