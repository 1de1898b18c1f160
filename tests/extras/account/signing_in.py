"""A person and a browser beside ``scrapy login``: what it prints is opened, decided on, and followed back."""

from __future__ import annotations

import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.support.shell import Ended, Shell

CLIENT, SECRET = "4322", "sandbox-secret"


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_BROWSER = urllib.request.build_opener(_Stay)


def visit(address: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Status, text and where it leads to."""
    data = None if form is None else urlencode(form).encode()
    try:
        reply = _BROWSER.open(address, data, timeout=30)
    except urllib.error.HTTPError as error:
        reply = error
    with reply:
        return reply.status, reply.read().decode(), reply.headers.get("Location", "")


class SigningIn:
    """One ``scrapy login`` that waits for its answer; one that is ``alone`` can be typed and signalled to."""

    def __init__(
        self,
        shell: Shell,
        *options: str,
        alone: bool = False,
        browser: bool = False,
        **environment: str | None,
    ) -> None:
        argv = ["login", "--port", "0", *(() if browser else ("--no-browser",)), *options]
        given = {**app_environment(shell), **environment}
        self._process: subprocess.Popen[str] | None = None
        self._ended: Ended | None = None
        self._said = ""
        self.address = ""
        if alone:
            self._process = shell.process(*argv, typing=True, **given)
            assert self._process.stdout
            for line in self._process.stdout:
                self._said += line
                if self._is_address(line):
                    return
        else:
            self._thread = threading.Thread(target=self._run, args=(shell, argv, given))
            self._thread.start()
            while self._thread.is_alive() and not self.address:
                with suppress(FileNotFoundError):
                    for line in (shell.folder / ".out").read_text().splitlines(keepends=True):
                        self._is_address(line)
                time.sleep(0.02)

    def _run(self, shell: Shell, argv: list[str], environment: dict[str, str | None]) -> None:
        self._ended = shell(*argv, **environment)

    def _is_address(self, line: str) -> bool:
        if line.startswith("http") and line.endswith("\n"):
            self.address = line.rstrip("\n")
        return bool(self.address)

    def decide(self, decision: str = "allow") -> str:
        """Press one of the two buttons; returns the address that the site sends the browser to."""
        asked = dict(parse_qsl(urlsplit(self.address).query))
        status, _, back = visit(self.address.partition("?")[0], asked | {"decision": decision})
        assert status == 303
        return back

    def type(self, text: str) -> None:
        """Type a line into the terminal."""
        assert self._process
        assert self._process.stdin
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def signal(self, number: int) -> None:
        assert self._process
        self._process.send_signal(number)

    def end(self) -> Ended:
        """How it ended; the whole of what it said."""
        if self._process is not None:
            out, err = self._process.communicate(timeout=90)
            return Ended(self._process.returncode, self._said + out, err, 0.0)
        self._thread.join(120)
        assert self._ended
        return self._ended

    def clear(self) -> None:
        """Leave nothing behind, whatever became of the test."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.communicate()
        if self._process is None and self._thread.is_alive():
            back = dict(parse_qsl(urlsplit(self.address).query)).get("redirect_uri", "")
            with suppress(OSError):
                visit(f"{back}?error=cleared")
                visit(back, {"error": "cleared"})
            self._thread.join(120)


def app_environment(shell: Shell) -> dict[str, str | None]:
    """A registered app, a file for the token, and no token yet."""
    return {
        "THINGIVERSE_WWW_URL": shell.sandbox.url,
        "THINGIVERSE_CLIENT_ID": CLIENT,
        "THINGIVERSE_CLIENT_SECRET": SECRET,
        "THINGIVERSE_TOKEN_FILE": "tokens",
        "THINGIVERSE_TOKEN": None,
    }
