from tvspiders.policies.quota.suspect_tokens import SuspectTokens


def test_a_first_refusal_says_nothing_yet():
    suspects = SuspectTokens()

    assert not suspects
    assert suspects.refused("token-1", "/things/7") is False
    assert suspects.refused("token-1", "/things/7") is False
    assert suspects.labels() == ["token-1"]


def test_a_request_refused_with_two_tokens_is_told():
    suspects = SuspectTokens()
    suspects.refused("token-1", "/things/7")

    assert suspects.refused("token-2", "/things/8") is False
    assert suspects.refused("token-2", "/things/7") is True


def test_a_request_that_is_answered_leaves_no_doubt_about_those_refused_on_it():
    suspects = SuspectTokens()
    suspects.refused("token-1", "/things/7")
    suspects.refused("token-2", "/things/8")

    suspects.answered("/things/7")

    assert suspects.labels() == ["token-2"]


def test_a_good_token_clears_those_refused_on_nothing_else():
    suspects = SuspectTokens()
    for label, request in [("token-1", "/7"), ("token-2", "/7"), ("token-2", "/8"), ("token-3", "/7")]:
        suspects.refused(label, request)

    assert suspects.accepted("token-3", "/7") == ["token-3", "token-1"]
    assert suspects.labels() == ["token-2"]


def test_a_token_that_is_known_to_be_dead_or_good_is_in_no_doubt():
    suspects = SuspectTokens()
    suspects.refused("token-1", "/things/7")

    suspects.verified("token-1")
    suspects.verified("token-9")

    assert not suspects
