"""Single requests outside a crawl: no redirects, no cookies, no proxies, certificates verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from tvspiders.errors import NoReply, NotSent
from tvspiders.policies.security.redaction import mask_answer

TIMEOUT = 20.0
"""Seconds from the first step to the last byte of the answer."""
CONNECT_TIMEOUT = 10.0
"""Seconds of them until the connection stands."""
LARGEST = 32 * 1024 * 1024
"""Bytes of one answer at most; the rest is not read."""


@dataclass(frozen=True)
class WebReply:
    """An answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def send(
    method: str,
    url: str,
    headers: Mapping[str, str],
    form: Mapping[str, str] | None = None,
    *,
    what: str,
    timeout: float = TIMEOUT,
    largest: int = LARGEST,
    is_secret: bool = False,
) -> WebReply:
    """Send one request; ``what`` names the other side and the setting to check, for a person.

    Secrets are taken out of the answer, but for one that ``is_secret`` itself: a site may give the token
    that we have already, and nothing of such an answer may be shown as it is.

    Raises:
        NotSent: when there was no connection, so that certainly nothing happened.
        NoReply: when the request left and no whole answer came.

    """
    limits = aiohttp.ClientTimeout(total=timeout, connect=min(CONNECT_TIMEOUT, timeout))
    sent = {"Accept-Encoding": "identity", **headers}
    try:
        async with (
            aiohttp.ClientSession(timeout=limits, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(method, url, headers=sent, data=form, allow_redirects=False) as response,
        ):
            body = bytearray()
            while len(body) < largest and (part := await response.content.read(largest - len(body))):
                body += part
            found, kept = list(response.headers.items()), bytes(body)
            if not is_secret:
                found, kept = mask_answer(found, kept)
            return WebReply(response.status, dict(found), kept)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
        raise NotSent(_line(url, what, "cannot be reached", error)) from None
    except (aiohttp.ClientError, OSError) as error:
        raise NoReply(_line(url, what, "did not answer", error)) from None


def _line(url: str, what: str, said: str, error: Exception) -> str:
    """One line without the address's path and query, and without what the library says."""
    name, _, setting = what.partition("/")
    return (
        f"{name} at {urlsplit(url).hostname} {said} ({type(error).__name__}); check the network and {setting}"
    )
