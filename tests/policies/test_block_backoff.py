from tvspiders.policies.quota.pause import BlockBackoff


def test_pauses_grow_until_it_is_time_to_end():
    backoff, now, pauses = BlockBackoff(first=60, most=3), 0.0, []

    for _ in range(4):
        pauses.append(backoff.blocked(now))
        now += 1000

    assert pauses == [(60, False), (120, False), (240, False), (0.0, True)]


def test_blocks_during_a_pause_count_once():
    backoff = BlockBackoff(first=60, most=1)
    backoff.blocked(0.0)

    assert [backoff.blocked(now) for now in (1.0, 30.0, 59.0)] == [(0.0, False)] * 3


def test_an_answer_of_the_api_starts_the_count_anew():
    backoff = BlockBackoff(first=60, most=1)
    backoff.blocked(0.0)

    backoff.answered()

    assert backoff.blocked(100.0) == (60, False)
