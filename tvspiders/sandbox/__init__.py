"""A simulated Thingiverse on loopback: the API's behaviour with a generated catalogue.

For the demo, for tests and benchmarks, and for anyone who writes an analysis and has
no token. Start it with ``scrapy sandbox``, or in a test:

>>> with running(SandboxConfig(things=100)) as sandbox:
...     sandbox.oracle.search("planters")["total"] > 0
True
"""

from tvspiders.sandbox.config import ConfigError, Quota, SandboxConfig
from tvspiders.sandbox.front.journal import token_label
from tvspiders.sandbox.oracle import Oracle
from tvspiders.sandbox.running import RunningSandbox, running

__all__ = [
    "ConfigError",
    "Oracle",
    "Quota",
    "RunningSandbox",
    "SandboxConfig",
    "running",
    "token_label",
]
