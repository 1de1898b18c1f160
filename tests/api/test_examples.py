"""The examples in docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

from tvspiders import api

MODULES = [module.name for module in pkgutil.iter_modules(api.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_every_example_in_a_docstring_runs(name):
    assert doctest.testmod(importlib.import_module(f"tvspiders.api.{name}")).failed == 0
