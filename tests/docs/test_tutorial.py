"""The tutorial gives what it shows: every block is run in one shell, in order, against a sandbox."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.reading import ROOT, blocks, document, section

PAGE = document("docs/tutorial.md")
FENCE = re.compile(r"(?ms)^```(\w+)\n(.*?)^```$")
INSTALL, *STEPS = blocks(PAGE, "sh")


def shown() -> list[list[str]]:
    """The lines that the page shows after each block of commands; none where it shows nothing."""
    found: list[list[str]] = []
    for language, body in FENCE.findall(PAGE):
        if language == "sh":
            found.append([])
        else:
            found[-1] = body.splitlines()
    return found[1:]


def words(line: str) -> str:
    """A line without the frames and the spaces of a table: they follow the width of the terminal."""
    return " ".join(re.sub("[│┃]", " ", line).split())


def missing(expected: list[str], printed: str) -> list[str]:
    """The shown lines that do not follow each other in what was printed.

    >>> missing(["b 1", "…", "c …"], "a\\n| b  1\\nc and more")
    ['b 1', 'c …']
    >>> missing(["b 1", "…", "c …"], "a\\nb  1\\nc and more")
    []
    """
    rest = iter([words(line) for line in printed.splitlines()])
    return [line for line in expected if line != "…" and not any(alike(words(line), each) for each in rest)]


def alike(expected: str, printed: str) -> bool:
    """Whether a line is as shown, up to the sign that it goes on."""
    shown, more, _ = expected.partition(" …")
    return printed.startswith(shown) if more else printed == shown


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(folder: Path) -> list[str]:
    """What each block prints."""
    port = str(free_port())
    script = "\n".join(f"{step}printf '\\0'" for step in STEPS).replace("8080", port)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("THINGIVERSE", "TV_", "SCRAPY"))
    }
    environment = kept | {
        "COLUMNS": "100",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    (folder / "scrapy.cfg").write_text(document("scrapy.cfg"))
    # a block that fails ends the script, and the sandbox with it
    ended = subprocess.run(
        ["bash", "-euc", f"trap 'kill $(cat sandbox.pid) 2>/dev/null || true' EXIT\n{script}"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout.replace(port, "8080").split("\0")[:-1]


@pytest.mark.long
def test_every_block_prints_what_the_page_shows(tmp_path):
    printed = run(tmp_path)

    assert len(printed) == len(STEPS) == len(shown())
    for step, expected, said in zip(STEPS, shown(), printed, strict=True):
        assert missing(expected, said) == [], f"{step}\n{said}"
    assert [path.name for path in tmp_path.iterdir()] == ["scrapy.cfg"]


def test_the_install_is_that_of_the_readme():
    command = INSTALL.splitlines()[0]

    assert f"{command} && .venv/bin/scrapy demo\n" in document("README.md")


def test_the_answer_has_the_figures_of_the_output():
    answer = section(PAGE, "6. The second half").partition("**The answer:**")[2]
    figures = {number for lines in shown() for line in lines for number in re.findall(r"\b\d+\b", line)}

    assert set(re.findall(r"\b\d+\b", answer)) <= figures
