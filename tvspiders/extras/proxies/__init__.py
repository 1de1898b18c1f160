"""A crawl through proxies: a gateway with sessions, or a list. An extra, described in ``docs/proxies.md``."""

_MIDDLEWARE = "tvspiders.extras.proxies.middleware.ProxyMiddleware"

DOWNLOADER_MIDDLEWARES = {_MIDDLEWARE: 560}
REQUIRED_COMPONENTS = (("DOWNLOADER_MIDDLEWARES", _MIDDLEWARE, "looks after proxies"),)
SETTINGS = "tvspiders.extras.proxies.settings"
SETTINGS_MODEL = "tvspiders.extras.proxies.own_settings.ProxySettings"
