"""The README promises what there is."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.support.command_names import OFFERED
from tests.support.reading import ROOT, blocks, document, names, rows, section
from tvspiders.close_reasons import EXIT_CODES
from tvspiders.spiders.arguments import MODELS

README = document("README.md")
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md")),
]


def fences():
    """Language and lines of each fenced block, in order."""
    found = re.findall(r"(?ms)^```(\w*)\n(.*?)^```$", README)
    return [(language, body.splitlines()) for language, body in found]


def test_the_first_two_blocks_are_one_command_each():
    (demo_language, demo), (tests_language, tests) = fences()[:2]

    assert (demo_language, tests_language) == ("sh", "sh")
    assert (len(demo), len(tests)) == (1, 1)
    assert demo[0].endswith("scrapy demo")
    assert "-r requirements.txt" in demo[0]
    assert "-r requirements-dev.txt" in tests[0]
    assert tests[0].endswith("pytest")


def test_ci_runs_the_second_block():
    script = document(".ci/run")

    assert "block == 2' README.md" in script
    assert 'bash -euo pipefail -c "$command"' in script
    assert "```sh" in script


@pytest.mark.parametrize("name", DOCUMENTS)
def test_linked_files_exist(name):
    folder = (ROOT / name).parent
    links = re.findall(r"\]\((?!https?://)([^)#]+)", document(name))

    assert [link for link in links if not (folder / link).exists()] == []


def test_every_document_is_linked_from_the_readme():
    linked = set(re.findall(r"\((docs/[\w-]+\.md)\)", README))

    assert {f"docs/{path.name}" for path in ROOT.glob("docs/*.md")} - {"docs/index.md"} == linked


def test_every_command_has_a_feature_and_every_feature_a_command():
    said = [name.split() for row in rows(section(README, "Features")) for name in names(row[1])]

    assert all(words[0] == "scrapy" for words in said)
    assert {words[1] for words in said} == OFFERED
    assert {words[2] for words in said if words[1] == "crawl"} == set(MODELS)


def test_exit_codes_are_those_of_the_verdicts():
    table = {row[1]: int(row[0]) for row in rows(section(README, "Crawl Thingiverse itself"))}

    assert table.pop("") == 2
    assert table == EXIT_CODES


def test_the_settings_page_has_the_same_exit_codes():
    said = section(document("docs/settings.md"), "Exit codes")

    for verdict, code in EXIT_CODES.items():
        assert re.search(rf"{code} [^;.]*{verdict}", said), verdict


def test_commands_in_shell_blocks_exist():
    for name in DOCUMENTS:
        for block in blocks(document(name), "sh"):
            for command in re.findall(r"\bscrapy ([a-z]+(?:-[a-z]+)*)", block):
                assert command in OFFERED, (name, command)


def test_contributing_names_files_that_exist():
    said = [name for row in names(document("CONTRIBUTING.md")) for name in row.split()]
    paths = [
        path for path in said if path.startswith(("tests/", "tvspiders/", "docs/", "benchmarks/", ".ci/"))
    ]

    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_contributing_says_how_tests_run():
    options = tomllib.loads(document("pyproject.toml"))["tool"]["pytest"]["ini_options"]["addopts"]

    assert ("parallel by default" in document("CONTRIBUTING.md")) is bool(re.search(r"(^| )-n", options))


def test_the_changelog_names_every_command():
    assert OFFERED - {"crawl"} <= set(names(document("CHANGELOG.md")))
