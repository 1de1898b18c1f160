import pytest

from tvspiders.policies.quota.pause import CircuitBreaker


def outage(spacing=1.0):
    breaker = CircuitBreaker()
    for step in range(8):
        breaker.sent(step * spacing)
        breaker.failed()
    return breaker


def test_failures_in_a_row_open_it_and_cut_the_rate_by_nine_tenths():
    breaker = outage(spacing=0.5)

    assert breaker.open
    assert breaker.not_before() == pytest.approx(3.5 + 5.0)


def test_a_burst_before_the_outage_does_not_count_as_the_usual_rate():
    breaker = CircuitBreaker()

    for _ in range(8):
        breaker.sent(0.0)
        breaker.failed(usual=1.0)

    assert breaker.not_before() == 10.0


def test_one_failure_in_ten_does_not_open_it():
    breaker = CircuitBreaker()

    for step in range(1000):
        breaker.sent(step)
        if step % 10:
            breaker.succeeded()
        else:
            breaker.failed()

    assert not breaker.open


def test_half_of_all_failing_opens_it():
    breaker = CircuitBreaker()

    for step in range(40):
        breaker.succeeded() if step % 2 else breaker.failed()

    assert breaker.open


def test_one_success_does_not_close_it_two_do():
    breaker = outage()

    assert not breaker.succeeded()
    assert breaker.open
    assert breaker.succeeded()
    assert not breaker.open
    assert breaker.not_before() == 0.0


def test_a_long_spacing_is_capped():
    assert outage(spacing=60).not_before() == 7 * 60 + 60


def test_a_sleep_before_the_outage_does_not_count_as_the_usual_pace():
    breaker = CircuitBreaker()
    breaker.sent(0.0)
    breaker.forget_pace()

    for step in range(8):
        breaker.sent(3600.0 + step)
        breaker.failed()

    assert breaker.not_before() == pytest.approx(3607.0 + 10.0)
