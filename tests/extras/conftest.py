"""Commands and crawlers for the extras' tests, as those of the core have them."""

from tests.commands.conftest import crawled, finished, sandbox, serving, shell
from tests.middlewares.conftest import crawler

__all__ = ["crawled", "crawler", "finished", "sandbox", "serving", "shell"]
