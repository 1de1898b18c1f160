import os

import pytest


@pytest.fixture(autouse=True)
def private_files():
    """Files of tokens and proxies are refused where others can read them."""
    before = os.umask(0o077)
    yield
    os.umask(before)
