"""Ban policy: which responses and errors count against a proxy, for gateways and lists."""

from __future__ import annotations

from rotating_proxies.policy import BanDetectionPolicy
from scrapy import Request
from scrapy.http import Response

from tvspiders import meta
from tvspiders.api.answers import Verdict
from tvspiders.middlewares.network import failure_name

FROM_PROXY = (407, 502, 503, 504)
"""Statuses that a proxy may send itself, where it sees the request; through a tunnel they are the API's."""


class ProxyBanPolicy(BanDetectionPolicy):  # type: ignore[misc]
    """scrapy-rotating-proxies' policy, for an API where 401, 404 and 429 are normal responses.

    The library takes every status but 200, 301 and 302 for a ban, a 429
    included: one used-up quota would put all proxies on cooldown.
    """

    def response_is_ban(self, request: Request, response: Response) -> bool:
        """Whether the proxy caused this response, not the API, the token or the subject."""
        return bool(self.reason_of_response(request, response))

    def exception_is_ban(self, request: Request, exception: Exception) -> bool:
        """Whether the network between us and the API failed."""
        return bool(self.reason_of_exception(exception))

    def reason_of_response(self, request: Request, response: Response) -> str | None:
        """Short name of the ban: ``blocked`` or ``status-N``; ``None`` when there is none."""
        answer = meta.answer(request)
        if answer is None:
            return None
        if request.url.startswith("http:") and response.status in FROM_PROXY and answer.document is None:
            return f"status-{response.status}"
        return "blocked" if answer.verdict is Verdict.BLOCKED else None

    def reason_of_exception(self, exception: Exception) -> str | None:
        """Short name of the failure: ``timeout``, ``refused``, ``tunnel-502``, ``certificate`` …"""
        return failure_name(exception)
