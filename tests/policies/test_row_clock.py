import pytest

from tvspiders.policies.quota.store import RowClock

HERE, THERE = "boot-1/4026531834", "boot-2/4026531834"


class Worker:
    """A process with a steady clock of its own, on a server's time that is given."""

    def __init__(self, boot, began):
        self.clock, self.began = RowClock(boot), began

    def change(self, stored, real, server):
        """Change the row at this real time; returns the row's time and what it leaves."""
        steady = real - self.began
        now = self.clock.now("row", stored, server, steady)
        return now, self.clock.stamp("row", now, server, steady)


@pytest.mark.parametrize("step", [-3600, 3600, -1200, 1200])
@pytest.mark.parametrize("boots", [(HERE, HERE), (HERE, THERE), ("", "")])
def test_the_rows_time_goes_on_whatever_the_servers_clock_is_set_to(boots, step):
    began = (100, 100 if boots == (HERE, HERE) else -700)
    workers = [Worker(boot, start) for boot, start in zip(boots, began, strict=True)]
    stored, times = None, []

    for real in range(1000, 1010):
        server = real + (step if real >= 1005 else 0)
        now, stored = workers[real % 2].change(stored, real, server)
        times.append(now)

    assert times == pytest.approx(range(1000, 1010))


def test_the_next_process_of_the_same_boot_is_not_deceived():
    _, stored = Worker(HERE, 100).change(None, 1000, 1000)

    now, _ = Worker(HERE, 100).change(stored, 1002, 1002 + 3600)

    assert now == pytest.approx(1002)


def test_after_a_restart_of_the_computer_the_shared_time_is_all_there_is():
    _, stored = Worker(HERE, 100).change(None, 1000, 1000)

    now, _ = Worker(THERE, 1250).change(stored, 1300, 1300)

    assert now == pytest.approx(1300)


def test_the_rows_time_never_goes_back():
    _, stored = Worker(HERE, 100).change(None, 1000, 1000)

    now, _ = Worker(THERE, 100).change(stored, 1001, 1001 - 3600)

    assert now == 1000


def test_an_adjusted_server_is_followed():
    worker = Worker("", 100)
    _, stored = worker.change(None, 1000, 1000)

    now, _ = worker.change(stored, 1010, 1010.4)

    assert now == pytest.approx(1010.4)


def test_a_row_without_a_stamp_goes_by_the_shared_time():
    assert RowClock(HERE).now("row", None, 1234.5, 6.0) == 1234.5
