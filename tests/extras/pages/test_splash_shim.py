"""scrapy-splash is lent what it misses, and only in versions that were tried."""

from __future__ import annotations

import subprocess
import sys

import pytest
import scrapy.utils.url

from tvspiders.errors import ConfigProblem
from tvspiders.extras.pages.splash_shim import load_splash


def test_it_is_imported_and_what_was_lent_is_taken_back():
    module = load_splash()

    assert module.SplashRequest
    assert not hasattr(scrapy.utils.url, "canonicalize_url")


@pytest.mark.parametrize(
    ("scrapy_version", "splash_version"),
    [((2, 20, 0), "0.11.1"), ((2, 18, 0), "0.11.1"), ((2, 19, 1), "0.12.0")],
)
def test_versions_that_were_not_tried_together_are_refused(scrapy_version, splash_version):
    with pytest.raises(ConfigProblem, match=r"pages were not tested with"):
        load_splash(scrapy_version, splash_version)


def test_no_other_crawl_imports_it():
    code = (
        "import sys, pkgutil, importlib, tvspiders.spiders as s\n"
        "[importlib.import_module(f'tvspiders.spiders.{m.name}') for m in pkgutil.iter_modules(s.__path__)]\n"
        "import tvspiders.middlewares.retry, tvspiders.middlewares.handler, tvspiders.commands.crawl\n"
        "assert 'scrapy_splash' not in sys.modules"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
