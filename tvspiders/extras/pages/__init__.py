"""Public pages of things, rendered by Splash. An extra, described in ``docs/pages.md``."""

import os

SETTINGS = {
    "SPLASH_URL": os.environ.get("SPLASH_URL") or "",
    "TV_PAGE_SECONDS": 10.0,
    "TV_PAGE_WAIT": 3.0,
    "TV_SPLASH_HTTP": False,
}
SETTINGS_MODEL = "tvspiders.extras.pages.own_settings.PageSettings"
