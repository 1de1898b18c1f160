"""The locks: each requirement with a version in its range, hashes, and no place where it came from."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.reading import document

PAIRS = [("requirements.txt", "requirements.lock"), ("requirements-dev.txt", "requirements-dev.lock")]


def locked(name: str) -> dict[str, str]:
    """Version of each package."""
    lines = re.findall(r"(?m)^([\w.-]+)(?:\[[\w,]+\])?==([\w.+!]+)", document(name))
    return {canonicalize_name(package): version for package, version in lines}


def wanted(name: str) -> list[Requirement]:
    lines = [line.partition("#")[0].strip() for line in document(name).splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-r")]


@pytest.mark.parametrize(("ranges", "lock"), PAIRS)
def test_each_requirement_is_locked_to_a_version_of_its_range(ranges, lock):
    versions = locked(lock)
    outside = [
        str(one)
        for one in wanted(ranges)
        if not one.specifier.contains(versions.get(canonicalize_name(one.name), "0"))
    ]

    assert outside == [], "run `just lock`"


@pytest.mark.parametrize(("ranges", "lock"), PAIRS)
def test_each_locked_package_has_hashes_and_no_address(ranges, lock):
    entries = re.split(r"(?m)^(?=[\w.-]+(?:\[[\w,]+\])?==)", document(lock))[1:]

    assert len(entries) >= len(wanted(ranges))
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"file:|https?:|--(?:extra-)?index-url|--find-links", document(lock))


def test_the_program_is_locked_to_what_its_tests_are_locked_to():
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()
