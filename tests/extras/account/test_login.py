"""``scrapy login`` and ``scrapy logout`` as a person with a browser meets them."""

from __future__ import annotations

import os
import re
import signal
import stat
import time
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.extras.account.signing_in import CLIENT, SECRET, SigningIn, app_environment, visit
from tests.support.browser import CHROMIUM, chromium
from tests.support.crawling import PATIENCE, until
from tests.support.shell import ROOT

TOKEN_LINE = re.compile(r"([0-9a-f]{32})  # by scrapy login: (.+ \(user \d+\)), app 4322, \d{4}-\d\d-\d\d\n")


@pytest.fixture
def login(shell):
    """Starts sign-ins; none outlives the test, and the sandbox is as it was."""
    started = []

    def start(*options, **more):
        started.append(SigningIn(shell, *options, **more))
        return started[-1]

    shell.sandbox.front.sign_in.oddities = set()
    yield start
    shell.sandbox.front.sign_in.oddities = set()
    for each in started:
        each.clear()


@pytest.fixture
def tokens(shell):
    return shell.folder / "tokens"


def logs(ended, shell):
    """All that was said or kept, but the token file itself."""
    kept = [path.read_bytes() for path in shell.folder.rglob("*") if path.is_file() and path.name != "tokens"]
    return (ended.out + ended.err).encode() + b"".join(kept)


def loud(shell):
    """An environment in which every library writes down all that it ever would."""
    (shell.folder / "sitecustomize.py").write_text(
        "import logging; logging.basicConfig(level=1, filename='everything.log')"
    )
    return {"PYTHONPATH": f"{shell.folder}{os.pathsep}{ROOT}", "PYTHONASYNCIODEBUG": "1"}


