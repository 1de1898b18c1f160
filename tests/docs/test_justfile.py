"""One command for each habit: what people, CI and the documents call is there."""

from __future__ import annotations

import re

import pytest

from tests.support.reading import ROOT, document, names

JUSTFILE = document("justfile")
RECIPES = set(re.findall(r"(?m)^([a-z]+)\b[^:\n]*:(?!=)", JUSTFILE))
HABITS = {
    "test",
    "fast",
    "lint",
    "types",
    "docs",
    "demo",
    "bench",
    "hooks",
    "lock",
    "coverage",
    "mutants",
    "release",
}


def called(text: str) -> set[str]:
    """Recipes that a script or a workflow calls, several in one call as well."""
    calls = re.findall(r"(?m)(?:^|[\s/`])just ((?:[a-z]+ ?)+)", text)
    return {word for call in calls for word in call.split()}


def test_there_is_a_recipe_for_each_habit():
    assert HABITS <= RECIPES


def test_contributing_names_each_habit_and_no_other():
    said = {name.split()[1] for name in names(document("CONTRIBUTING.md")) if name.startswith("just ")}

    assert HABITS <= said <= RECIPES


@pytest.mark.parametrize(
    "name", [".ci/run", *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(".github/workflows/*"))]
)
def test_what_ci_calls_is_there(name):
    assert called(document(name)) <= RECIPES
    assert called(document(name)), "calls no recipe"


def test_ci_checks_what_people_check():
    assert {"lint", "types", "docs"} <= called(document(".ci/run"))


def test_a_recipe_that_needs_the_environment_makes_it():
    using = re.findall(r"(?m)^([a-z]+)([^:\n]*):(?!=)(.*)\n((?:    .*\n)+)", JUSTFILE)

    assert [
        name
        for name, _, needs, body in using
        if re.search(r"\{\{ python|\.venv/bin/scrapy", body) and "environment" not in needs + name
    ] == []


def test_hooks_of_git_use_programs_of_the_environment_and_tests_that_are_there():
    entries = re.findall(r"(?m)^ *entry: (.+)$", document(".pre-commit-config.yaml"))

    assert {entry.split()[0] for entry in entries} == {
        f".venv/bin/{name}" for name in ("ruff", "mypy", "python")
    }
    paths = [word for entry in entries for word in entry.split() if word.startswith("tests/")]
    assert "tests/test_layers.py" in paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
