"""Public pages of things, rendered by Splash. An extra, described in ``docs/pages.md``."""

SETTINGS = "tvspiders.extras.pages.settings"
SETTINGS_MODEL = "tvspiders.extras.pages.own_settings.PageSettings"
