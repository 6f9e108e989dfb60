"""Simulated coverage: seeded, near what is promised, and able to see a bad interval."""

from __future__ import annotations

import pytest

from cxresearch.calibrate import coverages


def test_the_same_seed_gives_the_same():
    first, second = (coverages.response_times(sizes=(50,), draws=100) for _ in range(2))
    assert first == second
    assert first[0].draws == 100


@pytest.mark.parametrize(
    "measure",
    [
        lambda: coverages.nps_differences(sizes=(50,), draws=60),
        lambda: coverages.order_values(sizes=(200,), draws=150),
        lambda: coverages.response_times(sizes=(200,), draws=150),
        lambda: coverages.post_stratified(sizes=(100,), draws=60),
        lambda: coverages.raked(sizes=(100,), draws=60),
    ],
)
def test_intervals_hold_about_what_they_promise(measure):
    for found in measure():
        # Four Monte Carlo errors of the fewest draws below.
        assert 0.95 - 4 * 0.0281 <= found.least <= found.mean <= 1


def test_a_bad_interval_is_seen():
    (found,) = coverages.nps_differences(sizes=(20,), method="wald", draws=60)
    assert found.least < 0.9
