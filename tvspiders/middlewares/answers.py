"""Read each answer once, before anything else looks at it."""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Headers, Response

from tvspiders.api import answers
from tvspiders.policies.redaction import mask_answer

ANSWER = "tv_answer"
"""Key in ``request.meta``: the :class:`~tvspiders.api.answers.Answer` of this one response, never stored."""
READ = ("CF-Mitigated", "X-Error", "Retry-After", "Date")
"""Headers that say what an answer is."""
SCRUBBED = "tv_scrubbed"
"""In ``response.flags`` of an answer that held a secret."""


class AnswerMiddleware:
    """Attach what an answer *is* (and its JSON) to ``request.meta["tv_answer"]``.

    An answer that echoes a secret is masked first, headers and body, and flagged ``tv_scrubbed``: some
    error pages show what they were sent.
    Below ``HttpCompressionMiddleware``, so that the body is decoded, and above
    everything that decides by the verdict.
    """

    def process_request(self, request: Request) -> None:
        """Forget the answer of an earlier try."""
        request.meta.pop(ANSWER, None)

    def process_response(self, request: Request, response: Response) -> Response:
        """Classify; the response passes on, without any secret that it echoes."""
        response = masked_response(response)
        request.meta[ANSWER] = answers.read(response.status, _headers(response), response.body)
        return response


def masked_response(response: Response) -> Response:
    """The response without any secret, flagged ``tv_scrubbed`` where it held one; else the very same."""
    given = [(_text(name), _text(value)) for name, values in response.headers.items() for value in values]
    headers, body = mask_answer(given, response.body)
    if headers == given and body is response.body:
        return response
    kept = Headers(encoding="latin-1")
    for name, value in headers:
        kept.appendlist(name, value)
    return response.replace(headers=kept, body=body, flags=[*response.flags, SCRUBBED])


def _text(value: bytes) -> str:
    return value.decode("latin-1")


def _headers(response: Response) -> dict[str, str]:
    found = {name: response.headers.get(name) for name in READ}
    return {name: value.decode("latin-1") for name, value in found.items() if value is not None}
