"""Read each answer once, before anything else looks at it."""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Response

from tvspiders.api import answers

ANSWER = "tv_answer"
"""Key in ``request.meta``: the :class:`~tvspiders.api.answers.Answer` of this one response, never stored."""


class AnswerMiddleware:
    """Attach what an answer *is* (and its JSON) to ``request.meta["tv_answer"]``.

    Below ``HttpCompressionMiddleware``, so that the body is decoded, and above
    everything that decides by the verdict.
    """

    def process_request(self, request: Request) -> None:
        """Forget the answer of an earlier try."""
        request.meta.pop(ANSWER, None)

    def process_response(self, request: Request, response: Response) -> Response:
        """Classify; the response itself passes on unchanged."""
        headers = {str(name): str(value) for name, value in response.headers.to_unicode_dict().items()}
        request.meta[ANSWER] = answers.read(response.status, headers, response.body)
        return response
