"""Runs ``python -m scrapy ...`` and scripts in processes forked from one interpreter that is warm already.

A fork is a real process with an environment, a folder, streams, a session, signals and an interpreter's
end of its own; it only saves the second that Python takes to import Scrapy. ``starting.py`` is the other end.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import struct
import sys
import time
import warnings
from contextlib import suppress
from importlib import import_module
from pathlib import Path

MODULES = (
    "scrapy.cmdline",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine",
    "scrapy.crawler",
    "scrapy.extensions.closespider",
    "scrapy.extensions.corestats",
    "scrapy.extensions.logcount",
    "scrapy.extensions.logstats",
    "scrapy.extensions.memdebug",
    "scrapy.extensions.memusage",
    "scrapy.extensions.throttle",
    "scrapy.logformatter",
    "scrapy.resolver",
    "scrapy.statscollectors",
    "scrapy.utils.reactor",
    "alembic.command",
    "rich.live",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "psycopg",
)
PACKAGES = ("scrapy.commands", "scrapy.downloadermiddlewares", "scrapy.spidermiddlewares")
"""With all modules in them."""
READ_THEIR_SURROUNDINGS = ("settings", "migrations")
"""Modules and packages of ours that read the environment, or are read by Alembic."""
LENGTH = struct.Struct("!I")
"""Before each order, and around each process id that goes back."""
STREAMS = 3


class ForkServer:
    """Forks a process for each order that comes, and writes its exit code once it has ended."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._ended, self._wakeup = os.pipe()
        os.set_blocking(self._wakeup, False)
        self._told: dict[int, int] = {}
        """Where the exit code of each process is written."""

    def serve(self) -> list[str] | None:
        """Returns in each child, with its arguments; in the server itself with ``None``, at the end."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakeup, warn_on_full_buffer=False)
        while True:
            watched: list[socket.socket | int] = [self._channel, self._ended]
            ready, _, _ = select.select(watched, [], [])
            if self._ended in ready:
                os.read(self._ended, 4096)
                self._reap()
            if self._channel in ready:
                header, descriptors, _, _ = socket.recv_fds(self._channel, LENGTH.size, STREAMS + 1)
                if not header:
                    for child in self._told:
                        os.kill(child, signal.SIGKILL)
                    return None
                order = json.loads(self._exactly(LENGTH.unpack(header)[0]))
                child = os.fork()
                if child == 0:
                    return self._become(descriptors[:STREAMS], **order)
                for stream in descriptors[:STREAMS]:
                    os.close(stream)
                self._told[child] = descriptors[STREAMS]
                self._channel.sendall(LENGTH.pack(child))

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                told = self._told.pop(ended[0])
                with suppress(BrokenPipeError):  # nobody waits for it any more
                    os.write(told, str(os.waitstatus_to_exitcode(ended[1])).encode())
                os.close(told)

    def _exactly(self, length: int) -> bytes:
        read = b""
        while len(read) < length:
            read += self._channel.recv(length - len(read))
        return read

    def _become(
        self, streams: list[int], argv: list[str], folder: str, environment: dict[str, str], session: bool
    ) -> list[str]:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._channel.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(STREAMS, 4096)
        if session:
            os.setsid()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        return argv


def modules_of(*packages: str) -> list[str]:
    """Modules in packages, without those in packages below."""
    return [
        f"{name}.{module.name}"
        for name in packages
        for module in pkgutil.iter_modules(import_module(name).__path__)
    ]


def ours(package: str = "tvspiders") -> list[str]:
    """All modules of ours that can be imported before anybody knows what for."""
    found = []
    for module in pkgutil.iter_modules(import_module(package).__path__):
        name = f"{package}.{module.name}"
        if module.name not in READ_THEIR_SURROUNDINGS:
            found += [name, *(ours(name) if module.ispkg else ())]
    return found


def main() -> None:
    for name in (*MODULES, *modules_of(*PACKAGES), *ours()):
        import_module(name)
    assert "twisted.internet.reactor" not in sys.modules
    assert not [name for name in sys.modules if name.startswith("tvspiders.") and name.endswith(".settings")]
    gc.collect()
    gc.freeze()  # no child looks through what was imported, which would copy it
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        argv = ForkServer(channel).serve()
    if argv is None:
        return
    if argv[:2] == ["-W", "error"]:
        warnings.simplefilter("error")
        argv = argv[2:]
    if argv[0] == "-m":
        sys.path[0] = os.getcwd()
        sys.argv = argv[1:]
        runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = str(Path(argv[0]).resolve().parent)
        sys.argv = argv
        runpy.run_path(argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
