"""The core works without the packages of the extras; what needs a missing one says so in one line."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.shell import FAST, ROOT, Shell

PACKAGES = ("numpy", "scipy", "jinja2", "pyarrow", "psycopg", "rotating_proxies", "scrapy_splash")
NOT_FOR_A_CRAWL = (
    *PACKAGES,
    "aiohttp",
    "alembic",
    "prometheus_client",
    "rich",
    "sqlalchemy.dialects.postgresql",
    "twisted.conch",
)
"""What would cost each crawl on SQLite time and memory."""
CRAWL = ("crawl", "things", "-a", "query=lamp", "-a", "pages=1", "-a", "details=false", *FAST)


@pytest.fixture
def bare(crawled: Shell):
    """Commands in a Python in which none of the packages can be imported."""
    (crawled.folder / "sitecustomize.py").write_text(
        f"import sys\nsys.modules.update(dict.fromkeys({PACKAGES}))\n"
    )

    def run(*argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "scrapy", *argv],
            cwd=crawled.folder,
            env=crawled.environment | {"PYTHONPATH": f"{crawled.folder}:{ROOT}"} | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_a_crawl_and_its_audit_need_none_of_them(bare):
    crawl = bare(*CRAWL)

    assert crawl.returncode == 0, crawl.stderr
    assert bare("audit").returncode == 0


def test_a_plain_crawl_loads_nothing_that_only_others_need(bare, crawled):
    (crawled.folder / "sitecustomize.py").write_text(
        "import atexit, sys\n"
        f"atexit.register(lambda: print('LOADED', *sorted(sys.modules.keys() & {NOT_FOR_A_CRAWL})))\n"
    )

    crawl = bare(*CRAWL, "-O", "things.csv", DATABASE_URL="sqlite:///new.db")

    assert crawl.returncode == 0, crawl.stderr
    assert crawl.stdout.splitlines()[-1] == "LOADED"


def test_a_crawl_through_proxies_without_their_package_ends_in_one_line(bare, shell):
    # a plain API may be its own proxy
    ended = bare("crawl", "things", "-a", "query=lamp", *FAST, THINGIVERSE_PROXY=shell.sandbox.url)

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1] == (
        "tvspiders: the package rotating_proxies is not installed; it comes with: "
        "pip install 'tvspiders[proxies]'"
    )


@pytest.mark.parametrize(
    ("argv", "environment", "package", "extra"),
    [
        (["report", "influence"], {}, "numpy", "analytics"),
        (["graph"], {}, "numpy", "analytics"),
        (["audit"], {"DATABASE_URL": "postgresql://127.0.0.1:9/none"}, "psycopg", "postgresql"),
    ],
)
def test_a_missing_package_is_one_line(bare, argv, environment, package, extra):
    ended = bare(*argv, **environment)

    assert ended.stderr.count("\n") == 1, ended.stderr
    assert f"the package {package} is not installed" in ended.stderr
    assert ended.stderr.rstrip().endswith(f"pip install 'tvspiders[{extra}]'")
    assert ended.returncode == 1
