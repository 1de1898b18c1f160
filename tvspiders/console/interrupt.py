"""How a command that is no crawl ends: at Ctrl-C with one line, and an exit code that says so."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tvspiders.console.standard_output import drop_output, plain_output
from tvspiders.printing import say_wrong

INTERRUPTED = 4
"""Exit code of whatever was interrupted, as of a crawl."""


@contextmanager
def plain_interrupt(said: str = "interrupted") -> Iterator[None]:
    """End the process with one line and exit code 4 at Ctrl-C, once everything inside has cleaned up.

    Any other end is that of `plain_output`.
    What is left in the buffer of standard output goes nowhere: a reader that stands still, as a pager
    does, would hold up the end, and one that is gone would make Python complain. The pool of SQLAlchemy is
    not heard either: it reports, with a traceback, the cursor of a connection that the interrupt has ended.
    """
    pool = logging.getLogger("sqlalchemy.pool")
    level = pool.level
    pool.setLevel(logging.CRITICAL)
    try:
        with plain_output():
            yield
    except KeyboardInterrupt:
        drop_output()
        say_wrong(f"{said}")
        sys.exit(INTERRUPTED)
    finally:
        pool.setLevel(level)