def see(page, condition):
    """Wait for it, across the pages that come and go meanwhile."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(RuntimeError):  # the page that was asked is gone
            if page.run(condition):
                return
        time.sleep(0.05)
    raise AssertionError(f"never seen: {condition}; problems: {page.problems}")


def test_a_code_becomes_a_token_in_a_private_file(shell, login, tokens):
    signing_in = login("-L", "DEBUG", "--logfile", "log", alone=True, **loud(shell))
    back = signing_in.decide()
    status, page, _ = visit(back)
    ended = signing_in.end()

    assert (ended.code, ended.err) == (0, "")
    assert (shell.folder / "everything.log").stat().st_size > 0
    assert (status, "has arrived" in page) == (200, True)
    token, account = TOKEN_LINE.fullmatch(tokens.read_text()).groups()
    assert stat.S_IMODE(tokens.stat().st_mode) == 0o600
    assert f"Signed in as {account}." in ended.out
    code = parse_qs(urlsplit(back).query)["code"][0]
    for secret in (SECRET, code, token):
        assert secret.encode() not in logs(ended, shell)
    targets = [f"{entry.method} {entry.target}" for entry in shell.sandbox.journal]
    assert [target.partition("?")[0] for target in targets] == [
        "POST /login/oauth/authorize",
        "POST /login/oauth/access_token",
        "POST /login/oauth/tokeninfo",
        "GET /users/me",
    ]
    assert not [target for target in targets if SECRET in target or code in target or token in target]


def test_the_address_is_printed_whole_on_one_line_and_holds_no_secret(login):
    signing_in = login("--timeout", "1", COLUMNS="20")

    asked = parse_qs(urlsplit(signing_in.address).query)
    assert asked["client_id"] == [CLIENT]
    assert asked["response_type"] == ["code"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/callback/[\w-]{32}", asked["redirect_uri"][0])
    assert re.fullmatch(r"[\w-]{43}", asked["state"][0])
    assert SECRET not in signing_in.address


def test_the_address_is_opened_in_the_browser_as_well(shell, login):
    script = shell.folder / "browser"
    script.write_text('#!/bin/sh\nprintf %s "$1" > opened.part && mv opened.part opened\n')
    script.chmod(0o700)

    signing_in = login("--timeout", "3", browser=True, BROWSER=str(script))

    until((shell.folder / "opened").exists)
    assert (shell.folder / "opened").read_text() == signing_in.address


def test_the_new_token_is_used_by_the_other_commands(shell, login, tokens):
    signing_in = login()
    visit(signing_in.decide())
    signing_in.end()

    ended = shell("token", **app_environment(shell))

    assert ended.code == 0
    assert "own account" in ended.out


def test_signing_in_again_takes_the_place_of_the_first_time_and_of_nothing_else(shell, login, tokens):
    tokens.write_text("# mine\nanother-token-of-nobody\n")
    for again in (False, True):
        signing_in = login()
        visit(signing_in.decide())
        ended = signing_in.end()
        assert ended.code == 0
        assert ("in the place of an earlier one" in ended.out) is again

    assert tokens.read_text().startswith("# mine\nanother-token-of-nobody\n")
    assert len(TOKEN_LINE.findall(tokens.read_text())) == 1
    assert stat.S_IMODE(tokens.stat().st_mode) == 0o600


@pytest.mark.parametrize("oddity", ["drop-state", "number"])
def test_what_the_site_may_do_differently_does_no_harm(shell, login, tokens, oddity):
    shell.sandbox.front.sign_in.oddities = {oddity}
    signing_in = login()
    visit(signing_in.decide())

    assert signing_in.end().code == 0
    assert TOKEN_LINE.fullmatch(tokens.read_text())


@pytest.mark.parametrize(
    ("oddity", "said"),
    [
        ("wrong-state", "belongs to another sign-in"),
        ("expired", "the code was not exchanged (The code has expired)"),
        ("foreign", "the token was made for another app"),
        ("challenge", "bot challenge"),
    ],
)
def test_what_cannot_be_trusted_ends_in_one_line_and_writes_nothing(shell, login, tokens, oddity, said):
    shell.sandbox.front.sign_in.oddities = {oddity}
    exchanged = oddity in ("expired", "foreign")
    signing_in = login(alone=exchanged, **(loud(shell) if exchanged else {}))
    back = signing_in.decide()
    visit(back)

    ended = signing_in.end()

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert said in ended.err
    assert not tokens.exists()
    for secret in (SECRET, parse_qs(urlsplit(back).query)["code"][0], *shell.sandbox.front.sign_in.issued):
        assert secret.encode() not in logs(ended, shell)


@pytest.mark.parametrize("implicit", [False, True])
def test_a_refusal_of_the_user_is_told(shell, login, tokens, implicit):
    signing_in = login(*(["--implicit"] if implicit else []), alone=implicit)
    back = signing_in.decide("deny")
    if implicit:
        signing_in.type(back)
    else:
        visit(back)

    ended = signing_in.end()

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "access was declined" in ended.err
    assert not tokens.exists()


def test_a_wrong_secret_is_told_without_naming_it(login, tokens):
    signing_in = login(THINGIVERSE_CLIENT_SECRET="not-the-secret")
    visit(signing_in.decide())

    ended = signing_in.end()

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "Client ID or secret is wrong" in ended.err
    assert "not-the-secret" not in ended.out + ended.err
    assert not tokens.exists()


def test_nobody_answers(login, tokens):
    ended = login("--timeout", "1").end()

    assert (ended.code, ended.err) == (
        1,
        "tvspiders: no answer within 1 seconds; nothing was written\n",
    )
    assert not tokens.exists()


def test_a_site_that_never_answers_is_given_up(shell, login, tokens):
    # the client's patience is 20 seconds; a site that is not there at all is told the same way, sooner
    signing_in = login(THINGIVERSE_WWW_URL="http://127.0.0.1:1")
    asked = parse_qs(urlsplit(signing_in.address).query)
    visit(f"{asked['redirect_uri'][0]}?code=abcdef&state={asked['state'][0]}")

    ended = signing_in.end()

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "the site at 127.0.0.1 cannot be reached" in ended.err
    assert not tokens.exists()


def test_interrupted_it_writes_nothing(login, tokens):
    signing_in = login(alone=True)
    signing_in.signal(signal.SIGINT)

    ended = signing_in.end()

    assert (ended.code, ended.err) == (4, "tvspiders: interrupted; nothing was written\n")
    assert not tokens.exists()


@pytest.mark.parametrize("options", [(), ("--implicit",)])
def test_the_address_may_be_pasted_where_the_browser_is_elsewhere(login, tokens, options):
    signing_in = login(*options, alone=True)
    back = signing_in.decide()
    signing_in.type("what do I do now?")
    signing_in.type(f"  {back}")

    ended = signing_in.end()

    assert ended.code == 0
    assert "not the address that the browser ended at" in ended.out
    assert TOKEN_LINE.fullmatch(tokens.read_text())


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize(
    ("options", "oddities"),
    [
        ((), set()),
        pytest.param(("--implicit",), set(), marks=pytest.mark.long),
        (("--implicit",), {"drop-state"}),
    ],
)
def test_in_a_real_browser(shell, login, tokens, tmp_path_factory, options, oddities):
    shell.sandbox.front.sign_in.oddities = oddities
    environment = {"THINGIVERSE_CLIENT_SECRET": None} if options else {}
    signing_in = login(*options, **environment)
    with chromium(tmp_path_factory.mktemp("browser") / "profile") as page:
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.call("Page.navigate", url=signing_in.address)
        see(page, "document.readyState === 'complete' && document.getElementById('allow') !== null")
        assert CLIENT in page.run("document.body.textContent")
        page.run("document.getElementById('allow').click()")
        see(page, "document.getElementById('said')?.textContent.includes('has arrived')")
        address = page.run("location.href")
        ended = signing_in.end()

    assert (ended.code, ended.err) == (0, "")
    token, _ = TOKEN_LINE.fullmatch(tokens.read_text()).groups()
    if options:
        assert "#" not in address
        assert token not in address
    assert not [url for url in page.requested if token in url.partition("#")[0]]
    assert [problem for problem in page.problems if "Failed to load resource" not in problem] == []


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_no_in_a_real_browser(login, tokens, tmp_path_factory):
    signing_in = login("--implicit")
    with chromium(tmp_path_factory.mktemp("browser") / "profile") as page:
        page.call("Page.navigate", url=signing_in.address)
        see(page, "document.readyState === 'complete' && document.getElementById('deny') !== null")
        page.run("document.getElementById('deny').click()")
        see(page, "document.getElementById('said')?.textContent.includes('was not taken')")
        ended = signing_in.end()

    assert ended.code == 1
    assert "access was declined" in ended.err
    assert not tokens.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"THINGIVERSE_CLIENT_ID": None}, "THINGIVERSE_CLIENT_ID is not set"),
        ({"THINGIVERSE_CLIENT_SECRET": ""}, "THINGIVERSE_CLIENT_SECRET is not set"),
        (
            {"THINGIVERSE_CLIENT_ID": None, "THINGIVERSE_CLIENT_SECRET": None},
            "THINGIVERSE_CLIENT_ID and THINGIVERSE_CLIENT_SECRET are not set",
        ),
        ({"THINGIVERSE_TOKEN_FILE": None}, "no file to keep the token in"),
        ({"THINGIVERSE_TOKEN_FILE": "missing/tokens"}, "folder that does not exist"),
        (
            {"THINGIVERSE_WWW_URL": "http://www.thingiverse.com"},
            "THINGIVERSE_WWW_URL: http://www.thingiverse.com",
        ),
        ({"THINGIVERSE_WWW_URL": "ftp://127.0.0.1"}, "THINGIVERSE_WWW_URL"),
        ({"THINGIVERSE_WWW_URL": "https://me:pw@example.org"}, "must not hold a user name"),
    ],
)
def test_what_is_missing_or_wrong_is_told_before_anything_is_opened(shell, change, said):
    ended = shell("login", "--no-browser", **{**app_environment(shell), **change})

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert said in ended.err
    assert shell.sandbox.counters["requests"] == 0


@pytest.mark.parametrize(
    "args",
    [("--port", "x"), ("--port", "70000"), ("--timeout", "0"), ("a-token",), ("-s", "CLIENT_SECRET=x")],
)
def test_a_wrong_command_line_ends_with_2(shell, args):
    ended = shell("login", "--no-browser", *args, **app_environment(shell))

    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert "a-token" not in ended.err


def test_a_port_that_is_taken_is_told(shell):
    port = urlsplit(shell.sandbox.url).port

    ended = shell("login", "--no-browser", "--port", str(port), **app_environment(shell))

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert f"port {port} cannot be listened on" in ended.err


def test_logout_removes_what_login_wrote_and_says_how_to_end_the_app(shell, login, tokens):
    tokens.write_text("another-token-of-nobody\n")
    signing_in = login()
    visit(signing_in.decide())
    signing_in.end()

    ended = shell("logout", **app_environment(shell))

    assert (ended.code, ended.err) == (0, "")
    assert "Removed the token of " in ended.out
    assert f"delete the app at {shell.sandbox.url}/developers" in ended.out
    assert tokens.read_text() == "another-token-of-nobody\n"
    assert os.stat(tokens).st_mode & 0o077 == 0
    assert "holds no token of scrapy login" in shell("logout", **app_environment(shell)).out


def test_logout_without_a_file_says_what_is_missing(shell):
    ended = shell("logout", **app_environment(shell) | {"THINGIVERSE_TOKEN_FILE": None})

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "THINGIVERSE_TOKEN_FILE" in ended.err


def test_something_too_short_for_a_token_is_not_written(login, tokens):
    signing_in = login("--implicit", alone=True)
    back, _, rest = signing_in.decide().partition("#access_token=")
    signing_in.type(f"{back}#access_token=abc&{rest.partition('&')[2]}")

    ended = signing_in.end()

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "cannot be a token" in ended.err
    assert not tokens.exists()
