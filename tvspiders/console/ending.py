"""How a command ends: at Ctrl-C, and when standard output takes no more, with one line and an exit code."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tvspiders.printing import say_wrong

INTERRUPTED = 4
"""Exit code after an interrupt, the same as a crawl's."""
REFUSALS = frozenset({errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Results of a write: the reader has closed, there is no space, the device is broken."""


@contextmanager
def plain_interrupt(line: str = "interrupted") -> Iterator[None]:
    """End the process with one line and exit code 4 at Ctrl-C, once everything inside has cleaned up.

    Any other end is that of :func:`plain_output`. What is left in the buffer of standard output is dropped:
    a reader that does not read, such as a pager, would delay the end, and a closed one would make Python
    complain. The pool of SQLAlchemy is silenced, too: it would log, with a traceback, the cursor of a
    connection that the interrupt has ended.
    """
    pool = logging.getLogger("sqlalchemy.pool")
    level = pool.level
    pool.setLevel(logging.CRITICAL)
    try:
        with plain_output():
            yield
    except KeyboardInterrupt:
        drop_output()
        say_wrong(line)
        sys.exit(INTERRUPTED)
    finally:
        pool.setLevel(level)


@contextmanager
def plain_output() -> Iterator[None]:
    """Write what is still buffered when a command ends.

    Otherwise Python does it at its very end, where a full disk becomes a traceback and exit code 120. One
    line and exit code 1 when standard output cannot be written; no message when its reader has closed it.
    """
    refused: BaseException | None
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno not in REFUSALS:
            raise  # not of standard output; commands report errors of their files themselves
        refused = error
        drop_output()
    except SystemExit as ended:
        refused = ended.__context__
        if not isinstance(refused, BrokenPipeError):  # rich ends the process with 1 for this one
            _flush()
            raise
    else:
        refused = _flush()
    if isinstance(refused, OSError) and not isinstance(refused, BrokenPipeError):
        say_wrong(f"standard output: {refused.strerror}")
        sys.exit(1)


def drop_output() -> None:
    """Drop what is left in the buffer: Python would try to write it again at its end, and complain."""
    with suppress(OSError, ValueError, AttributeError):  # closed, or not a file at all
        output = sys.stdout.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, output)
        os.close(nowhere)


def _flush() -> OSError | None:
    """Write the rest; returns the error of standard output, ``None`` where there is none."""
    try:
        with suppress(ValueError, AttributeError):  # closed, or none at all
            sys.stdout.flush()
    except OSError as error:
        drop_output()
        return error
    return None
