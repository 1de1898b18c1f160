from hypothesis import given
from hypothesis import strategies as st

from tvspiders.sandbox.catalogue.bands import Bands, Pairs, fitted
from tvspiders.sandbox.catalogue.mixing import Source


@given(st.floats(0.5, 500), st.floats(0.1, 2), st.integers(1, 3000))
def test_slots_follow_one_another_and_know_their_owner(top, power, ranks):
    bands = Bands(lambda rank: top * (rank + 1) ** -power, ranks=ranks)
    expected = 0
    for rank in range(min(bands.ranks, 200)):
        slots = bands.slots(rank)
        assert slots.start == expected
        assert len(slots) == bands.count(rank)
        assert bands.owner(slots.start) == (rank, 0)
        assert bands.owner(slots.stop - 1) == (rank, len(slots) - 1)
        expected = slots.stop


def test_past_the_last_rank_there_is_nothing():
    bands = Bands(lambda rank: 3.0, ranks=2)

    assert bands.total == 6
    assert bands.count(2) == 0
    assert len(bands.slots(2)) == 0


def test_fitted_bands_hand_out_everything_among_about_all():
    bands = fitted(500, total=20_000, ranks=5000)

    assert 20_000 <= bands.total < 20_600
    assert 4000 < bands.ranks < 6000


def test_a_pair_is_found_from_both_sides():
    left = Bands(lambda rank: 40 / (rank + 1), ranks=50)
    pairs = Pairs(left, fitted(5, total=left.total, ranks=60), Source(1, "test"))

    from_left = sorted((slot, pairs.right_of(slot)) for slot in range(left.total))
    from_right = sorted(
        (slot, right) for right in range(pairs.right.ranks) for slot in pairs.slots_of_right(right)
    )

    assert from_left == from_right
