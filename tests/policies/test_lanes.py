from tests.policies.virtual_time import clock
from tvspiders.policies.quota.limit import Quota
from tvspiders.policies.quota.store import MemoryStore
from tvspiders.policies.quota.token_set import LOOK_AT_FILE, TokenSet
from tvspiders.policies.security.tokens import TokenSource

ONE, TWO = "aaaaaaaa1111", "bbbbbbbb2222"


def make(given="", file=None):
    return TokenSet(TokenSource(given, file), MemoryStore(Quota(300, 300.0), True, clock))


def labels(lanes):
    return [lane.token.label for lane in lanes.live()]


def test_the_token_in_use_comes_first():
    lanes = make(f"{ONE} {TWO}")

    lanes.current = lanes.named("token-2")

    assert labels(lanes) == ["token-2", "token-1"]


def test_a_retired_token_is_not_live_but_still_named():
    lanes = make(f"{ONE} {TWO}")
    lane = lanes.named("token-1")

    lane.retired = True

    assert labels(lanes) == ["token-2"]
    assert lanes.named("token-1") is lane
    assert lanes.named("token-9") is None


def test_the_file_is_looked_at_now_and_then_or_at_once(tmp_path):
    file = tmp_path / "tokens"
    file.write_text(ONE)
    lanes = make(file=file)
    lanes.refresh(100.0)

    file.write_text(f"{ONE}\n{TWO}")
    early = lanes.refresh(100.0 + LOOK_AT_FILE / 2)
    at_once = lanes.refresh(100.0 + LOOK_AT_FILE / 2, at_once=True)
    file.write_text(TWO)
    later = lanes.refresh(200.0)

    assert (early, at_once, later) == (None, 2, 1)
    assert labels(lanes) == ["token-2"]


def test_nothing_is_known_before_the_first_look():
    lanes = make(ONE)

    assert lanes.rate() == 0
    assert lanes.figures(0.0) == []
