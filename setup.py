"""What ``scrapyd-deploy`` runs to build the egg; everything but the licence is in ``pyproject.toml``.

A fresh environment of Python 3.11 comes with setuptools 65, which reads no licence expression there.
"""

import setuptools

NEW = int(setuptools.__version__.partition(".")[0]) >= 77

setuptools.setup(**{"license_expression" if NEW else "license": "BSD-3-Clause"})
