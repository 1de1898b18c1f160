"""No package with a known hole is installed, or allowed by our floors: asked of a dated list, offline."""

from __future__ import annotations

import datetime
import tomllib
from importlib.metadata import PackageNotFoundError, version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.support.reading import ROOT, document

LIST = tomllib.loads((ROOT / ".ci" / "advisories.toml").read_text())
ADVISORIES = LIST["advisory"]
FOREIGN_BYTES = {
    "scrapy",
    "twisted",
    "lxml",
    "cryptography",
    "pyopenssl",
    "service-identity",
    "aiohttp",
    "jinja2",
}
"""What reads what strangers send, and what keeps them out."""


def floors():
    """The lowest version that each line of ``requirements.txt`` allows."""
    found = {}
    for line in document("requirements.txt").splitlines():
        wanted = Requirement(line)
        found[wanted.name.lower()] = min(
            (Version(part.version) for part in wanted.specifier if part.operator == ">="),
            default=Version("0"),
        )
    return found


def affected(advisory, installed):
    """Whether a version has the hole.

    >>> affected({"fixed": "2.11.2"}, "2.11.1"), affected({"fixed": "2.11.2"}, "2.11.2")
    (True, False)
    """
    return Version(installed) < Version(advisory["fixed"])


@pytest.mark.parametrize("advisory", ADVISORIES, ids=lambda advisory: advisory["id"])
def test_no_installed_package_has_a_known_hole(advisory):
    try:
        installed = version(advisory["package"])
    except PackageNotFoundError:
        pytest.skip(f"{advisory['package']} is not installed here")

    assert not affected(advisory, installed), f"as of {LIST['date']}"


@pytest.mark.parametrize("advisory", ADVISORIES, ids=lambda advisory: advisory["id"])
def test_no_floor_allows_a_known_hole(advisory):
    lowest = floors().get(advisory["package"])

    assert lowest is None or not affected(advisory, str(lowest))


def test_what_reads_foreign_bytes_has_a_floor_that_is_installed():
    lowest = floors()

    assert {name for name in FOREIGN_BYTES if lowest.get(name, Version("0")) == Version("0")} == set()
    assert [name for name, floor in lowest.items() if Version(version(name)) < floor] == []


def test_the_list_has_a_date_and_knows_an_old_version():
    assert LIST["date"] >= datetime.date(2026, 11, 30)
    assert affected({"fixed": "24.7.0"}, "24.3.0")
    assert not affected({"fixed": "24.7.0"}, "26.10.0")
