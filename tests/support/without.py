"""A copy of the project as somebody leaves it who takes extras out: folder, line in the registry, tests."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from tests.support.starting import ROOT

LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache", ".venv", ".git", ".hypothesis", "*.egg-info")


def copy_without(extras: Collection[str], folder: Path) -> Path:
    """Copy the whole project into a folder that does not exist yet."""
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT, symlinks=True)
    registry = folder / "tvspiders" / "extras" / "__init__.py"
    for extra in extras:
        shutil.rmtree(folder / "tvspiders" / "extras" / extra)
        shutil.rmtree(folder / "tests" / "extras" / extra)
        line = f'    "{extra}",\n'
        text = registry.read_text()
        assert line in text
        registry.write_text(text.replace(line, ""))
    return folder
