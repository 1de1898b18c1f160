from tests.support.fixtures import crawler

__all__ = ["crawler"]
