"""A connection pooler, PgBouncer, in front of a PostgreSQL server: one connection for one transaction."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.support.crawling import until

PROGRAM = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
"""Debian puts it where only root looks."""
PORT = 6432
"""Part of the socket's name; nothing listens on the network."""


class Pooler:
    """PgBouncer in transaction mode, run by the user who runs the server: it refuses to be root's."""

    def __init__(self, server_url: str, connections: int = 3) -> None:
        """``server_url`` is a database of the server, by its socket; each has so many ``connections``."""
        assert PROGRAM
        with psycopg.connect(server_url) as connection:
            data = Path(connection.execute("SHOW data_directory").fetchone()[0])  # type: ignore[index]
        socket_folder = str(conninfo_to_dict(server_url)["host"])
        self._user = psutil.Process(int((data / "postmaster.pid").read_text().split()[0])).username()
        self.home = Path(tempfile.mkdtemp(prefix="tvpool-"))
        self._settings = self.home / "pgbouncer.ini"
        self._settings.write_text(
            "[databases]\n"
            f"* = host={socket_folder} user=postgres\n"
            "[pgbouncer]\n"
            "pool_mode = transaction\n"
            f"default_pool_size = {connections}\n"
            "auth_type = any\n"
            "listen_addr =\n"
            f"listen_port = {PORT}\n"
            f"unix_socket_dir = {self.home}\n"
            "server_login_retry = 1\n"
        )
        self._log = (self.home / "log").open("wb")
        if os.geteuid() == 0:
            shutil.chown(self.home, self._user)
        self.start()

    def url(self, name: str) -> str:
        """As in ``DATABASE_URL``."""
        return f"postgresql://postgres@/{name}?host={self.home}&port={PORT}"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self._process = subprocess.Popen(
            [str(PROGRAM), str(self._settings)],
            stdout=self._log,
            stderr=self._log,
            user=self._user if os.geteuid() == 0 else None,
        )
        until(self._listens)

    def _listens(self) -> bool:
        """Whether it takes connections: its socket has a name before that."""
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.home / f".s.PGSQL.{PORT}")) == 0

    def kill(self) -> None:
        """As if its machine had lost it; a new one takes the name of the socket."""
        self._process.kill()
        self._process.wait()
        for left in self.home.glob(".s.PGSQL.*"):
            left.unlink()

    def close(self) -> None:
        self.kill()
        self._log.close()
        shutil.rmtree(self.home, ignore_errors=True)
