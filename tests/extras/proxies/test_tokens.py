"""What an exit does is not the token's fault."""

from __future__ import annotations

import ssl

import pytest

from tests.extras.proxies.crawling import crawl
from tests.support.api_server import serving


@pytest.mark.parametrize("user", ["acme-session-{session}", "alice"])
def test_a_proof_that_an_exit_lost_is_asked_again_and_costs_no_token(user, site, authority, new_gateway):
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*site)
    gateway = new_gateway()
    with serving(tls=tls) as api:
        api.planned["/users/me"] = ["reset"]
        crawled = crawl(api, gateway.url(user), authority, "/things/1", "/secret/1", "/things/2")

    asked = [path for path, _ in api.seen]
    assert asked.count("/users/me") == 2
    assert crawled["reason"] == "finished"
    assert sorted(crawled["answers"]) == ["ok", "ok", "unauthorized"]
