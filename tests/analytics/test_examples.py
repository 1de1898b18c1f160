"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import tvspiders.extras.analytics

NAMES = [
    found.name
    for found in pkgutil.walk_packages(tvspiders.extras.analytics.__path__, "tvspiders.extras.analytics.")
    if not found.ispkg
]


@pytest.mark.parametrize("name", NAMES)
def test_examples_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
