"""The documents as a site: each page is in its menu, links lead somewhere, nothing comes from elsewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.browser import CHROMIUM
from tests.support.reading import ROOT, document

DOCS = ROOT / "docs"
PAGES = sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#]*)(?:#([^)]*))?\)")
FOREIGN = re.compile(r"""(?:\ssrc|stylesheet"?\s+href|preconnect"?\s+href)=["']?(https?://[^"' >]+)""")
"""What a page loads by itself, unlike what it links to."""


def prose(page: str) -> str:
    """A page without its blocks of code."""
    return re.sub(r"(?ms)^ *```.*?^ *```$", "", (DOCS / page).read_text("utf-8"))


def anchors(page: str) -> list[str]:
    """What a link can name after ``#``, as forges and the site make it of headings."""
    headings = re.findall(r"(?m)^#+ (.*)$", prose(page))
    return [re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings]


def test_the_menu_has_each_page_once():
    menu = document("mkdocs.yml").partition("\nnav:\n")[2]

    assert sorted(re.findall(r"[\w/-]+\.md", menu)) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_a_page_of_the_site_and_a_heading_in_it(page):
    for name, place in LINK.findall(prose(page)):
        target = (DOCS / page).parent.joinpath(name).resolve() if name else DOCS / page
        assert target.is_file(), name
        assert target.is_relative_to(DOCS), f"{name} is not part of the site: write its path as `code`"
        if place:
            assert place in anchors(str(target.relative_to(DOCS))), f"{name}#{place}"


@pytest.mark.parametrize("page", PAGES)
def test_lists_and_tables_are_read_alike_by_forges_and_by_the_site(page):
    lines = prose(page).splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        item = re.match(r"(?:[-*]|\d+\.) ", line)
        assert not item or not before.strip() or re.match(r" *(?:[-*]|\d+\.) | {2,}", before), (
            f"empty line: {line}"
        )
        assert not line.startswith("|") or not before.strip() or before.startswith("|"), f"empty line: {line}"
        assert not re.match(r" {2,3}(?:[-*]|\d+\.) ", line), f"four spaces: {line}"
        assert before.strip() or not re.match(r" {1,3}\S", line), f"four spaces: {line}"


@pytest.mark.skipif(
    importlib.util.find_spec("mkdocs") is None, reason="requirements-docs.txt is not installed"
)
def test_the_site_is_built_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(tmp_path / "site")],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert ended.returncode == 0, ended.stderr
    built = sorted((tmp_path / "site").rglob("*.html"))
    assert len(built) == len(PAGES) + 1  # and the page of what is not there
    assert [(path.name, found) for path in built for found in FOREIGN.findall(path.read_text("utf-8"))] == []
    if CHROMIUM is not None:
        found = searched(tmp_path / "site/spiders.html", "quarantined")
        assert re.search(r"<div class=md-search-result__meta>\s*\d+ matching documents", found)


def searched(page: Path, words: str) -> str:
    """The page as a browser without network has it, opened from its folder, after a search."""
    with tempfile.TemporaryDirectory() as profile:
        command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
        command += ["--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=20000", "--dump-dom"]
        shown = subprocess.run(
            [*command, f"{page.as_uri()}?q={words}"], capture_output=True, text=True, check=True, timeout=120
        )
    return shown.stdout.replace('"', "")
