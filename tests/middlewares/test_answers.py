import pytest

from middlewares.crawler import CHALLENGE, LIMITER, THING, make_request, make_response
from tvspiders.api.answers import Verdict
from tvspiders.middlewares.answers import AnswerMiddleware


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, THING, Verdict.OK),
        (200, LIMITER, Verdict.LIMITED),
        (429, b"", Verdict.LIMITED),
        (403, CHALLENGE, Verdict.BLOCKED),
        (502, b"", Verdict.BROKEN),
        (401, b'{"error":"Unauthorized"}', Verdict.UNAUTHORIZED),
    ],
)
def test_an_answer_is_classified_once_and_passes_on(status, body, verdict):
    request, response = make_request(), make_response(status, body)

    passed = AnswerMiddleware().process_response(request, response)

    assert passed is response
    assert request.meta["tv_answer"].verdict is verdict


def test_the_json_is_there_for_later_stages():
    request = make_request()

    AnswerMiddleware().process_response(request, make_response())

    assert request.meta["tv_answer"].document["name"] == "3DBenchy"


def test_a_header_is_read_in_any_spelling():
    request = make_request()

    AnswerMiddleware().process_response(request, make_response(429, b"", {"retry-after": "7"}))

    assert request.meta["tv_answer"].retry_after == 7


def test_the_answer_of_an_earlier_try_is_forgotten():
    request = make_request(tv_answer="old")

    AnswerMiddleware().process_request(request)

    assert "tv_answer" not in request.meta
