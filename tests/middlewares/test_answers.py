import asyncio
import gc
import json

import pytest

from tests.support.crawler import CHALLENGE, LIMITER, THING, FakeCrawler, make_request, make_response
from tests.support.secret_forms import leaks, spellings
from tvspiders.api.answers import Verdict
from tvspiders.middlewares.answers import IN_FLIGHT, LARGE, AnswerMiddleware
from tvspiders.policies.security.redaction import install_redaction

SECRET = "3f7a9c0e/1b2d4f6a+8c0e2b4d6f8a0c1e"


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


@pytest.mark.parametrize("name", spellings(SECRET))
def test_a_secret_is_taken_out_of_headers_body_and_decoded_texts(name):
    install_redaction([SECRET])
    said = spellings(SECRET)[name]
    body = f'{{"id": 763622, "name": "{said}", "error": "x {said}"}}'.encode()
    headers = {"X-Error": said, "Link": f"<https://h/?access_token={said}>; rel=next", said[:20]: said}
    request = make_request()

    passed = AnswerMiddleware().process_response(request, make_response(404, body, headers))

    answer = request.meta["tv_answer"]
    for left in (passed.body, passed.headers.to_string(), repr(answer).encode(), json.dumps(answer.document)):
        assert leaks(SECRET, left.encode() if isinstance(left, str) else left) == []
    assert "tv_scrubbed" in passed.flags
    assert "[secret]" in answer.document["name"]


def test_an_error_that_is_told_in_a_header_is_masked():
    install_redaction([SECRET])
    request = make_request()

    AnswerMiddleware().process_response(request, make_response(404, b"{}", {"X-Error": f"no {SECRET}"}))

    assert request.meta["tv_answer"].message == "no [secret]"


def test_a_large_document_is_decoded_when_the_one_before_is_done_with():
    body = b"[" + b"{}," * (LARGE // 200) + b"1]"
    middleware, first, second = AnswerMiddleware(), make_request(), make_request()

    async def both() -> list[bool]:
        await middleware.process_response(first, make_response(body=body))
        waiting = asyncio.ensure_future(middleware.process_response(second, make_response(body=body)))
        await asyncio.sleep(0.05)
        before = "tv_answer" in second.meta
        small = make_request()
        middleware.process_response(small, make_response())
        del first.meta["tv_answer"]
        gc.collect()
        await asyncio.wait_for(waiting, 60)
        return [before, "tv_answer" in small.meta, "tv_answer" in second.meta]

    assert asyncio.run(both()) == [False, True, True]


@pytest.mark.parametrize(
    ("concurrent", "maxsize", "expected"),
    [
        (16, IN_FLIGHT // 16, None),
        (64, IN_FLIGHT // 16, IN_FLIGHT // 64),
        (16, 0, IN_FLIGHT // 16),
        (4, 1000, None),
    ],
)
def test_many_requests_at_once_may_bring_less_each(concurrent, maxsize, expected):
    crawler, request = FakeCrawler(CONCURRENT_REQUESTS=concurrent, DOWNLOAD_MAXSIZE=maxsize), make_request()

    AnswerMiddleware.from_crawler(crawler).process_request(request)

    assert request.meta.get("download_maxsize") == expected
