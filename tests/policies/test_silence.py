from tvspiders.policies.quota.pause import CircuitBreaker, Pause


class FakeGrant:
    settled = False
    due = 161.0


def test_without_a_pause_nothing_is_held():
    assert Pause(CircuitBreaker()).until(100.0) == 0.0


def test_the_longest_pause_counts():
    silence = Pause(CircuitBreaker())

    silence.pause(100.0, 60.0)
    silence.pause(110.0, 5.0)

    assert silence.until(111.0) == 160.0


def test_after_a_pause_one_answer_is_awaited():
    silence, probe = Pause(CircuitBreaker()), FakeGrant()
    silence.pause(100.0, 60.0)

    silence.sent(161.0, probe)
    awaited = silence.until(162.0), silence.awaits(probe)
    silence.succeeded()

    assert awaited == (None, True)
    assert silence.until(162.0) is not None


def test_a_probe_that_failed_lets_the_next_one_go():
    silence, probe = Pause(CircuitBreaker()), FakeGrant()
    silence.pause(100.0, 60.0)
    silence.sent(161.0, probe)

    probe.settled = True

    assert silence.until(162.0) is not None


def test_a_probe_that_was_dropped_on_its_way_is_not_awaited_for_ever():
    silence = Pause(CircuitBreaker(), under_way=lambda grant: False)
    silence.pause(100.0, 60.0)

    silence.sent(161.0, FakeGrant())

    assert silence.until(161.1) is None
    assert silence.until(163.0) is not None


def test_an_outage_holds_as_well():
    silence = Pause(CircuitBreaker())
    for second in range(10):
        silence.sent(float(second), FakeGrant())
        silence.breaker.failed()

    assert silence.until(10.0) == 19.0
