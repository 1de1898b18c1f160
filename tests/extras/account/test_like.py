"""``scrapy like`` and ``scrapy unlike``: one POST for each like, whatever happens in between."""

from __future__ import annotations

import json
import signal

import pytest

from tests.support.crawling import PATIENCE, until
from tests.support.shell import APP_TOKEN, FAST, TOKEN
from tvspiders.sandbox.catalogue.lifecycle import State
from tvspiders.sandbox.catalogue.likes import ME


@pytest.fixture
def catalogue(sandbox):
    return sandbox.front.site.catalogue


@pytest.fixture
def things(catalogue):
    """Visible things of others that are not liked yet."""
    liked = catalogue.liked(ME, 0)
    visible = catalogue.visible(range(1, 1000), 0)
    return [thing for thing in visible if catalogue.creator(thing) not in (ME, None) and thing not in liked]


def given(sandbox):
    return [thing for _, thing in sandbox.front.site.likes.given()]


def asked(sandbox):
    return [f"{entry.method} {entry.target}" for entry in sandbox.journal]


def rows(shell):
    return shell.rows("SELECT thing_id, action, state, attempts FROM likes_sent ORDER BY thing_id")


def test_several_things_are_liked_with_one_request_each(shell, things):
    first, second, third = things[:3]

    ended = shell(
        "like",
        str(first),
        f"thing:{second},https://www.thingiverse.com/thing:{third}/files",
        str(first),
        *FAST,
    )

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[1:] == [f"thing:{number} liked" for number in (first, second, third)]
    assert asked(shell.sandbox) == ["GET /users/me"] + [
        f"POST /things/{number}/likes" for number in (first, second, third)
    ]
    assert given(shell.sandbox) == [first, second, third]
    assert rows(shell) == [(number, "like", "done", 1) for number in sorted((first, second, third))]
    user = shell.sandbox.front.site.catalogue.people
    assert shell.rows("SELECT DISTINCT user_id, username FROM likes_sent") == [(user.id(ME), user.name(ME))]
    assert f"As {user.name(ME)} (user {user.id(ME)}):" in ended.out


def test_a_second_run_looks_and_sends_nothing(shell, things):
    shell("like", str(things[0]), *FAST)
    shell.sandbox.front.journal.reset()

    ended = shell("like", str(things[0]), *FAST)

    assert ended.code == 0
    assert "is liked already: nothing was sent" in ended.out
    assert asked(shell.sandbox) == ["GET /users/me", f"GET /things/{things[0]}"]
    assert rows(shell) == [(things[0], "like", "done", 1)]


def test_unlike_takes_the_like_back_in_the_same_row(shell, things):
    shell("like", str(things[0]), *FAST)

    ended = shell("unlike", str(things[0]), *FAST)

    assert ended.code == 0
    assert "not liked any more" in ended.out
    assert given(shell.sandbox) == []
    assert dict(shell.sandbox.front.site.likes.writes) == {"POST": 1, "DELETE": 1}
    assert rows(shell) == [(things[0], "unlike", "done", 1)]


def test_killed_between_sending_and_answer_it_leaves_one_like_and_one_row(shell, things):
    sandbox, thing = shell.sandbox, things[0]
    sandbox.front.unanswered_writes = 1
    process = shell.process("like", str(thing), *FAST)
    until(lambda: given(sandbox))
    process.kill()
    process.communicate()
    assert rows(shell) == [(thing, "like", "sending", 1)]

    ended = shell("like", str(thing), *FAST)

    assert ended.code == 0
    assert "an earlier run had done it" in ended.out
    assert given(sandbox) == [thing]
    assert dict(sandbox.front.site.likes.writes) == {"POST": 1}
    assert rows(shell) == [(thing, "like", "done", 1)]
    assert asked(sandbox)[-2:] == ["GET /users/me", f"GET /things/{thing}"]


def test_killed_before_it_left_it_is_sent_by_the_next_run(shell, things, catalogue):
    thing = things[0]
    shell("like", str(things[1]), *FAST)
    shell.change(
        "INSERT INTO likes_sent (user_id, thing_id, action, state, attempts) "
        "VALUES (?, ?, 'like', 'sending', 1)",
        *(catalogue.people.id(ME), thing),
    )

    ended = shell("like", str(thing), *FAST)

    assert ended.code == 0
    assert sorted(given(shell.sandbox)) == sorted([thing, things[1]])
    assert asked(shell.sandbox)[-2:] == [f"GET /things/{thing}", f"POST /things/{thing}/likes"]
    assert (thing, "like", "done", 2) in rows(shell)


def test_interrupted_it_says_so_and_the_next_run_looks_first(shell, things):
    sandbox = shell.sandbox
    sandbox.front.unanswered_writes = 1
    process = shell.process("like", str(things[0]), *FAST)
    until(lambda: given(sandbox))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)

    assert process.returncode == 4
    assert err == "tvspiders: interrupted; the same command goes on, and looks before it repeats\n"
    assert rows(shell) == [(things[0], "like", "sending", 1)]


