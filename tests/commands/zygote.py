"""Runs command lines, each in a process of its own, from one interpreter that has the imports behind it.

A fork is a real process with an environment, a folder, streams and an exit code of its own; it only saves the
second that Python takes to import Scrapy. One JSON object a line comes in and goes out.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from importlib import import_module
from typing import Any

MODULES = (
    "scrapy.cmdline",
    "scrapy.crawler",
    "scrapy.core.engine",
    "scrapy_spider_metadata",
    "alembic.command",
    "rich.live",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "psycopg",
    "tvspiders.console.preflight",
    "tvspiders.console.likes_run",
    "tvspiders.console.login_run",
    "tvspiders.console.plan_run",
    "tvspiders.extensions.feeds",
    "tvspiders.ledger.reparse",
)
"""None of them reads the environment or installs a reactor."""
PATIENCE = 90
"""Seconds after which a command that hangs is killed."""


def run(argv: list[str], folder: str, environment: dict[str, str], out: str, err: str) -> None:
    """Become ``python -m scrapy ARGV``; does not return."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        descriptor = os.open(path, flags, 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    code: Any = 0
    signal.alarm(PATIENCE)
    try:
        from scrapy.cmdline import execute

        execute(["scrapy", *argv])
    except SystemExit as end:
        code = end.code
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 70
    if isinstance(code, str):
        print(code, file=sys.stderr)
        code = 1
    sys.stderr.flush()
    try:
        sys.stdout.flush()
    except OSError:
        code = 120  # as Python ends where it cannot write the rest
    os._exit(code or 0)


def main() -> None:
    for name in MODULES:
        import_module(name)
    for unwanted in ("tvspiders.settings", "twisted.internet.reactor"):
        assert unwanted not in sys.modules, unwanted
    for line in sys.stdin:
        order = json.loads(line)
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            run(**order)
        _, status = os.waitpid(child, 0)
        ended = {"code": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - began}
        print(json.dumps(ended), flush=True)


if __name__ == "__main__":
    main()
