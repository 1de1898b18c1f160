"""Commands of the analytics: in a process of their own, and without."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from scrapy.settings import Settings

from tvspiders.commands import graph, report

ROOT = Path(__file__).parents[3]


def scrapy(url: str, *arguments: str, shell: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own; ``shell`` is a redirection."""
    return subprocess.run(
        ["sh", "-c", f'"$@" {shell}', "sh", sys.executable, "-W", "error", "-m", "scrapy", *arguments],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def here(url: str, name: str, *arguments: str) -> int:
    """The same without a process of its own: the exit code."""
    command = {"report": report.Command, "graph": graph.Command}[name]()
    command.settings = Settings({"DATABASE_URL": url})
    parser = argparse.ArgumentParser()
    command.add_options(parser)
    opts, args = parser.parse_known_args(list(arguments))
    command.run(args, opts)
    return command.exitcode
