"""What the API does not give: asked sparingly, told by ``scrapy audit``, and not red for ever."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest

from tests.support.shell import FAST, Shell
from tvspiders.sandbox.api.answers import error
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.front import Decision

PLANTERS = ("crawl", "things", "-a", "query=planters", *FAST)
IMPATIENT = ("-s", "TV_MAX_ATTEMPTS=2", "-s", "TV_RETRY_BASE=0.01")
MOMENT = r"20\d\d-\d\d-\d\dT[0-9:.]+\+00:00"

Spoil = Callable[..., None]


@pytest.fixture
def spoil(shell: Shell) -> Iterator[Spoil]:
    """Answer some paths with an error from now on; none, and all is well again."""
    front = shell.sandbox.front
    answered = front._answered
    spoilt: dict[str, int] = {}

    def instead(ask: Ask) -> Decision:
        for pattern, status in spoilt.items():
            if re.fullmatch(pattern, ask.path):
                return Decision(error(status, "Forbidden" if status == 403 else "Server Error"))
        return answered(ask)

    def set_to(patterns: dict[str, int]) -> None:
        spoilt.clear()
        spoilt.update(patterns)

    front._answered = instead  # type: ignore[method-assign]
    yield set_to
    front._answered = answered  # type: ignore[method-assign]


def asked(shell: Shell, path: str) -> int:
    return sum(entry.target == path for entry in shell.sandbox.journal)


def some_thing(shell: Shell) -> str:
    """The page of a planter."""
    thing = shell.sandbox.oracle.search("planters")["ids"][3]
    return f"/things/{thing}"


def test_one_refused_thing_is_hidden_in_the_third_round(shell: Shell, spoil: Spoil) -> None:
    path = some_thing(shell)
    spoil({path: 403})

    ended = [shell(*PLANTERS, "-O", f"{number}.jsonl") for number in (1, 2)]
    audit = shell("audit")
    ended += [shell(*PLANTERS, "-O", f"{number}.jsonl") for number in (3, 4)]
    after = shell("audit")
    again = shell("reparse")

    assert [run.code for run in ended] == [3, 3, 0, 0], [run.last for run in ended]
    assert asked(shell, path) == 4
    assert "1 parked, 0 quarantined" in ended[0].last
    assert "the same command begins a new round" in ended[0].last
    assert f"  {path}\n    why: status-403: Forbidden\n    tried: 2 times in 2 rounds, last 20" in audit.out
    assert "comes again: in the next round, which the same command begins" in audit.out
    assert "refused in 2 of 3 rounds, after which it counts as hidden" in audit.out
    assert "(1 gone or hidden)" in ended[2].last
    assert shell.rows("SELECT subject, subject_id, reason, status FROM tombstones") == [
        ("thing", path.rpartition("/")[2], "hidden", 403)
    ]
    assert (audit.code, after.code, again.code) == (0, 0, 0)
    assert path not in after.out.partition("Gone or hidden")[0]
    lines = [json.loads(line) for line in (shell.folder / "3.jsonl").read_text().splitlines()]
    assert [line["subject_id"] for line in lines if line["kind"] == "tombstone"] == [path.rpartition("/")[2]]


def test_a_thing_that_is_shown_again_is_no_longer_refused(shell: Shell, spoil: Spoil) -> None:
    path = some_thing(shell)
    codes = []
    for status in (403, 403, None, 403, 403, 403):
        spoil({path: status} if status else {})
        codes.append(shell(*PLANTERS).code)

    assert codes == [3, 3, 0, 3, 3, 0]


def test_a_token_that_sees_no_thing_hides_none(shell: Shell, spoil: Spoil) -> None:
    spoil({r"/things/\d+": 403})

    codes = [shell(*PLANTERS).code for _ in range(4)]
    audit = shell("audit")
    spoil({})
    cured = shell(*PLANTERS)

    assert codes == [3, 3, 3, 3]
    assert shell.rows("SELECT count(*) FROM tombstones") == [(0,)]
    assert audit.out.count("another token: the API shows this one nothing of its kind") == 14
    assert "the same token never clears it" in audit.out
    assert cured.code == 0


def test_tries_are_counted_over_runs_and_told(shell: Shell, spoil: Spoil) -> None:
    path = some_thing(shell)
    spoil({path: 500})
    first = shell(*PLANTERS, *IMPATIENT)
    before = shell("audit")

    second = shell(*PLANTERS, *IMPATIENT)
    after = shell("audit")

    assert (first.code, second.code) == (3, 3)
    told = re.search(rf"  {path}\n    why: (.+)\n    tried: 2 times, last {MOMENT}\n", before.out)
    assert told, before.out
    assert told[1].startswith("status-500")
    assert (
        "comes again: when the same command is run again\n    cleared by: an answer of the site" in before.out
    )
    assert "tried: 4 times, last" in after.out
    assert "comes again: in the next round, which the same command begins" in after.out


@pytest.mark.parametrize("next_command", [PLANTERS, (*PLANTERS, "-a", "pages=1")], ids=["round", "arguments"])
def test_what_a_round_left_behind_is_named_until_somebody_gets_it(
    shell: Shell, spoil: Spoil, next_command: tuple[str, ...]
) -> None:
    path = some_thing(shell)
    spoil({path: 500})
    for _ in range(2):
        shell(*PLANTERS, *IMPATIENT)
    spoil({path: 500, r"/search/.*": 500})
    shell(*next_command, *IMPATIENT)  # does not even come to the thing

    left = shell("audit")
    spoil({})
    cured = [shell(*next_command).code for _ in range(2)]
    after = shell("audit")

    assert left.code == 0
    assert "Left behind in other rounds, and not answered since:" in left.out
    assert re.search(r'\ncrawl 1: things {.*"query": "planters".*}, round 1: 1 parked; ', left.out)
    assert f"    {path} (parked)".strip() in left.out
    assert cured[-1] == 0
    assert "Left behind" not in after.out


@pytest.mark.parametrize(
    ("arguments", "path", "words"),
    [
        (
            "categories -a category=drones",
            "/categories/drones/things",
            "no category 'drones' (accepted: a slug",
        ),
        (
            "users -a username=Nobody_here",
            "/users/Nobody_here",
            "no user 'Nobody_here' (accepted: a login name",
        ),
        ("tags -a tag=no-such", "/(tags|search)/no-such.*", "no tag 'no-such' (accepted: a tag"),
    ],
)
def test_a_subject_asked_for_by_name_that_is_not_there_ends_partial_and_is_named(
    shell: Shell, spoil: Spoil, arguments: str, path: str, words: str
) -> None:
    spoil({path: 404})

    ended = shell("crawl", *arguments.split(), *FAST)

    assert ended.code == 3, ended.last
    assert f"partial: the site shows {words}" in ended.last
    assert "the same command begins a new round" in ended.last
