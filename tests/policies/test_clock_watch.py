import pytest

from tvspiders.policies.clock_watch import ClockChange, ClockWatch


class Computer:
    def __init__(self):
        self.wall, self.steady = 1.7e9, 50.0

    def passes(self, seconds, step=0.0):
        self.steady += seconds
        self.wall += seconds + step


@pytest.fixture
def computer():
    return Computer()


@pytest.fixture
def watch(computer):
    watch = ClockWatch(lambda: computer.wall, lambda: computer.steady)
    watch.start()
    return watch


@pytest.mark.parametrize("step", [-3600, 3600, -1200, 1200, 3])
def test_a_step_of_the_clock_is_seen_once(computer, watch, step):
    computer.passes(1.0, step)

    assert watch.look() == ClockChange(step=pytest.approx(step))
    computer.passes(1.0)
    assert not watch.look()


def test_a_clock_that_is_adjusted_little_by_little_was_not_set(computer, watch):
    seen = []
    for _ in range(60):
        computer.passes(1.0, 0.5)
        seen.append(watch.look())

    assert not any(seen)


def test_a_sleep_is_no_step(computer, watch):
    computer.passes(90.0)

    assert watch.look() == ClockChange(stood=90.0)


def test_a_request_of_before_the_sleep_slept_and_one_of_afterwards_did_not(computer, watch):
    before = computer.steady
    computer.passes(90.0)

    assert watch.slept_since(before)
    assert not watch.slept_since(computer.steady)


def test_what_was_seen_by_the_way_is_still_news(computer, watch):
    before = computer.steady
    computer.passes(90.0, 3600.0)
    watch.slept_since(before)

    assert watch.changes() == [ClockChange(step=pytest.approx(3600.0), stood=90.0)]
    assert watch.changes() == []


def test_nothing_is_seen_before_the_watch_begins(computer):
    watch = ClockWatch(lambda: computer.wall, lambda: computer.steady)
    before = computer.steady
    computer.passes(90.0, -3600.0)

    assert not watch.look()
    assert not watch.slept_since(before)
