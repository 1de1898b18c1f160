"""Read each answer once, before anything else looks at it."""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Response

from tvspiders.api import answers
from tvspiders.policies.redaction import scrub

ANSWER = "tv_answer"
"""Key in ``request.meta``: the :class:`~tvspiders.api.answers.Answer` of this one response, never stored."""
READ = ("CF-Mitigated", "X-Error", "Retry-After", "Date")
"""Headers that say what an answer is."""
SCRUBBED = "tv_scrubbed"
"""In ``response.flags`` of a body that held a token."""


class AnswerMiddleware:
    """Attach what an answer *is* (and its JSON) to ``request.meta["tv_answer"]``.

    A body that echoes a token is masked first, and flagged ``tv_scrubbed``: some
    error pages show what they were sent.
    Below ``HttpCompressionMiddleware``, so that the body is decoded, and above
    everything that decides by the verdict.
    """

    def process_request(self, request: Request) -> None:
        """Forget the answer of an earlier try."""
        request.meta.pop(ANSWER, None)

    def process_response(self, request: Request, response: Response) -> Response:
        """Classify; the response passes on, without any token that its body echoes."""
        body = scrub(response.body)
        if body != response.body:
            response = response.replace(body=body, flags=[*response.flags, SCRUBBED])
        request.meta[ANSWER] = answers.read(response.status, _headers(response), response.body)
        return response


def _headers(response: Response) -> dict[str, str]:
    found = {name: response.headers.get(name) for name in READ}
    return {name: value.decode("latin-1") for name, value in found.items() if value is not None}
