"""Faults of every kind, tried on real crawls: each module but ``__main__`` is one of them, by its name.

A module has ``add_arguments(parser)`` and ``run(asked)``, which prints what came of it and returns the exit
code: 0 when nothing was lost, doubled or said wrongly. What was tried, how often and with which seeds stands
in ``docs/faults.md``.
"""

from __future__ import annotations
