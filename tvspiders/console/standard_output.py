"""What a command has printed is written, or its exit code says that it is not."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tvspiders.printing import say_wrong

REFUSALS = frozenset({errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Answers to a write: the reader has gone, there is no room, the device is broken."""


@contextmanager
def plain_output() -> Iterator[None]:
    """Write what is still buffered when a command ends.

    Python does it at the very end otherwise, where a full disk becomes a traceback and exit code 120. One
    line and exit code 1 for standard output that takes no more; silence for a reader that has enough.
    """
    refused: BaseException | None
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno not in REFUSALS:
            raise  # not of standard output; commands tell of their files themselves
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
    """What is left in the buffer goes nowhere, or Python would try once more at exit, and complain."""
    with suppress(OSError, ValueError, AttributeError):  # closed, or not a file at all
        output = sys.stdout.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, output)
        os.close(nowhere)


def _flush() -> OSError | None:
    """Why standard output does not take the rest; ``None`` where it does, or where there is none."""
    try:
        with suppress(ValueError, AttributeError):  # closed, or none at all
            sys.stdout.flush()
    except OSError as error:
        drop_output()
        return error
    return None
