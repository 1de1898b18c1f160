"""Check Splash before pages are rendered."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from tvspiders.checks.final_settings import check_origin
from tvspiders.errors import ConfigProblem, ForeignOrigin
from tvspiders.policies.security.origin import Origin


def check_splash(settings: BaseSettings, timeout: float = 2.0) -> None:
    """Raises ``ConfigProblem`` unless ``SPLASH_URL`` names a Splash that may be used and can be reached.

    ``http://`` is for this computer; elsewhere it needs ``TV_SPLASH_HTTP``, since
    others on the way could change what is stored. No request is sent.
    """
    from tvspiders.extras.pages.splash_shim import load_splash

    url = str(settings["SPLASH_URL"] or "")
    if not url:
        raise ConfigProblem(
            "pages are rendered by Splash: set SPLASH_URL, for example to http://127.0.0.1:8050 "
            "(docs/pages.md says how to run one)"
        )
    try:
        origin = Origin.parse(url)
    except ForeignOrigin:
        raise ConfigProblem(
            "SPLASH_URL must be a web address without a user name, like http://127.0.0.1:8050"
        ) from None
    if urlsplit(url).path.strip("/") or urlsplit(url).query:
        raise ConfigProblem("SPLASH_URL must name a server only, like http://127.0.0.1:8050")
    if origin.scheme == "http" and not origin.is_loopback and not settings.getbool("TV_SPLASH_HTTP"):
        raise ConfigProblem(
            f"SPLASH_URL: {origin} is not encrypted and not this computer; "
            "-s TV_SPLASH_HTTP=True accepts it all the same"
        )
    proxied = any(os.environ.get(name) for name in ("THINGIVERSE_PROXY", "THINGIVERSE_PROXY_FILE"))
    if proxied and settings["TV_PROXY_MODE"] != "off":
        raise ConfigProblem(
            "Splash does not use THINGIVERSE_PROXY: pages would show its own address; "
            "-s TV_PROXY_MODE=off says that this is meant"
        )
    check_origin("THINGIVERSE_WWW_URL", str(settings["THINGIVERSE_WWW_URL"]))
    for name in ("THINGIVERSE_API_URL", "THINGIVERSE_WWW_URL"):
        if Origin.parse(str(settings[name])) == origin:
            raise ConfigProblem(f"SPLASH_URL and {name} are the same address; Splash is a server of its own")
    load_splash()
    try:
        socket.create_connection((origin.host, origin.port), timeout=timeout).close()
    except TimeoutError:
        pass  # a slow network is not judged here
    except OSError as error:
        raise ConfigProblem(
            f"Splash at {origin} cannot be reached ({error.strerror}); is it running?"
        ) from None
