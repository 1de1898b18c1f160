"""The settings of the extra: what each takes and means. Their values are in ``settings.py``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tvspiders.checks.setting_types import Number, Takes, Whole, read_as

Countries = Annotated[
    str,
    read_as(str),
    Field(pattern=r"^(\s*|none|\s*[A-Za-z]{2}(\s*,\s*[A-Za-z]{2})*\s*)$"),
    Takes("country codes of two letters, like us,de, or none"),
]


class ProxySettings(BaseModel):
    """Types, bounds and meanings."""

    model_config = ConfigDict(defer_build=True)  # only OwnSettings, made of all, is used

    TV_PROXY_MODE: Literal["off", "rotate", "sticky"] = Field(
        description=(
            "with proxies: none (`off`), a session for each request or one for each token; without them "
            "always off"
        ),
    )
    TV_PROXY_COUNTRY: Countries = Field(description="countries for a gateway with a place for one")
    TV_PROXY_FALLBACK: Literal["stop", "direct"] = Field(
        description="when no proxy works: `stop` the crawl, or go `direct` meanwhile"
    )
    TV_PROXY_LIFETIME: Number = Field(
        ge=0, description="seconds for which a token keeps its session (`sticky`); 0: as long as it works"
    )
    TV_PROXY_SESSIONS: Whole = Field(
        ge=1, description="sessions of a gateway at a time, also those that cool down"
    )
    TV_PROXY_REST: Number = Field(ge=0.1, description="seconds of a proxy's first cooldown")
    TV_PROXY_PATIENCE: Number = Field(
        ge=0, description="seconds without any answer through proxies before the crawl gives up"
    )
