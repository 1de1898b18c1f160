"""Sites without sockets, shared by the tests that only look."""

from __future__ import annotations

import pytest

from tests.sandbox.sites import Api, api_of
from tvspiders.sandbox.catalogue.catalogue import Catalogue


@pytest.fixture(scope="session")
def api() -> Api:
    """A catalogue of 20,000 things."""
    return api_of(things=20_000)


@pytest.fixture(scope="session")
def catalogue(api: Api) -> Catalogue:
    return api.catalogue
