from tests.support.fixtures import crawled, finished, sandbox, serving, shell

__all__ = ["crawled", "finished", "sandbox", "serving", "shell"]
