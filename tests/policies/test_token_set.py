from tests.policies.virtual_time import clock
from tvspiders.policies.quota.limit import Quota
from tvspiders.policies.quota.store import MemoryStore
from tvspiders.policies.quota.token_set import TOKEN_FILE_SECONDS, TokenSet
from tvspiders.policies.security.tokens import TokenSource

ONE, TWO = "aaaaaaaa1111", "bbbbbbbb2222"


def make(given="", file=None):
    return TokenSet(TokenSource(given, file), MemoryStore(Quota(300, 300.0), True, clock))


def labels(tokens):
    return [reservations.token.label for reservations in tokens.live()]


def test_the_token_in_use_comes_first():
    tokens = make(f"{ONE} {TWO}")

    tokens.current = tokens.named("token-2")

    assert labels(tokens) == ["token-2", "token-1"]


def test_a_retired_token_is_not_live_but_still_named():
    tokens = make(f"{ONE} {TWO}")
    reservations = tokens.named("token-1")

    reservations.retired = True

    assert labels(tokens) == ["token-2"]
    assert tokens.named("token-1") is reservations
    assert tokens.named("token-9") is None


def test_the_file_is_looked_at_now_and_then_or_at_once(tmp_path):
    file = tmp_path / "tokens"
    file.write_text(ONE)
    tokens = make(file=file)
    tokens.refresh(100.0)

    file.write_text(f"{ONE}\n{TWO}")
    early = tokens.refresh(100.0 + TOKEN_FILE_SECONDS / 2)
    at_once = tokens.refresh(100.0 + TOKEN_FILE_SECONDS / 2, at_once=True)
    file.write_text(TWO)
    later = tokens.refresh(200.0)

    assert (early, at_once, later) == (None, 2, 1)
    assert labels(tokens) == ["token-2"]


def test_nothing_is_known_before_the_first_look():
    tokens = make(ONE)

    assert tokens.rate() == 0
    assert tokens.figures(0.0) == []
