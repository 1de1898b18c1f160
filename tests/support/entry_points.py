"""Our commands as every project finds them once we are installed."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.support.starting import ROOT


def entry_points() -> dict[str, str]:
    """Our commands, by name, for every project."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    return dict(groups["scrapy.commands"])


def install(folder: Path) -> None:
    """What ``pip install`` leaves for others to find."""
    made = folder / "tvspiders-0.dist-info"
    made.mkdir(exist_ok=True)
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: tvspiders\nVersion: 0\n")
    lines = [f"{name} = {place}\n" for name, place in entry_points().items()]
    (made / "entry_points.txt").write_text("[scrapy.commands]\n" + "".join(lines))
