"""What ``scrapy demo`` does: real processes, as a user would start them."""

from __future__ import annotations

import glob
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from scrapy.utils.project import inside_project
from sqlalchemy import URL

from tvspiders import printing
from tvspiders.errors import ConfigProblem


def run_demo(folder: Path, query: str, things: int, quota: str) -> int:
    """Crawl the sandbox into ``folder``; returns the exit code of the crawl."""
    from tvspiders.console.demo.tables import print_database

    console = printing.console()
    feed = folder / "things.jsonl"
    database = folder / "thingiverse.db"
    database_url = URL.create("sqlite", database=str(database)).render_as_string()
    console.print(f"A made-up Thingiverse of {things:,} things starts on this computer.", highlight=False)
    # In a project Scrapy has set it already; in any other folder commands and spiders are found by it.
    project = {"SCRAPY_SETTINGS_MODULE": "tvspiders.settings"} | dict(os.environ)
    with _sandbox(things, quota, project) as url:
        command = ["crawl", "things", "-a", f"query={query}", "-O", str(feed), "-s", f"TV_QUOTA={quota}"]
        console.print(f"$ scrapy {' '.join(command[:4])} -O {feed.name}", style="bold", highlight=False)
        environment = {
            **project,
            "THINGIVERSE_API_URL": url,
            "THINGIVERSE_TOKEN": "demo-token-for-the-sandbox",
            "DATABASE_URL": database_url,
        }
        for name in ("THINGIVERSE_TOKEN_FILE", "THINGIVERSE_PROXY", "THINGIVERSE_PROXY_FILE"):
            environment.pop(name, None)
        crawl = [sys.executable, "-m", "scrapy", *command, "-s", "LOG_LEVEL=WARNING"]
        code = subprocess.run(crawl, env=environment, check=False).returncode  # noqa: S603
    _remove_locks(database)
    if code == 0:
        print_database(database_url, console)
        of_project = "" if inside_project() else "SCRAPY_SETTINGS_MODULE=tvspiders.settings "
        console.print(
            f"\nLeft behind: {database.name} (SQL) and {feed.name} (JSON Lines).\n"
            "Run it again: nothing is stored twice. Thingiverse itself, with a token of your own:\n"
            f"export {of_project}THINGIVERSE_TOKEN=... DATABASE_URL=sqlite:///real.db\n"
            "scrapy crawl things -a query=planters -O real.jsonl",
            highlight=False,
            soft_wrap=not console.is_terminal,
        )
    return code


def _remove_locks(database: Path) -> None:
    """Remove the lock files of crawls that do not run: the demo promises two files, and no more."""
    for path in database.parent.glob(f"{glob.escape(database.name)}.*.lock"):
        with suppress(Timeout, OSError), FileLock(path, timeout=0):
            path.unlink()


@contextmanager
def _sandbox(things: int, quota: str, environment: dict[str, str]) -> Iterator[str]:
    """A sandbox on a free port in a process of its own; gives its address."""
    command = [sys.executable, "-m", "scrapy", "sandbox", "--port", "0", "--things", str(things)]
    command += ["--quota", quota]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            line = process.stdout.readline() if process.stdout else ""
            if "http://" not in line:
                raise ConfigProblem("the sandbox did not start")
            yield line[line.index("http://") :].strip()
        finally:
            process.terminate()
