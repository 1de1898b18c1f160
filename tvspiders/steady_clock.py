"""A clock that is never set, and goes on while the computer sleeps."""

from __future__ import annotations

import sys
import time
from pathlib import Path

_BOOT = time.CLOCK_MONOTONIC if sys.platform == "darwin" else getattr(time, "CLOCK_BOOTTIME", None)


def steady() -> float:
    """Seconds since some moment; Linux and macOS count sleep as well, other systems may not.

    A laptop that was closed for an hour must not take the slots in hand for
    fresh ones, nor date its requests an hour too early.
    """
    return time.monotonic() if _BOOT is None else time.clock_gettime(_BOOT)


def boot() -> str:
    """Name of the run of the operating system whose seconds :func:`steady` counts; empty where it has none.

    Processes that read the same name may compare what they read from the clock.
    """
    try:
        name = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        # a container may have a clock of its own
        space = Path("/proc/self/ns/time")
        return f"{name}/{space.stat().st_ino}" if space.exists() else name
    except (OSError, ValueError):
        return ""
