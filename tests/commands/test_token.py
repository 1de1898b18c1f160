"""``scrapy token`` says whose tokens these are, and never what they are."""

from __future__ import annotations

import pytest

from tests.support.shell import APP_TOKEN, TOKEN

OTHER = "another-s3cret-of-nobody"


def test_a_good_token_shows_its_account(shell):
    ended = shell("token")

    assert (ended.code, ended.err) == (0, "")
    assert "token-1" in ended.out
    assert "(user " in ended.out
    assert "public data, own account" in ended.out
    assert [entry.target for entry in shell.sandbox.journal] == ["/users/me"]
    assert TOKEN not in ended.out


def test_a_refused_token_is_named_by_its_number_and_ends_with_1(shell):
    shell.sandbox.front.revoke(OTHER)
    try:
        ended = shell("token", THINGIVERSE_TOKEN=f"{TOKEN},{OTHER}")
    finally:
        shell.sandbox.front.restore(OTHER)

    assert (ended.code, ended.err) == (1, "")
    assert ended.out.count("(user ") == 1
    assert "401 unauthorized" in " ".join(ended.out.split()).replace("│", "")
    assert OTHER not in ended.out
    assert TOKEN not in ended.out


def test_an_apps_own_token_is_told_apart(shell):
    ended = shell("token", THINGIVERSE_TOKEN=APP_TOKEN)

    assert ended.code == 0
    assert "public data" in ended.out
    assert "own account" not in ended.out


def test_without_a_token_it_says_where_to_get_one(shell):
    ended = shell("token", THINGIVERSE_TOKEN=None)

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "THINGIVERSE_TOKEN" in ended.err
    assert shell.sandbox.counters["requests"] == 0


def test_it_takes_no_arguments_least_of_all_a_token(shell):
    ended = shell("token", TOKEN, THINGIVERSE_TOKEN=None)

    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert TOKEN not in ended.err


def test_tokens_may_come_from_a_file(shell):
    (shell.folder / "tokens").write_text(f"# mine\n{TOKEN}\n")
    (shell.folder / "tokens").chmod(0o600)

    ended = shell("token", THINGIVERSE_TOKEN=None, THINGIVERSE_TOKEN_FILE="tokens")

    assert (ended.code, ended.err) == (0, "")
    assert "(user " in ended.out


@pytest.mark.parametrize(
    "line", ["token", "plan users -a username=MakerBot", "like 5", "crawl things -a query=x"]
)
@pytest.mark.parametrize("variable", ["THINGIVERSE_TOKEN_FILE", "THINGIVERSE_PROXY_FILE"])
def test_a_file_of_secrets_that_others_can_read_is_refused_before_anything_is_asked(shell, line, variable):
    (shell.folder / "secrets").write_text(
        TOKEN if variable.startswith("THINGIVERSE_TOKEN") else "http://u:p@h:1"
    )
    (shell.folder / "secrets").chmod(0o604)
    asked = shell.sandbox.counters["requests"]

    ended = shell(*line.split(), **{variable: "secrets"})

    assert (ended.code, ended.err) == (
        1,
        f"tvspiders: {variable}: others can read or write secrets; chmod 600 it\n",
    )
    assert shell.sandbox.counters["requests"] == asked


def test_an_api_that_is_away_is_told_in_one_line(shell):
    ended = shell("token", THINGIVERSE_API_URL="http://127.0.0.1:1")

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "cannot be reached" in ended.err
