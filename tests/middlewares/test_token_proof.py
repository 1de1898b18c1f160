import pytest

from middlewares.api_server import serving
from middlewares.test_handler import BEARER, TOKENS, crawl


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
