"""A secret of the environment is found in what would be shown, whatever the argument is called."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import make_url

from tvspiders.checks.secret_values import (
    check_secrets,
    check_values_hold_none,
    holds_password,
    know_secrets,
    secrets_of,
)
from tvspiders.errors import UsageProblem
from tvspiders.policies.security.redaction import masked


def test_every_secret_is_known(tmp_path):
    for name, text in (
        ("tokens", "in-the-file-1\n"),
        ("proxies", "http://e:file%2Fword@h:1\nsocks5://f:odd-word@h\n"),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    environ = {
        "THINGIVERSE_TOKEN": "token-a1, token-b2",
        "THINGIVERSE_TOKEN_FILE": str(tmp_path / "tokens"),
        "SCRAPYD_PASSWORD": "pass-word",
        "DATABASE_URL": "postgresql://u:data-word@h/d",
        "THINGIVERSE_PROXY": "http://a:list-word@h:1, http://user-{session}:gate-word@gate.example:9000",
        "THINGIVERSE_PROXY_FILE": str(tmp_path / "proxies"),
        "SPLASH_URL": "http://me:splash-word@127.0.0.1:8050",
        "OTHER_URL": "https://h/?access_token=query-word",
        "HOME": "/somewhere",
    }

    known = {"token-a1", "token-b2", "in-the-file-1", "pass-word", "data-word", "gate-word", "list-word"}
    known |= {"file/word", "odd-word", "splash-word", "query-word"}
    assert known <= set(secrets_of(environ))
    assert "/somewhere" not in secrets_of(environ)


def test_short_ones_would_be_found_in_words():
    assert secrets_of({"SCRAPYD_PASSWORD": "box"}) == []


def test_a_value_with_a_secret_inside_is_refused_and_not_repeated():
    check_values_hold_none({"query": "planters"}, ["pass-word"])
    with pytest.raises(UsageProblem, match="'query' holds a secret") as problem:
        check_values_hold_none({"query": "x pass-word y"}, ["pass-word"])

    assert "pass-word" not in str(problem.value)


PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
PLACES = [
    "postgresql://u:{}@h/x",
    "postgres://u:{}@h:5432/x?sslmode=require",
    "postgresql+psycopg://u:{}@[::1]/x",
    "postgresql://u@h/x?password={}",
    "postgresql://h/x?user=u&password={}",
    "postgresql:///x?host=/run&sslpassword={}",
    "mysql://u:{}@h/x",
]


@given(st.sampled_from(PLACES), PRINTABLE)
def test_a_password_in_any_place_of_the_databases_address_is_refused_on_the_command_line(place, password):
    with pytest.raises(UsageProblem, match="refusing -s DATABASE_URL on the command line") as caught:
        check_secrets([f"DATABASE_URL={place.format(password)}"])

    assert place.format(password) not in str(caught.value)


@given(st.sampled_from(PLACES), PRINTABLE, st.sampled_from(["THINGIVERSE_WWW_URL", "FEED_URI", "X"]))
def test_what_a_reader_of_addresses_takes_for_a_password_is_refused_in_every_setting(place, password, name):
    try:
        url = make_url(place.format(password))
    except Exception:
        assume(False)
    assume(url.password or url.query.get("password") or url.query.get("sslpassword"))

    with pytest.raises(UsageProblem, match=r"refusing -s .* on the command line"):
        check_secrets([f"{name}={place.format(password)}"])


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://u:p w@h/x",
        "postgresql://u:p/w?#@h/x",
        "'postgresql://u:pw@h/x'",
        "host=h user=u password=pw",
        "POSTGRES://u:p@h/x",
        "postgresql://u@h/x?passfile=secret",
    ],
)
def test_so_is_one_that_is_written_in_an_odd_way(value):
    assert holds_password("DATABASE_URL", value)


@pytest.mark.parametrize(
    "value", ["http://me:pw@127.0.0.1:8050", "http://127.0.0.1:8050/?a=b", "http://t0ken@h"]
)
def test_splash_takes_no_credentials(value):
    assert holds_password("SPLASH_URL", value)


@pytest.mark.parametrize(
    "assignment",
    [
        "DATABASE_URL=sqlite:///things: a=b@c.db",
        "DATABASE_URL=postgresql://h:5432/x",
        "DATABASE_URL=postgresql://u@h/x",
        "SPLASH_URL=http://127.0.0.1:8050",
        "THINGIVERSE_API_URL=http://127.0.0.1:8000",
        "USER_AGENT=bot (+https://h.example; mail:me@h.example)",
        "TV_QUOTA=300/5m",
        "FEEDS={'ftp://anna@h/x.jsonl': {'format': 'jsonl'}}",
    ],
)
def test_what_holds_no_password_is_taken(assignment):
    check_secrets([assignment])


def test_all_of_them_are_masked_from_then_on():
    know_secrets({"DATABASE_URL": "postgresql://u:p%40ss-word-1@h/x", "SCRAPYD_PASSWORD": "scrapyd-word"})

    assert masked("p@ss-word-1 p%40ss-word-1 scrapyd-word") == "[secret] [secret] [secret]"
