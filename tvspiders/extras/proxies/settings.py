"""Values of the settings of the extra; what each means is in ``own_settings.py``."""

TV_PROXY_MODE = "rotate"
TV_PROXY_COUNTRY = "none"
TV_PROXY_FALLBACK = "stop"
TV_PROXY_LIFETIME = 600.0
TV_PROXY_SESSIONS = 32
TV_PROXY_REST = 60.0
TV_PROXY_PATIENCE = 300.0
