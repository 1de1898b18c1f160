"""The settings of the extra: what each takes and means. Their values are in ``settings.py``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tvspiders.checks.setting_types import Flag, Number


class PageSettings(BaseModel):
    """Types, bounds and meanings."""

    model_config = ConfigDict(defer_build=True)  # only OwnSettings, made of all, is used

    TV_PAGE_SECONDS: Number = Field(ge=0, description="seconds from one rendered page to the next")
    TV_PAGE_WAIT: Number = Field(
        ge=0.1, le=30, description="seconds that a rendered page has for its scripts"
    )
    TV_SPLASH_HTTP: Flag = Field(description="accept a Splash at `http://` that is not on this computer")
