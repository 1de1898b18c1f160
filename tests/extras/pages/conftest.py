from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def forked(warm: None) -> None:
    """Crawls are forked from a warm interpreter."""