def test_a_lost_answer_is_looked_up(shell, things):
    sandbox = shell.sandbox
    for fault in ("truncated", "reset"):
        # faults hit every request; these are drawn by number: only the second one of each run is spoilt
        sandbox.reset()
        sandbox.front.faults.drawn, kept = (
            (lambda n, f=fault: f if n == 1 else None),
            sandbox.front.faults.drawn,
        )
        try:
            ended = shell("like", str(things[0]), *FAST, DATABASE_URL=f"sqlite:///{fault}.db")
        finally:
            sandbox.front.faults.drawn = kept
        worked = fault == "truncated"
        assert ended.code == (0 if worked else 1), ended
        assert asked(sandbox)[1:] == [f"POST /things/{things[0]}/likes", f"GET /things/{things[0]}"]
        assert given(sandbox) == ([things[0]] if worked else [])
        said = "its page says so" if worked else "looks before it repeats"
        assert said in ended.out


def test_what_cannot_be_liked_is_told_line_by_line(shell, things, catalogue):
    own = next(t for t in catalogue.visible(range(1, 1000), 0) if catalogue.creator(t) == ME)
    deleted = next(t for t in range(1, 1000) if catalogue.state(t, 0) is State.DELETED)
    private = next(t for t in range(1, 1000) if catalogue.state(t, 0) is State.PRIVATE)

    ended = shell("like", *map(str, (own, deleted, private, things[0])), *FAST)

    assert ended.code == 3
    assert ended.err == "tvspiders: 3 of 4 not as asked for\n"
    assert (
        f"thing:{own} the site refuses it (400: Bad Request), as it does for things of one's own" in ended.out
    )
    assert f"thing:{deleted} Thing {deleted} does not exist" in ended.out
    assert f"thing:{private} Thing is private" in ended.out
    assert f"thing:{things[0]} liked" in ended.out
    assert given(shell.sandbox) == [things[0]]
    assert shell("like", str(own), *FAST).code == 1


def test_an_apps_own_token_is_told_apart(shell, things):
    ended = shell("like", *map(str, things[:2]), *FAST, THINGIVERSE_TOKEN=APP_TOKEN)

    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert (
        "may only read (403: Forbidden), as an app's own token does: sign in with scrapy login" in ended.err
    )
    assert given(shell.sandbox) == []
    assert asked(shell.sandbox) == ["GET /users/me", f"POST /things/{things[0]}/likes"]


def test_of_two_tokens_the_one_of_an_account_is_used(shell, things):
    ended = shell("like", str(things[0]), *FAST, THINGIVERSE_TOKEN=f"{APP_TOKEN},{TOKEN}")

    assert ended.code == 0
    assert asked(shell.sandbox)[2:] == [f"POST /things/{things[0]}/likes"]


def test_a_token_that_is_not_accepted_likes_nothing(shell, things):
    shell.sandbox.front.revoke(TOKEN)
    try:
        ended = shell("like", str(things[0]), *FAST)
    finally:
        shell.sandbox.front.restore(TOKEN)

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "401: Unauthorized" in ended.err
    assert not [line for line in asked(shell.sandbox) if line.startswith("POST")]


def test_a_dry_run_sends_and_stores_nothing(shell, things):
    ended = shell("like", "--dry-run", str(things[0]), *FAST)

    assert ended.code == 0
    assert f"thing:{things[0]} POST /things/{things[0]}/likes would be sent" in ended.out
    assert all(line.startswith("GET ") for line in asked(shell.sandbox))
    assert rows(shell) == []


def test_each_request_is_counted_in_the_quota_that_crawls_use(shell, things):
    quota = ("-s", "TV_QUOTA=100/1h", "-s", "TV_QUOTA_SPREAD=False")
    shell("like", *map(str, things[:3]), *quota)

    (state,) = shell.rows("SELECT state FROM quota_windows")
    assert shell.sandbox.counters["requests"] == 4
    told = json.dumps(json.loads(state[0]))
    used = json.loads(state[0])
    assert sum(len(value) for value in used.values() if isinstance(value, list)) >= 4, told


@pytest.mark.parametrize("command", ["like", "unlike"])
@pytest.mark.parametrize(
    "args", [(), ("benchy",), ("0",), ("https://example.org/thing:1",), ("--strange", "1")]
)
def test_a_wrong_word_ends_in_one_line_and_nothing_is_asked(shell, command, args):
    ended = shell(command, *args)

    assert ended.code == 2
    assert ended.out == "" or "usage" in ended.out.lower()
    assert shell.sandbox.counters["requests"] == 0


def test_an_account_without_a_token_is_named(shell, things):
    ended = shell("like", "--as", "stranger", str(things[0]), *FAST)

    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "no token belongs to 'stranger'; there are tokens of: " in ended.err
    assert given(shell.sandbox) == []


def test_an_api_that_is_away_is_told_in_one_line(shell):
    ended = shell("like", "1", *FAST, THINGIVERSE_API_URL="http://127.0.0.1:1")

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "cannot be reached" in ended.err
