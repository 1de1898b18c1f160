"""Where documents go: whole files, links, pipes, full disks."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.extras.analytics.running import here, scrapy
from tvspiders.errors import UsageProblem
from tvspiders.extras.analytics.render.output import document


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "report.md"
    path.write_text("old")

    def half() -> None:
        with document(str(path)) as file:
            file.write(b"new")
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        half()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    target, link = tmp_path / "real.md", tmp_path / "link.md"
    target.write_text("old")
    link.symlink_to(target)

    with document(str(link)) as file:
        file.write(b"new")

    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_pipe_is_written_to_and_stays(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()

    with document(str(path)) as file:
        file.write(b"new")

    reader.join(60)
    assert read == [b"new"]
    assert path.is_fifo()


def test_a_folder_that_is_missing_is_told_by_the_option_that_named_it(tmp_path):
    with pytest.raises(UsageProblem, match=r"--nodes .*missing/nodes.csv: No such file or directory"):
        document(str(tmp_path / "missing" / "nodes.csv"), "--nodes").__enter__()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [("report", "--format", "csv"), ("graph", "--format", "csv")])
def test_a_full_disk_is_told_in_one_line(filled, arguments):
    found = scrapy(filled, *arguments, shell=">/dev/full")

    assert (found.returncode, found.stderr) == (
        2,
        "tvspiders: standard output: No space left on device\n",
    )


def test_a_closed_standard_output_is_told_in_one_line(filled):
    found = scrapy(filled, "report", "structure", shell=">&-")

    assert (found.returncode, found.stderr) == (
        2,
        "tvspiders: standard output is closed; name a file with -o\n",
    )


def test_edges_and_nodes_do_not_go_to_one_place(filled, tmp_path, capsys):
    path = str(tmp_path / "graph.csv")

    assert here(filled, "graph", "--format", "csv", "-o", path, "--nodes", path) == 2
    assert here(filled, "graph", "--format", "csv", "--nodes", "-") == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("--nodes and -o name the same place") == 2
    assert not list(tmp_path.glob("graph*"))


def test_no_edges_are_written_where_the_nodes_cannot_be(filled, tmp_path, capsys):
    edges, nodes = tmp_path / "edges.csv", tmp_path / "missing" / "nodes.csv"

    assert here(filled, "graph", "--format", "csv", "-o", str(edges), "--nodes", str(nodes)) == 2

    assert f"--nodes {nodes}: No such file" in capsys.readouterr().err
    assert not edges.exists()
