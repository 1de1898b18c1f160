"""Values of the settings of the extra; what each means is in ``own_settings.py``."""

import os

SPLASH_URL = os.environ.get("SPLASH_URL") or ""
TV_PAGE_SECONDS = 10.0
TV_PAGE_WAIT = 3.0
TV_SPLASH_HTTP = False
