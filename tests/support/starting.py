"""Starts ``python -m scrapy ...`` and scripts: forked from a warm interpreter where one runs, else anew."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.support.fork_server import LENGTH

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240.0
"""Seconds for what a command does in a few; on a slow machine under load it may need so many."""


class Forked:
    """A process of the fork server, with the methods of ``subprocess.Popen`` that tests use."""

    def __init__(self, pid: int, argv: Sequence[str], ended: int) -> None:
        self.pid = pid
        self.args = argv
        self.returncode: int | None = None
        self._ended = ended

    def poll(self) -> int | None:
        return self._look(0.0)

    def wait(self, timeout: float | None = None) -> int:
        if self._look(timeout) is None:
            raise subprocess.TimeoutExpired(list(self.args), timeout or 0.0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], timeout)[0]:
            code = os.read(self._ended, 16)
            os.close(self._ended)
            self.returncode = int(code or -signal.SIGKILL)
            if not code:
                raise RuntimeError(f"the fork server has ended, and with it the word on process {self.pid}")
        return self.returncode


Process = subprocess.Popen[bytes] | Forked


class _Server:
    """The warm interpreter; it ends with the channel to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channel, theirs = socket.socketpair()
        with theirs:
            # Threads of a library would not be there in a fork.
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "tests/support/fork_server.py"), str(theirs.fileno())],
                env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def start(self, argv: Sequence[str], streams: Sequence[int], **order: object) -> Forked:
        body = json.dumps({"argv": list(argv), **order}).encode()
        ended, told = os.pipe()
        try:
            with self._lock:
                socket.send_fds(self._channel, [LENGTH.pack(len(body))], [*streams, told])
                self._channel.sendall(body)
                answer = self._channel.recv(LENGTH.size, socket.MSG_WAITALL)
        finally:
            os.close(told)
        return Forked(LENGTH.unpack(answer)[0], argv, ended)

    def stop(self) -> None:
        self._channel.close()
        self._process.wait(60)


_server: _Server | None = None


@contextmanager
def warm_interpreter() -> Iterator[None]:
    """All that is started within the block is forked, where the system can fork."""
    global _server
    if not hasattr(socket, "send_fds"):
        yield
        return
    _server = _Server()
    try:
        yield
    finally:
        _server.stop()
        _server = None


def start(
    argv: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    stdout: IO[bytes],
    stderr: IO[bytes],
    *,
    session: bool = False,
) -> Process:
    """``python ARGV``, which names a module or a script, after ``-W error`` or not; nothing can be typed.

    Another ``PYTHONPATH`` may hold what Python reads at its start, so such a process is started anew.
    """
    if _server is None or environment.get("PYTHONPATH") != str(ROOT):
        return subprocess.Popen(
            [sys.executable, *argv],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=session,
        )
    with Path(os.devnull).open("rb") as nothing:
        streams = [stream.fileno() for stream in (nothing, stdout, stderr)]
        return _server.start(
            argv, streams, folder=str(folder), environment=dict(environment), session=session
        )


def run(
    argv: Sequence[str], folder: Path, environment: Mapping[str, str], stdout: IO[bytes] | None = None
) -> subprocess.CompletedProcess[str]:
    """The same to its end, with what it said; ``stdout``: where that goes instead."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = start(argv, folder, environment, stdout or out, err)
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()
            code = process.wait(PATIENCE)
        said = [_text(stream) for stream in (out, err)]
    return subprocess.CompletedProcess(list(argv), code, *said)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace").replace("\r\n", "\n")
