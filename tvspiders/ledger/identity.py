"""What of a spider's arguments says which crawl it is."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


def identity_arguments(arguments: BaseModel | None) -> dict[str, Any]:
    """The arguments that say what is crawled, normalised; how much of it at a time does not count."""
    if arguments is None:
        return {}
    return arguments.model_dump(mode="json", exclude={"max_requests", "crawl"}, exclude_none=True)
