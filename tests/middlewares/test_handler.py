import json
import ssl
import subprocess

import pytest

from tests.middlewares.crawling import BEARER, TOKENS, crawl
from tests.support.api_server import serving

pytestmark = pytest.mark.usefixtures("warm")


def test_a_body_that_trickles_ends_by_a_deadline():
    with serving() as api:
        crawled = crawl(api.url, f"{api.url}/trickle/1", f"{api.url}/things/1", DOWNLOAD_TIMEOUT=2)

    assert crawled["answers"] == ["ok"]
    assert crawled["errors"] == ["DownloadTimeoutError"]
    assert crawled.took < 60


def test_the_token_reaches_the_api_and_stays_nowhere_else():
    with serving() as api:
        crawled = crawl(api.url, f"{api.url}/things/1")

    assert api.seen == [("/things/1", BEARER[0])]
    assert crawled["answers"] == ["ok"]


def test_no_other_origin_is_asked_and_none_sees_the_token():
    with serving(host="127.0.0.2") as stranger, serving(stranger.url) as api:
        port = api.url.rsplit(":", 1)[1]
        crawled = crawl(
            api.url,
            f"{stranger.url}/things/1",
            f"{api.url}/redirect/1",
            f"http://user:pass@127.0.0.1:{port}/things/1",
            f"http://localhost:{port}/things/1",
            f"https://127.0.0.1:{port}/things/1",
        )

    assert stranger.seen == []
    assert [path for path, _ in api.seen] == ["/redirect/1"]
    assert crawled["errors"] == ["ForeignOrigin"] * 4
    assert crawled["stats"]["tv/redirects/refused"] == 1
    assert "pass@" not in json.dumps(crawled["stats"])


def test_what_a_kept_connection_lost_is_not_sent_again_without_a_slot():
    with serving() as api:
        api.planned["/things/2"] = ["reset"]
        crawled = crawl(
            api.url, *(f"{api.url}/things/{n}" for n in (1, 2)), CONCURRENT_REQUESTS=1, TV_MAX_ATTEMPTS=1
        )

    assert [path for path, _ in api.seen] == ["/things/1", "/things/2"]
    assert crawled["stats"]["tv/quota/token-1/sent"] == 2
    assert crawled["errors"] == ["DownloadFailedError"]


def test_a_crawl_never_writes():
    methods = ("POST", "DELETE", "PUT", "PATCH", "GET")
    with serving() as api:
        crawled = crawl(
            api.url, *[f"{method} {api.url}/things/1/likes" for method in methods], f"{api.url}/things/2"
        )

    assert [path for path, _ in api.seen] == ["/things/2"]
    assert crawled["errors"] == ["WriteRefused"] * len(methods)


def test_a_refused_request_keeps_no_slot():
    with serving(host="127.0.0.2") as stranger, serving() as api:
        crawled = crawl(
            api.url,
            *[f"{stranger.url}/{n}" for n in range(5)],
            f"{api.url}/1",
            tokens=TOKENS[:1],
            TV_QUOTA="1/1h",
        )

    assert crawled["answers"] == ["ok"]
    assert crawled["stats"]["tv/quota/token-1/sent"] == 1


@pytest.mark.parametrize("behaviour", ["broken", "reset", "echo"])
def test_a_failure_shows_no_token(behaviour):
    with serving() as api:
        crawled = crawl(api.url, f"{api.url}/things/1", f"{api.url}/{behaviour}/1")

    assert len(api.seen) == 2
    assert len(crawled["answers"]) + len(crawled["errors"]) == 2


def test_a_revoked_token_is_replaced_by_the_next():
    with serving() as api:
        api.revoked.add(BEARER[0])
        crawled = crawl(api.url, *[f"{api.url}/things/{n}" for n in range(5)], CONCURRENT_REQUESTS=1)

    assert crawled["answers"] == ["ok"] * 5
    assert [token for _, token in api.seen].count(BEARER[0]) == 1
    assert crawled["stats"]["tv/quota/retired"] == 1


def test_when_every_token_is_revoked_the_crawl_ends_cleanly():
    with serving() as api:
        api.revoked.update(BEARER)
        crawled = crawl(api.url, *[f"{api.url}/things/{n}" for n in range(5)])

    assert crawled["reason"] == "no_token"
    # what was under way with each, and each put to the proof once
    assert len(api.seen) <= 12


def test_stopping_ends_downloads_under_way_at_once():
    with serving() as api:
        crawled = crawl(api.url, *[f"{api.url}/hang/{n}" for n in range(4)], STOP_AFTER=0.5)

    assert crawled["errors"] == ["CrawlStopping"] * 4
    assert crawled.took < 30  # the server would be silent for 60


def test_an_api_that_is_not_there_is_given_up_at_once():
    crawled = crawl("http://127.0.0.1:9", "http://127.0.0.1:9/things/1", TV_QUOTA="300/5m")

    assert crawled["reason"] == "unreachable"
    assert crawled["stats"]["tv/retry/refused"] == 3


def test_a_certificate_that_nobody_signed_gets_no_token(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    names = "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 {names} -keyout {key} -out {certificate}"
    subprocess.run(command.split(), check=True, capture_output=True)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)

    with serving(tls=tls) as api:
        crawled = crawl(api.url, f"{api.url}/things/1")

    assert api.seen == []
    assert crawled["reason"] == "certificate"
    assert crawled.log.count("] ERROR:") == 1
