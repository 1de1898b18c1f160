"""A crawl loads what it needs, and nothing that only reports, commands or the sandbox need."""

from __future__ import annotations

import argparse
import gc
import os
import re
import shutil
import subprocess
import sys

import pytest
from scrapy.settings import Settings

from tests.support.shell import ROOT, TOKEN
from tvspiders.commands.crawl import Command

NEVER = {
    "aiohttp",
    "alembic",
    "igraph",
    "mako",
    "matplotlib",
    "networkx",
    "numpy",
    "pandas",
    "psycopg",
    "pygments",
    "requests",
    "rich",
    "scipy",
    "scrapy_splash",
    "tvspiders.extras.analytics",
    "tvspiders.sandbox",
}
"""Packages that cost time and memory at each start."""


def test_a_crawl_loads_no_library_that_it_does_not_need(sandbox, tmp_path):
    shutil.copy(ROOT / "scrapy.cfg", tmp_path)
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PYTHONPROFILEIMPORTTIME": "1",
        "THINGIVERSE_API_URL": sandbox.url,
        "THINGIVERSE_TOKEN": TOKEN,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}",
    }

    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "things", "-a", "query=planters", "-a", "max_requests=1"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )

    loaded = set(re.findall(r"^import time:.*\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert done.returncode == 0, done.stderr[-2000:]
    assert "tvspiders.ledger.ledger" in loaded
    assert {name for name in loaded if any(f"{name}.".startswith(f"{never}.") for never in NEVER)} == set()


def test_garbage_is_collected_again_when_a_command_line_was_refused(capsys):
    command = Command()
    command.settings = Settings()

    with pytest.raises(SystemExit) as ended:
        command.process_options(["--nope"], argparse.Namespace(spargs={}))

    assert ended.value.code == 2
    assert "tvspiders: " in capsys.readouterr().err
    assert gc.isenabled()
