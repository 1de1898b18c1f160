"""What may be asked of a machine that others use as well."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def promised(seconds: float) -> float:
    """So many seconds, and more only where many other processes want the same cores."""
    waiting = os.getloadavg()[0]
    with suppress(OSError, ValueError):  # the average comes late; not every system has this
        waiting = max(waiting, float(Path("/proc/loadavg").read_text().split()[3].partition("/")[0]))
    return seconds * max(1.0, waiting / (os.cpu_count() or 1))
