"""Check that the API, or a proxy to it, can be reached, without sending a request."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from tvspiders.errors import ConfigProblem
from tvspiders.middlewares.proxies import configured_proxies

MAX_PROXIES = 50
"""Proxies of a list that are tried before a crawl."""


def check_proxy(settings: BaseSettings, from_command_line: list[str]) -> None:
    """Raises ``ConfigProblem`` for a proxy that cannot be used: going direct instead would be a surprise."""
    if configured_proxies(settings) is not None:
        return
    given = {assignment.partition("=")[0] for assignment in from_command_line}
    if "TV_PROXY_MODE" in given and settings["TV_PROXY_MODE"] != "off":
        raise ConfigProblem(
            f"TV_PROXY_MODE={settings['TV_PROXY_MODE']} needs a proxy; set it in THINGIVERSE_PROXY"
        )


def check_reachable(settings: BaseSettings, timeout: float = 1.0) -> None:
    """Raises ``ConfigProblem`` when nothing listens at the API's address; a slow network is accepted.

    With proxies it is they that must be reached, at least one. Only connections
    are opened: no request is sent, none of the quota is used.
    """
    proxies = configured_proxies(settings)
    if proxies is None:
        parts = urlsplit(str(settings["THINGIVERSE_API_URL"]))
        places = [(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))]
    elif settings["TV_PROXY_FALLBACK"] == "direct":
        return
    else:
        places = [(address.host, address.port) for address in proxies.endpoints[:MAX_PROXIES]]
    problems = _connect(places, timeout)
    if len(problems) < len(places):
        return
    name = "THINGIVERSE_API_URL" if proxies is None else "THINGIVERSE_PROXY"
    what = (
        "the API" if proxies is None else "the proxy" if len(places) == 1 else "every proxy, such as the one"
    )
    raise ConfigProblem(
        f"{what} at {places[0][0]}:{places[0][1]} cannot be reached ({problems[0].strerror}); "
        f"check the network and {name}"
    )


def _connect(places: Sequence[tuple[str, int]], timeout: float) -> list[OSError]:
    """Try all at once; returns why some did not accept the connection."""
    problems: list[OSError] = []

    def connect(place: tuple[str, int]) -> None:
        try:
            socket.create_connection(place, timeout=timeout).close()
        except TimeoutError:
            pass
        except OSError as error:
            problems.append(error)

    threads = [threading.Thread(target=connect, args=(place,), daemon=True) for place in places]
    end = time.monotonic() + timeout
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return problems
