"""A clock that is never set, and goes on while the computer sleeps."""

from __future__ import annotations

import time

_BOOT = getattr(time, "CLOCK_BOOTTIME", None)


def steady() -> float:
    """Seconds since some moment; Linux counts sleep as well, other systems may not.

    A laptop that was closed for an hour must not take the slots in hand for
    fresh ones, nor date its requests an hour too early.
    """
    return time.monotonic() if _BOOT is None else time.clock_gettime(_BOOT)
