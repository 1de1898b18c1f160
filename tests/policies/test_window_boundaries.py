import pytest

from tvspiders.policies.quota.window_boundaries import WindowBoundaries


def test_the_latest_possible_end_is_assumed_at_first():
    assert WindowBoundaries(300).end(after=1000) == 1300


def test_a_window_end_that_the_api_names_is_believed_for_later_windows_too():
    grid = WindowBoundaries(300)

    grid.add_end(1170)

    assert grid.end(after=1000) == 1171
    assert grid.end(after=1171.5) == 1471
    assert grid.end(after=5000) == 5071


def test_a_success_soon_after_a_refusal_tells_the_boundary():
    grid = WindowBoundaries(300)

    grid.served(refused=1000, served=1010)

    assert grid.end(after=1200) == 1310


def test_a_success_after_a_full_rest_tells_nothing():
    grid = WindowBoundaries(300)

    grid.served(refused=1000, served=1301)

    assert grid.end(after=1400) == 1700


def test_each_further_observation_narrows_the_boundary():
    grid = WindowBoundaries(300)
    grid.served(refused=1000, served=1050)
    assert grid.end(after=1100) == 1400

    grid.served(refused=1320, served=1340)

    assert grid.end(after=1400) == 1640


def test_observations_that_disagree_mean_windows_that_begin_with_a_request():
    grid = WindowBoundaries(300)
    grid.served(refused=1000, served=1010)

    grid.served(refused=1400, served=1410)

    assert grid.moving
    assert grid.end(after=1500) == 1710


@pytest.mark.parametrize("after", [1000.0, 1169.9, 1170.0, 1170.5, 1171.0, 1300.0])
def test_an_end_is_never_before_the_moment_asked_nor_a_period_later(after):
    grid = WindowBoundaries(300)
    grid.add_end(1170)

    assert after < grid.end(after) <= after + 300
