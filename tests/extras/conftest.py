from tests.support.fixtures import crawled, crawler, finished, sandbox, serving, shell

__all__ = ["crawled", "crawler", "finished", "sandbox", "serving", "shell"]
