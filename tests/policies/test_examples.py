import doctest
import importlib
import pkgutil

import pytest

from tvspiders import policies

MODULES = [module.name for module in pkgutil.iter_modules(policies.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_run(name):
    module = importlib.import_module(f"tvspiders.policies.{name}")

    found = doctest.testmod(module)

    assert found.failed == 0
