"""The score interval against its defining equation, and one published case."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.stats.shares.paired import tango_limits, tango_statistic

Z = 1.959963984540054


def test_a_published_case():
    # R PropCIs 0.3.0 scoreci.mp(b=3, c=12, n=20); its search stops at 1e-7.
    low, high = tango_limits(3, 12, 20, z=Z)
    assert (low, high) == pytest.approx((0.074375581741333, 0.705271524190903), abs=2e-5)


def test_without_spread_it_still_has_width():
    # All 20 on one side: (1 - d)**2 * 20 = z**2 * (1 - d**2), so d = (20 - z2) / (20 + z2).
    low, high = tango_limits(0, 20, 20, z=Z)
    assert (low, high) == (pytest.approx((20 - Z**2) / (20 + Z**2)), 1.0)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_swapping_the_classes_flips_it_and_it_holds_the_estimate(b, c, others):
    n = b + c + others
    if not n:
        return
    low, high = tango_limits(b, c, n, z=Z)
    flipped = tango_limits(c, b, n, z=Z)
    assert (-float(high), -float(low)) == pytest.approx(flipped, abs=1e-9)
    assert -1 <= low <= (c - b) / n <= high <= 1


def test_many_samples_at_once_are_each_their_own():
    b, c, n = np.array([0, 3, 7]), np.array([5, 12, 7]), np.array([10, 20, 14])
    together = np.stack(tango_limits(b, c, n, z=Z), axis=1)
    alone = [tango_limits(*one, z=Z) for one in zip(b, c, n, strict=True)]
    assert together == pytest.approx(np.array(alone))


@pytest.mark.parametrize(("b", "c", "n"), [(3, 12, 20), (0, 20, 20), (7, 1, 60), (0, 0, 9)])
def test_the_statistic_is_z_at_the_limits(b: int, c: int, n: int):
    for end, sign in zip(tango_limits(b, c, n, z=1.7), (1, -1), strict=True):
        if abs(float(end)) < 1:
            assert tango_statistic(b, c, n, float(end)) == pytest.approx(1.7 * sign, rel=1e-6)


def test_the_statistic_against_0_is_mcnemars():
    assert tango_statistic(3, 12, 20, 0.0) == pytest.approx((12 - 3) / 15**0.5)
