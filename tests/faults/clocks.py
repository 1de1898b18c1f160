"""Clocks of real processes, to be set under them: the computer's and that of a PostgreSQL database."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg

from tests.support.crawling import ROOT, Place, Run

SLEPT_IN_FACT = 0.5
"""Seconds for which a process is stopped; the clocks say that it was longer."""

_PATCH = '''
"""Read by Python before the program: its clocks differ from the real ones by what a file says."""
import os, time

_real, _real_ns, _gettime = time.time, time.time_ns, time.clock_gettime
_read = [0.0, 0.0, 0.0]

def _differ():
    now = time.monotonic()
    if now - _read[0] > 0.02:
        with open(os.environ["TV_TEST_CLOCKS"]) as file:
            _read[:] = [now, *map(float, file.read().split())]
    return _read

def _clock_gettime(which):
    differ = {time.CLOCK_REALTIME: 1, getattr(time, "CLOCK_BOOTTIME", -1): 2}.get(which)
    return _gettime(which) + (_differ()[differ] if differ else 0.0)

time.time = lambda: _real() + _differ()[1]
time.time_ns = lambda: _real_ns() + int(_differ()[1] * 1e9)
time.clock_gettime = _clock_gettime
'''


class Clocks:
    """The clocks of one computer, for all processes of the places that are told of them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "sitecustomize.py").write_text(_PATCH)
        self._file = folder / "differ"
        self.wall = 0.0
        """Seconds by which the clock that may be set differs from the real one."""
        self.asleep = 0.0
        """Seconds for which the computer slept."""
        self._write()
        self.environment = {
            "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
            "TV_TEST_CLOCKS": str(self._file),
        }

    def rule(self, place: Place) -> None:
        """Let the place's processes go by these clocks."""
        place.environment |= self.environment

    def set(self, seconds: float) -> None:
        """Set the clock by so much; less than 0 is back."""
        self.wall += seconds
        self._write()

    def sleep(self, seconds: float, *runs: Run) -> None:
        """Put the computer to sleep with these processes on it."""
        for run in runs:
            run.signal(signal.SIGSTOP)
        time.sleep(SLEPT_IN_FACT)
        self.asleep += seconds
        self.wall += seconds
        self._write()
        for run in runs:
            run.signal(signal.SIGCONT)

    def _write(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(f"{self.wall} {self.asleep}")
        new.replace(self._file)


class ServerClock:
    """The clock of one PostgreSQL database: what its sessions take for the server's time."""

    def __init__(self, url: str) -> None:
        self._url = url
        # A function of ours is found before the server's own; tables go to the first schema as ever.
        self._run(
            "CREATE SCHEMA clocks",
            "CREATE TABLE clocks.differ AS SELECT interval '0' AS by",
            "CREATE FUNCTION clocks.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE "
            "AS 'SELECT pg_catalog.clock_timestamp() + by FROM clocks.differ'",
            "DO $$ BEGIN EXECUTE format("
            "'ALTER DATABASE %I SET search_path = public, clocks, pg_catalog', current_database()); END $$",
        )

    def set(self, seconds: float) -> None:
        """Set it by so much; less than 0 is back."""
        self._run(f"UPDATE clocks.differ SET by = by + interval '{seconds} seconds'")

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]
