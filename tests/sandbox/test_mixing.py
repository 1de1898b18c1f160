from hypothesis import given
from hypothesis import strategies as st

from tvspiders.sandbox.catalogue.mixing import Shuffle, Source


@given(st.integers(1, 7_000_000), st.integers(0, 2**64), st.data())
def test_a_shuffle_can_be_undone(size, seed, data):
    order = Shuffle(size, Source(seed, "test"))
    place = data.draw(st.integers(0, size - 1))

    assert 0 <= order.at(place) < size
    assert order.index(order.at(place)) == place


def test_a_shuffle_has_each_number_once():
    order = Shuffle(1000, Source(1, "test"))

    assert sorted(order.at(place) for place in range(1000)) == list(range(1000))


def test_two_purposes_share_no_numbers():
    assert Source(1, "likes").number(5) != Source(1, "makes").number(5)


def test_shares_fill_the_interval_evenly():
    source = Source(1, "test")
    shares = [source.share(n) for n in range(10_000)]

    assert 0 <= min(shares) < 0.01
    assert 0.99 < max(shares) < 1
    assert abs(sum(shares) / 10_000 - 0.5) < 0.02
