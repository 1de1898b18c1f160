"""A secret of the environment is found in what would be shown, whatever the argument is called."""

import pytest

from tvspiders.console.secret_values import check_values_hold_none, secrets_of
from tvspiders.errors import UsageProblem


def test_every_secret_is_known(tmp_path):
    (tmp_path / "tokens").write_text("in-the-file-1\n")
    environ = {
        "THINGIVERSE_TOKEN": "token-a1, token-b2",
        "THINGIVERSE_TOKEN_FILE": str(tmp_path / "tokens"),
        "SCRAPYD_PASSWORD": "pass-word",
        "DATABASE_URL": "postgresql://u:data-word@h/d",
        "THINGIVERSE_PROXY": "http://user-{session}:gate-word@gate.example:9000",
        "HOME": "/somewhere",
    }

    known = {"token-a1", "token-b2", "in-the-file-1", "pass-word", "data-word", "gate-word"}
    assert known <= set(secrets_of(environ))
    assert "/somewhere" not in secrets_of(environ)


def test_short_ones_would_be_found_in_words():
    assert secrets_of({"SCRAPYD_PASSWORD": "box"}) == []


def test_a_value_with_a_secret_inside_is_refused_and_not_repeated():
    check_values_hold_none({"query": "planters"}, ["pass-word"])
    with pytest.raises(UsageProblem, match="'query' holds a secret") as problem:
        check_values_hold_none({"query": "x pass-word y"}, ["pass-word"])

    assert "pass-word" not in str(problem.value)
