"""What is tracked runs on any computer."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.support.reading import ROOT

WORK = r"/(?:work|root|home/\w+|Users/\w+)/"
"""Where somebody's own files lie."""
REGISTRY = (
    r"(?i)https?://[^\s/]*(?:artifactory|nexus|devpi|pypi|mirror)[\w.-]*[/:]"
    r"|--(?:extra-)?index-url|index-url *="
)
ALLOWED = (b"https://pypi.org/",)


def tracked():
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def found(pattern):
    itself = ROOT / "tests" / "docs" / "test_tracked_files.py"
    places = []
    for path in tracked():
        if path == itself:
            continue
        for match in re.finditer(pattern.encode(), path.read_bytes()):
            if not match[0].startswith(ALLOWED):
                places.append(f"{path.relative_to(ROOT)}: {match[0].decode(errors='replace')}")
    return places


def test_no_file_names_a_place_on_one_computer():
    assert found(WORK) == []


def test_no_file_names_a_package_registry():
    assert found(REGISTRY) == []


PRIVATE = (
    *(
        "tokens",
        "thingiverse.token",
        ".thingiverse-tokens",
        "proxies.txt",
        "webhooks.secret",
        ".env",
        "environment",
    ),
    *(
        "thingiverse.db",
        "thingiverse.db-wal",
        "things.jsonl",
        "things.csv",
        "things.xml",
        "things.json",
        "crawl.log",
    ),
    *(
        "pages/763622/2026-11-21T100000Z.html",
        "report.html",
        "largest.gexf",
        "family.graphml",
        "edges.parquet",
    ),
)
"""Names that the documents use for what must not be published."""


@pytest.mark.parametrize("name", PRIVATE)
def test_what_a_crawl_needs_and_writes_is_not_added_by_chance(name):
    tracked()

    asked = subprocess.run(["git", "check-ignore", "--no-index", "-q", name], cwd=ROOT, check=False)

    assert asked.returncode == 0


def test_nothing_private_or_made_is_tracked():
    names = [str(path.relative_to(ROOT)) for path in tracked()]

    assert [
        name for name in names if re.search(r"(^|/)(\.env|\.venv|dist|build)(/|$)|\.(db|pyc|log)$", name)
    ] == []
