"""Arguments of the spider ``pages``."""

from __future__ import annotations

from pydantic import Field

from tvspiders.params import CrawlParams, FileParams, Things


class PagesParams(FileParams, CrawlParams):
    """Arguments of ``pages``."""

    named = "thing"

    thing: Things = Field(
        default_factory=list,
        description="Things whose public pages are rendered: numbers, thing:NUMBER or addresses.",
        examples=["763622", "763622,thing:2"],
    )
    file: str | None = Field(
        default=None, description="File with things, one a line or with commas.", examples=["ids.txt"]
    )

    def known_costs(self) -> tuple[dict[str, int], list[str]]:
        """One request for each thing; its page is rendered elsewhere."""
        number = len(self.thing)
        return {"things": number}, [f"{number} pages are rendered by Splash, which uses no quota"]
