"""The examples in docstrings are true, in every module that has some."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import tvspiders

ROOT = Path(tvspiders.__file__).parent
MODULES = [
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted(ROOT.rglob("*.py"))
    if ">>> " in path.read_text("utf-8")
]


@pytest.fixture
def serving() -> None:
    """Some of them start a sandbox, so that none is called fast."""


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(serving: None, name: str) -> None:
    found = doctest.testmod(import_module(name))

    assert found.attempted
    assert found.failed == 0
