import asyncio

import pytest
from scrapy import Request
from scrapy.http import Response

from tests.middlewares.crawling import BEARER, TOKENS, crawl
from tests.support.api_server import serving
from tests.support.crawler import API, make_request
from tvspiders.api.answers import Answer, Verdict
from tvspiders.middlewares.quota import quota_of
from tvspiders.middlewares.token_verifier import TokenVerifier
from tvspiders.policies.backoff import Backoff


def asked(api, path):
    return [authorization for seen, authorization in api.seen if seen == path]


@pytest.mark.parametrize("number", [1, 2])
def test_a_request_that_no_token_may_ask_costs_no_token(number):
    with serving() as api:
        urls = [f"{api.url}/secret/1", *(f"{api.url}/things/{n}" for n in range(5))]
        crawled = crawl(api.url, *urls, tokens=TOKENS[:number], CONCURRENT_REQUESTS=1)

    assert crawled["reason"] == "finished"
    assert sorted(crawled["answers"]) == ["ok"] * 5 + ["unauthorized"]
    assert len(asked(api, "/secret/1")) == number
    assert len(asked(api, "/users/me")) == 1
    assert crawled["stats"]["tv/quota/restored"] == number
    assert crawled["stats"]["tv/retry/given_up/unauthorized"] == 1


def test_several_such_requests_at_once_are_told_from_a_dead_token():
    with serving() as api:
        urls = [*(f"{api.url}/secret/{n}" for n in range(4)), f"{api.url}/things/1"]
        crawled = crawl(api.url, *urls, tokens=TOKENS[:1])

    assert crawled["reason"] == "finished"
    assert sorted(crawled["answers"]) == ["ok"] + ["unauthorized"] * 4


def test_a_dead_token_among_good_ones_is_not_asked_again():
    with serving() as api:
        api.revoked.add(BEARER[0])
        crawled = crawl(api.url, *(f"{api.url}/things/{n}" for n in range(9)), CONCURRENT_REQUESTS=1)

    assert crawled["answers"] == ["ok"] * 9
    assert asked(api, "/users/me") == []
    assert sum(authorization == BEARER[0] for _, authorization in api.seen) == 1


def test_the_last_token_is_put_to_the_proof_once_before_the_crawl_gives_up():
    with serving() as api:
        api.revoked |= set(BEARER)
        crawled = crawl(api.url, f"{api.url}/things/1", CONCURRENT_REQUESTS=1)

    assert crawled["reason"] == "no_token"
    assert crawled["answers"] == []
    assert sorted(asked(api, "/users/me")) == sorted(BEARER)


def test_a_token_in_doubt_is_asked_before_the_crawl_gives_up():
    with serving() as api:
        first, second = f"{api.url}/secret/1", f"{api.url}/things/1"
        api.revoked.add(BEARER[1])
        crawled = crawl(api.url, first, second, CONCURRENT_REQUESTS=1)

    assert crawled["reason"] == "finished"
    assert sorted(crawled["answers"]) == ["ok", "unauthorized"]


@pytest.mark.parametrize("failure", ["broken", "reset", "challenge", "hang"])
def test_a_proof_that_fails_is_no_proof_and_is_made_again(failure):
    waits = {"TV_RETRY_BASE": 0.05, "TV_BLOCK_PAUSE": 0.05, "DOWNLOAD_TIMEOUT": 2}
    with serving() as api:
        api.planned["/users/me"] = [failure]
        urls = [f"{api.url}/secret/1", *(f"{api.url}/things/{n}" for n in range(5))]
        crawled = crawl(api.url, *urls, tokens=TOKENS[:1], CONCURRENT_REQUESTS=1, TV_MAX_ATTEMPTS=3, **waits)

    assert crawled["reason"] == "finished"
    assert sorted(crawled["answers"]) == ["ok"] * 5 + ["unauthorized"]
    assert len(asked(api, "/users/me")) == 2


def test_a_crawl_whose_tokens_cannot_be_proven_ends_and_calls_none_of_them_dead():
    with serving() as api:
        api.planned["/users/me"] = ["broken"] * 50
        urls = [f"{api.url}/secret/{n}" for n in range(8)]
        crawled = crawl(api.url, *urls, tokens=TOKENS[:1], TV_MAX_ATTEMPTS=3, TV_RETRY_BASE=0.05)

    assert crawled["reason"] == "unproven"
    assert crawled["answers"] == []
    assert len(asked(api, "/users/me")) == 3
    assert crawled.log.count("] ERROR:") == 1


def test_waiting_for_a_proof_never_holds_up_the_end():
    with serving() as api:
        api.planned["/users/me"] = ["broken"] * 50
        crawled = crawl(api.url, f"{api.url}/secret/1", tokens=TOKENS[:1], TV_RETRY_BASE=300, STOP_AFTER=1)

    assert len(asked(api, "/users/me")) == 1
    assert crawled.took < 60  # the next proof would come after 150 seconds


def test_a_token_whose_proof_failed_is_proven_while_others_are_answered(crawler, monkeypatch):
    monkeypatch.setenv("THINGIVERSE_TOKEN", " ".join([*TOKENS, "tok-third-3333"]))
    made, verdicts = crawler(), [Verdict.BROKEN, Verdict.OK]

    async def download(request):
        request.meta["tv_answer"] = Answer(verdicts.pop(0), 0)
        return Response(request.url, request=request)

    async def case():
        made.engine.download_async = download
        proof, pool = TokenVerifier(made, Backoff(0.0, 0.0)), quota_of(made).pool
        for _ in range(2):
            grant = await pool.acquire()
            pool.depart(grant)
            pool.retire(grant)
            assert not await proof.blames_request(make_request(tv_token=grant.label))
        before = [token.label for token in pool.live()]
        proof.note_answer(Request(f"{API}/things/2"))
        async with asyncio.timeout(60):
            while len(pool.live()) == 1:
                await asyncio.sleep(0)
        after = [token.label for token in pool.live()]
        await pool.close()
        return before, after

    assert asyncio.run(case()) == (["token-3"], ["token-2", "token-3"])
