"""The interval of a rare share: the quantiles it is made of, its ends, exact coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxresearch.stats.shares.proportions import proportion, rare_share_interval


def test_between_the_ends_it_is_the_interval_of_jeffreys():
    found = rare_share_interval(0.03, 200, 0.9)
    assert found == pytest.approx(tuple(stats.beta(6.5, 194.5).ppf([0.05, 0.95])))
    assert found == pytest.approx(proportion(6, 200, confidence=0.9, method="jeffreys").ci)


def test_with_one_unit_it_begins_where_one_is_seen_one_time_in_twenty():
    low, high = rare_share_interval(1 / 200, 200, 0.95)
    assert stats.binom(200, low).sf(0) == pytest.approx(0.05)
    assert high == pytest.approx(stats.beta(1.5, 199.5).ppf(0.975))
    # The same from the other end.
    assert rare_share_interval(199 / 200, 200, 0.95) == pytest.approx((1 - high, 1 - low))


def test_without_a_unit_it_begins_at_nought():
    assert rare_share_interval(0.0, 50, 0.95) == pytest.approx(
        (0, stats.beta(0.5, 50.5).ppf(0.975))
    )
    assert rare_share_interval(1.0, 50, 0.95) == pytest.approx(
        (stats.beta(50.5, 0.5).ppf(0.025), 1)
    )


@pytest.mark.parametrize("n", [50, 200])
def test_it_covers_what_it_promises_on_average_and_little_less_anywhere(n):
    x = np.arange(n + 1)
    low, high = np.transpose([rare_share_interval(k / n, n, 0.95) for k in x])
    shares = np.linspace(0.2, 30, 300) / n
    held = [float(stats.binom(n, p).pmf(x) @ ((low <= p) & (p <= high))) for p in shares]
    # Every outcome enumerated. The least is where 2.5 units can be expected, just above what is
    # held where none is seen; Wilson's is .84, where one is seen one time in six.
    assert min(held) > 0.88
    assert shares[np.argmin(held)] * n == pytest.approx(2.5, abs=0.1)
    assert np.mean(held) == pytest.approx(0.952, abs=0.004)


@given(p=st.floats(0, 1), size=st.floats(0.05, 1e5), confidence=st.floats(0.5, 0.999))
def test_it_holds_the_share_and_stays_one(p, size, confidence):
    low, high = rare_share_interval(p, size, confidence)
    assert 0 <= low <= p <= high <= 1
    assert rare_share_interval(1 - p, size, confidence) == pytest.approx(
        (1 - high, 1 - low), abs=1e-6
    )
    wider = rare_share_interval(p, size, (1 + confidence) / 2)
    assert wider.low <= low + 1e-9
    assert wider.high >= high - 1e-9
