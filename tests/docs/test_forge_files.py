"""What a forge reads: citation, templates, workflows, commits that blame passes over."""

from __future__ import annotations

import re
import subprocess
from fnmatch import fnmatch

import pytest

from tests.support.reading import ROOT, document
from tvspiders import __version__

WORKFLOWS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(".github/workflows/*"))


def test_the_citation_has_the_version():
    assert re.findall(r"(?m)^version: (.+)$", document("CITATION.cff")) == [__version__]


def test_the_changelog_has_the_version_below_what_is_not_released():
    assert re.findall(r"(?m)^## (.+)$", document("CHANGELOG.md"))[:2] == ["Unreleased", __version__]


def test_the_source_distribution_holds_each_folder_and_kind_of_file_that_is_tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    if not listed:
        pytest.skip("no git checkout")
    rules = [line.split() for line in document("MANIFEST.in").splitlines() if line and line[0] != "#"]
    folders = tuple(f"{name}/" for kind, *names in rules if kind == "graft" for name in names)
    files = [pattern for kind, *names in rules if kind == "include" for pattern in names]
    of_setuptools = {"LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "setup.py"}

    assert [
        name
        for name in listed.splitlines()
        if not name.startswith(folders)
        and name not in of_setuptools
        and not any("/" not in name and fnmatch(name, pattern) for pattern in files)
    ] == []


def test_the_security_page_names_files_that_exist():
    named = re.findall(r"`([\w./-]+/[\w.-]+|[A-Z]+\.md)`", document("SECURITY.md"))

    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read_and_ends_in_time(name):
    text = document(name)
    jobs = re.findall(r"(?m)^  [a-z]+:\n(?:    .*\n)+", text.partition("\njobs:\n")[2])

    assert "\npermissions:\n  contents: read\n" in text
    assert set(re.findall(r"(?m)^ +([a-z-]+): write$", text)) <= {"id-token"}
    assert jobs
    assert all("timeout-minutes:" in job for job in jobs)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_named_with_a_version(name):
    used = re.findall(r"uses: (\S+)", document(name))

    assert used
    assert [action for action in used if not re.search(r"@v\d+(\.\d+)*$", action)] == []


def test_each_supported_python_is_tried():
    versions = re.findall(
        r'"(3\.\w+)"', re.findall(r"python: \[.*\]", document(".github/workflows/ci.yml"))[0]
    )
    floor = re.findall(r'requires-python = ">=(.+)"', document("pyproject.toml"))[0]

    assert versions[0] == floor
    assert versions[-1] == "3.x"


def test_commits_that_blame_passes_over_are_of_this_history():
    commits = re.findall(r"(?m)^[0-9a-f]+$", document(".git-blame-ignore-revs"))
    known = subprocess.run(
        ["git", "rev-list", "--no-walk", "--ignore-missing", *commits],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if known.returncode or not known.stdout:
        pytest.skip("no git checkout with its history")

    assert all(len(commit) == 40 for commit in commits)
    assert set(known.stdout.split()) == set(commits)
