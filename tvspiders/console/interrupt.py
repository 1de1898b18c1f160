"""Ctrl-C in a command that is no crawl: one line, and an exit code that says so."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

INTERRUPTED = 4
"""Exit code of whatever was interrupted, as of a crawl."""


@contextmanager
def plain_interrupt(said: str = "interrupted") -> Iterator[None]:
    """End the process with one line and exit code 4 at Ctrl-C, once everything inside has cleaned up.

    What is left in the buffer of standard output goes nowhere: a reader that stands still, as a pager
    does, would hold up the end, and one that is gone would make Python complain. The pool of SQLAlchemy is
    not heard either: it reports, with a traceback, the cursor of a connection that the interrupt has ended.
    """
    pool = logging.getLogger("sqlalchemy.pool")
    level = pool.level
    pool.setLevel(logging.CRITICAL)
    try:
        yield
    except KeyboardInterrupt:
        with suppress(OSError, ValueError, AttributeError):  # closed, or not a file at all
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"tvspiders: {said}", file=sys.stderr)
        sys.exit(INTERRUPTED)
    finally:
        pool.setLevel(level)
