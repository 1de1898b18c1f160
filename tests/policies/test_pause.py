from tvspiders.policies.quota.pause import CircuitBreaker, Pause


class FakeGrant:
    finished = False
    granted_at = 161.0


def test_without_a_pause_nothing_is_held():
    assert Pause(CircuitBreaker()).until(100.0) == 0.0


def test_the_longest_pause_counts():
    pause = Pause(CircuitBreaker())

    pause.begin(100.0, 60.0)
    pause.begin(110.0, 5.0)

    assert pause.until(111.0) == 160.0


def test_after_a_pause_one_answer_is_awaited():
    pause, probe = Pause(CircuitBreaker()), FakeGrant()
    pause.begin(100.0, 60.0)

    pause.sent(161.0, probe)
    awaited = pause.until(162.0), pause.awaits(probe)
    pause.succeeded()

    assert awaited == (None, True)
    assert pause.until(162.0) is not None


def test_a_probe_that_failed_lets_the_next_one_go():
    pause, probe = Pause(CircuitBreaker()), FakeGrant()
    pause.begin(100.0, 60.0)
    pause.sent(161.0, probe)

    probe.finished = True

    assert pause.until(162.0) is not None


def test_a_probe_that_was_dropped_on_its_way_is_not_awaited_for_ever():
    pause = Pause(CircuitBreaker(), in_flight=lambda grant: False)
    pause.begin(100.0, 60.0)

    pause.sent(161.0, FakeGrant())

    assert pause.until(161.1) is None
    assert pause.until(163.0) is not None


def test_an_outage_holds_as_well():
    pause = Pause(CircuitBreaker())
    for second in range(10):
        pause.sent(float(second), FakeGrant())
        pause.breaker.failed()

    assert pause.until(10.0) == 19.0
