"""What ``scrapyd-deploy`` runs to build the egg; the rest is in ``pyproject.toml``.

Which commands there are depends on the extras that are left (``tvspiders/extras/__init__.py``).
A fresh environment of Python 3.11 comes with setuptools 65, which reads no licence expression there.
"""

import sys
from pathlib import Path

import setuptools

sys.path.insert(0, str(Path(__file__).parent))
from tvspiders.commands import entry_points

NEW = int(setuptools.__version__.partition(".")[0]) >= 77

setuptools.setup(
    entry_points={
        "scrapy": ["settings = tvspiders.settings"],
        "scrapy.commands": [f"{name} = {place}" for name, place in entry_points().items()],
    },
    **{"license_expression" if NEW else "license": "BSD-3-Clause"},
)
