"""A real Scrapyd and real deploys, all of it on this computer and in one folder."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPBasicAuthHandler, HTTPPasswordMgrWithDefaultRealm, Request, build_opener

import psutil

from tests.support.starting import ROOT, run

USER, PASSWORD = "operator", "pA55/word+of=the.daemon"
"""Characters that base64 and percent-encoding change."""
TOKEN = "kX7-secret/token+of=the.tests"
PROJECT_FILES = ("setup.py", "pyproject.toml", "README.md", "LICENSE", "requirements.txt", "scrapy.cfg")
PATIENCE = 300.0


def until(condition: Callable[[], Any], what: str, timeout: float = PATIENCE, *, pause: float = 0.05) -> Any:
    """Wait for something to be true; returns it."""
    end = time.monotonic() + timeout
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"did not happen in {timeout:.0f} s: {what}")
        time.sleep(pause)
    return found


class Daemon:
    """Scrapyd with the configuration that we ship, in a folder without our code."""

    def __init__(self, folder: Path, api_url: str, database_url: str | None = None) -> None:
        self.folder = folder
        self.run = folder / "run"
        self.home = folder / "home"
        self.project = folder / "project"
        self.desk = folder / "desk"
        for made in (self.run, self.home, self.desk):
            made.mkdir(parents=True)
        shutil.copy(ROOT / "scrapyd.conf", self.run)
        self._copy_project()
        self.python = sys.executable
        self.database = self.run / "things.db"
        self.database_url = database_url or f"sqlite:///{self.database}"
        self.log = folder / "scrapyd.log"
        self.process: subprocess.Popen[bytes] | None = None
        path = os.pathsep.join([str(Path(self.python).parent), os.environ.get("PATH", "")])
        self._bare = {"PATH": path, "HOME": str(self.home), "LANG": "C.UTF-8"}
        self.environment = self._bare | {
            "THINGIVERSE_API_URL": api_url,
            "THINGIVERSE_TOKEN": TOKEN,
            "DATABASE_URL": self.database_url,
        }
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # -- the daemon ------------------------------------------------------------------------------

    def start(self) -> None:
        """Start it on a free port; another one when somebody else was faster."""
        for _ in range(5):
            self.port = self.port or free_port()
            secret = self.home / ".scrapyd.conf"
            secret.touch(mode=0o600)
            secret.write_text(
                f"[scrapyd]\nusername = {USER}\npassword = {PASSWORD}\n"
                f"http_port = {self.port}\npoll_interval = 0.2\n"
            )
            with self.log.open("ab") as output:
                self.process = subprocess.Popen(
                    [self.python, "-m", "scrapyd", "--pidfile="],
                    cwd=self.run,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            if until(self._settled, "Scrapyd starts") == "up":
                return
            self.port = 0
        raise AssertionError(f"Scrapyd does not start:\n{self.log.read_text()[-2000:]}")

    def _settled(self) -> str:
        assert self.process
        if self.process.poll() is not None:
            return "down"
        try:
            self.ask("daemonstatus.json")
        except OSError:
            return ""
        return "up"

    def stop(self) -> None:
        """As systemd does: SIGTERM to the daemon and to its jobs, then SIGKILL to what is left."""
        processes = self.processes()
        for process in processes:
            _send(process, signal.SIGTERM)
        _, alive = psutil.wait_procs(processes, timeout=20)
        for process in alive:
            _send(process, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(20)
        self.process = None

    def processes(self) -> list[psutil.Process]:
        """The daemon and everything that it started."""
        if self.process is None or self.process.poll() is not None:
            return []
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def ask(self, service: str, **form: str) -> dict[str, Any]:
        """One of Scrapyd's services; with a form it is sent."""
        return dict(json.loads(self.fetch(service, **form)))

    def fetch(self, path: str, **form: str) -> str:
        passwords = HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, self.url, USER, PASSWORD)
        request = Request(f"{self.url}/{path}", data=urlencode(form).encode() if form else None)
        try:
            with build_opener(HTTPBasicAuthHandler(passwords)).open(request, timeout=60) as answer:
                return str(answer.read().decode())
        except URLError as error:
            raise OSError(str(error.reason)) from None

    def jobs(self) -> dict[str, dict[str, Any]]:
        """Every job by its id, with its state."""
        said = self.ask("listjobs.json?project=tvspiders")
        return {
            job["id"]: job | {"state": state}
            for state in ("finished", "running", "pending")
            for job in said[state]
        }

    def ended(self, job: str) -> dict[str, Any]:
        """Wait until a job has ended; Scrapyd lists all of its jobs each time, so it is not asked often."""

        def finished() -> Any:
            found = self.jobs().get(job)
            return found and found["state"] == "finished" and found

        return dict(until(finished, job, pause=0.3))

    # -- the person ------------------------------------------------------------------------------

    def deploy(self, version: str | None = None) -> dict[str, Any]:
        """``scrapyd-deploy local`` in the project's folder, of a program that calls itself ``version``."""
        if version is not None:
            file = self.project / "tvspiders" / "__init__.py"
            file.write_text(f'"""Changed."""\n\n__version__ = "{version}"\n')
        text = (ROOT / "scrapy.cfg").read_text().replace(":6800/", f":{self.port}/")
        (self.project / "scrapy.cfg").write_text(text)
        second = int(time.time())
        done = subprocess.run(
            [self.python, "-m", "scrapyd_client.deploy", "local"],
            cwd=self.project,
            env=self._bare | {"SCRAPYD_USERNAME": USER, "SCRAPYD_PASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr + self.log.read_text()[-2000:]
        # A version is a second: a deploy within the same one would overwrite the egg.
        until(lambda: int(time.time()) > second, "the next second")
        return dict(json.loads(done.stdout))

    def build(self) -> Path:
        """The egg that a deploy would send."""
        egg = self.folder / f"{int(time.time())}.egg"
        subprocess.run(
            [self.python, "-m", "scrapyd_client.deploy", "--build-egg", str(egg)],
            cwd=self.project,
            env=self._bare,
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
        return egg

    def give(self, egg: Path) -> None:
        """Have an egg that was deployed elsewhere, before the daemon is started."""
        (self.run / "eggs" / "tvspiders").mkdir(parents=True)
        shutil.copy(egg, self.run / "eggs" / "tvspiders")

    def scrapy(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command of ours at the operator's desk, with what the operator knows: not the token."""
        return run(["-m", "scrapy", *arguments], self.desk, self.desk_environment | environment)

    @property
    def desk_environment(self) -> dict[str, str]:
        shutil.copy(ROOT / "scrapy.cfg", self.desk)
        return self._bare | {
            "PYTHONPATH": str(ROOT),
            "SCRAPYD_URL": self.url,
            "SCRAPYD_USERNAME": USER,
            "SCRAPYD_PASSWORD": PASSWORD,
            "DATABASE_URL": self.database_url,
            "COLUMNS": "200",
        }

    def schedule(self, *arguments: str, **environment: str) -> str:
        """``scrapy schedule`` that must succeed; returns what it said."""
        done = self.scrapy("schedule", *arguments, **environment)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout.strip()

    def log_of(self, job: str) -> str:
        """The log of a job of ``things``."""
        return (self.run / "logs" / "tvspiders" / "things" / f"{job}.log").read_text()

    def _copy_project(self) -> None:
        self.project.mkdir()
        for name in PROJECT_FILES:
            shutil.copy(ROOT / name, self.project)
        shutil.copytree(
            ROOT / "tvspiders", self.project / "tvspiders", ignore=shutil.ignore_patterns("__pycache__")
        )


def job_id(said: str) -> str:
    """The job that ``scrapy schedule`` speaks of."""
    return next(word.rstrip(",") for word in said.split() if word.count("-") == 2)


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def command_lines(processes: list[psutil.Process]) -> Iterator[str]:
    """What everybody sees of processes."""
    for process in processes:
        try:
            yield " ".join(process.cmdline())
        except psutil.Error:
            continue


def _send(process: psutil.Process, number: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
