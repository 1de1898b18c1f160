"""Our commands as every project finds them once we are installed."""

from __future__ import annotations

from pathlib import Path

from tvspiders.commands import entry_points


def install(folder: Path) -> None:
    """What ``pip install`` leaves for others to find."""
    made = folder / "tvspiders-0.dist-info"
    made.mkdir(exist_ok=True)
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: tvspiders\nVersion: 0\n")
    lines = [f"{name} = {place}\n" for name, place in entry_points().items()]
    (made / "entry_points.txt").write_text("[scrapy.commands]\n" + "".join(lines))
