"""Credentials go where they belong, and stay nowhere."""

from __future__ import annotations

import base64
import signal
import sqlite3
import ssl
from urllib.parse import quote, quote_plus

import psutil
import pytest

from tests.extras.proxies.crawling import crawl
from tests.support.api_server import serving
from tests.support.crawling import TOKEN, until
from tests.support.running_gateway import PASSWORD
from tvspiders.storage.answer_codec import unpack

USER = "acme+robots@example"
QUOTED = quote(USER, safe="")
SHARES = dict.fromkeys(("dead", "silent", "page", "reset", "mute", "closed", "echo"), 0.06)
FAST = {
    "DOWNLOAD_TIMEOUT": 1,
    "TV_PROXY_REST": 0.2,
    "TV_RETRY_BASE": 0.01,
    "TV_BLOCK_PAUSE": 0.1,
}


def forms(*secrets):
    """Each raw, percent-encoded and in base64, at each of the three places it can begin there."""
    for secret in secrets:
        yield from {secret, quote(secret, safe=""), quote_plus(secret), quote(secret)}
        for shift in range(3):
            whole = base64.b64encode(b"x" * shift + secret.encode()).decode()
            yield whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]


def secrets_of(users):
    return [*forms(PASSWORD), *forms(*users), *forms(*(f"{user}:{PASSWORD}" for user in users))]


def left_behind(place):
    """All that the crawls have written, and the stored answers unpacked."""
    for path in place.folder.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
    connection = sqlite3.connect(place.folder / "x.db")
    for codec, body in connection.execute("SELECT codec, body FROM answers WHERE body IS NOT NULL"):
        yield "an answer", unpack(codec, body)
    connection.close()


@pytest.mark.parametrize(
    ("templates", "names"),
    [([f"{QUOTED}-country-{{country}}-session-{{session}}"], []), ([f"{QUOTED}-1", f"{QUOTED}-2"], [1, 2])],
)
def test_nothing_of_a_proxy_is_left_behind(templates, names, sandbox, new_gateway, new_place):
    gateway = new_gateway(shares=SHARES) if not names else new_gateway(faults={f"{USER}-2": "echo"})
    place = new_place(" ".join(gateway.url(template) for template in templates))
    country = {"TV_PROXY_COUNTRY": "us,de"} if not names else {}
    sandbox.front.faults.set("html", 0.05)
    sandbox.front.faults.set("500", 0.05)
    settings = {"LOG_LEVEL": "DEBUG", **FAST, **country}
    # In an interpreter of its own, whose command line is its own.
    sandbox.hold(after=20)
    run = place.crawl(pages=6, prefix=("env",), **settings)
    until(lambda: sandbox.waiting)
    command = " ".join(psutil.Process(run.pid).cmdline())
    gateway.set(all="echo")
    run.signal(signal.SIGTERM)
    sandbox.release()
    run.wait()
    given_up = place.crawl(pages=6, TV_PROXY_PATIENCE=1, **settings)
    assert given_up.wait() == 1
    sandbox.front.faults.set("html", 0)
    sandbox.front.faults.set("500", 0)
    check = place.scrapy("proxy")
    check.wait()

    users = [entry["user"] for entry in gateway.seen]
    looked_for = secrets_of([USER, *(f"{USER}-{name}" for name in names), *(users[:20] if not names else [])])
    written = [(".", command.encode()), *left_behind(place)]
    assert gateway.outcomes()["echo"] > 3
    assert "it was the proxies" in given_up.line
    assert any(name.startswith("run-") and b"DEBUG" in data for name, data in written)
    assert [
        (name, form)
        for name, data in written
        for form in looked_for
        if len(form) >= 4 and form.encode() in data
    ] == []


def test_each_credential_reaches_only_whom_it_is_for(site, authority, new_gateway):
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*site)
    gateways = [new_gateway(password=f"only-for-{number}", shares={"reset": 0.0}) for number in range(3)]
    gateways[2].set(all="dead")
    proxy = " ".join(gateway.url("acme", f"only-for-{number}") for number, gateway in enumerate(gateways))
    kinds = [*["things"] * 12, "redirect", "broken", "echo"]
    paths = [f"/{name}/{n}" for n, name in enumerate(kinds * 4)]
    with serving(host="127.0.0.1") as stranger, serving(stranger.url, tls=tls) as api:
        crawled = crawl(api, proxy, authority, *paths, "/reset/1")

    tunnels = [(number, entry) for number, gateway in enumerate(gateways) for entry in gateway.seen]
    assert {number for number, _ in tunnels} == {0, 1, 2}
    assert {header["Authorization"] for header in api.headers} == {f"Bearer {TOKEN}"}
    assert not [header for header in api.headers if "Proxy-Authorization" in header]
    assert stranger.seen == []
    for number, entry in tunnels:
        secret = base64.b64encode(f"acme:only-for-{number}".encode()).decode()
        assert entry["method"] == "CONNECT"
        assert entry["headers"]["proxy-authorization"] == f"Basic {secret}"
        assert "authorization" not in entry["headers"]
        assert entry["clear"] == ""
    assert crawled["leaks"] == 0
    assert crawled["stats"]["tv/retry/proxy"] > 0
