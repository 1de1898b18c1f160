import doctest
import importlib
import pkgutil

import pytest

from tvspiders import policies

MODULES = [module.name for module in pkgutil.walk_packages(policies.__path__, "tvspiders.policies.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_run(name):
    module = importlib.import_module(name)

    found = doctest.testmod(module)

    assert found.failed == 0
