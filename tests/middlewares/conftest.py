import pytest

from tests.support.crawler import FakeCrawler

TOKENS = "first-token-1111 second-token-2222"


@pytest.fixture
def crawler(monkeypatch):
    """Makes a crawler from settings; two tokens are in the environment."""
    monkeypatch.setenv("THINGIVERSE_TOKEN", TOKENS)
    return FakeCrawler
