"""A worker is dead when it prolonged nothing for the life of a lease, whatever the clocks say."""

import pytest

from tvspiders.ledger.writing.lease_watch import LeaseWatch

LIFE = 60.0


class Server:
    """A server whose clock may be set, and the leases of a worker that beats or does not."""

    def __init__(self):
        self.ours, self.time = 10.0, 1.7e9
        self.held = {"other": self.time + LIFE}
        self.watch = LeaseWatch(LIFE, lambda: self.ours)

    def pass_by(self, seconds, beats):
        """Look every five seconds; returns after how many of them the worker was taken for dead."""
        for passed in range(5, int(seconds) + 1, 5):
            self.ours += 5
            self.time += 5
            if beats and passed % 15 == 0:
                self.held = {"other": self.time + LIFE}
            if self.look():
                return passed
        return None

    def look(self):
        return self.watch.dead(self.time, self.held)


@pytest.fixture
def server():
    server = Server()
    assert server.look() == []
    return server


@pytest.mark.parametrize("step", [0, -3600, -1200, 1200, 3600])
def test_a_living_worker_is_left_alone(server, step):
    server.time += step

    assert server.pass_by(300, beats=True) is None


@pytest.mark.parametrize("step", [0, -3600, -1200, 1200, 3600])
def test_a_dead_one_is_noticed_in_the_time_of_a_lease(server, step):
    server.time += step

    assert server.pass_by(300, beats=False) == 65


def test_a_lease_that_is_over_when_it_is_first_seen_proves_death():
    server = Server()
    server.held = {"other": server.time - 1}

    assert server.look() == ["other"]


def test_after_a_sleep_of_ours_the_others_get_the_time_to_beat(server):
    server.time += 90

    assert server.look() == []
    assert server.pass_by(300, beats=True) is None


def test_a_worker_that_comes_back_is_counted_anew(server):
    server.pass_by(55, beats=False)
    server.held = {"other": server.time + LIFE}

    assert server.pass_by(55, beats=False) is None
