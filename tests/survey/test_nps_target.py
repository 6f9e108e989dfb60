"""An NPS against a target: the score test by hand and by its interval, and edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.core.comparison import NO_DIFFERENCE_POSSIBLE
from cxresearch.survey import nps, nps_against
from cxresearch.survey.nps import NO_ANSWERS


def test_against_0_by_hand():
    # Where promoters are as many as detractors, the most likely share of either is their mean,
    # (12 + 3) / 40 = 3/8, so one answer has the variance 3/4: z = (9 / 20) / sqrt(3/4 / 20).
    found = nps_against(nps(counts=(12, 5, 3)))
    z = 0.45 / math.sqrt(0.75 / 20)
    assert found.statistic == pytest.approx(z)
    assert found.p_value == pytest.approx(math.erfc(z / math.sqrt(2)))
    assert found.value == 45
    assert (found.n, found.unit) == (20, "points")


def test_against_a_target_the_variance_is_the_most_likely_there():
    # The likelihood p**12 q**5 d**3 with p - d = .2, searched on a grid.
    d = np.linspace(0.0001, 0.3999, 400_000)
    likelihood = 12 * np.log(d + 0.2) + 5 * np.log(0.8 - 2 * d) + 3 * np.log(d)
    best = d[likelihood.argmax()]
    z = (0.45 - 0.2) / math.sqrt((2 * best + 0.2 - 0.04) / 20)
    assert nps_against(nps(counts=(12, 5, 3)), 20).statistic == pytest.approx(z, rel=1e-5)


counts = st.tuples(*[st.integers(0, 60)] * 3).filter(any)


@settings(max_examples=80)
@given(counts, st.floats(-95, 95))
def test_the_interval_leaves_a_target_out_just_where_the_test_does(counted, target):
    found = nps_against(nps(counts=counted), target)
    if abs(found.p_value - 0.05) > 1e-6:
        assert (found.ci.low <= 0 <= found.ci.high) == (found.p_value > 0.05)
    assert found.value == pytest.approx(nps(counts=counted).nps - target)


def test_weights_and_a_population_count():
    rng = np.random.default_rng(2)
    scores, weights = rng.choice([3, 8, 9], 200), rng.uniform(0.2, 3, 200)
    weighted = nps(scores, weights=weights)
    as_large = weighted.effective_n
    shares = [share * as_large for share in weighted.shares]
    z = nps_against(weighted, 5).statistic
    assert abs(z) < abs(nps_against(nps(counts=(1, 0, 0)), 5).statistic) or as_large < 200
    assert nps_against(weighted, 5).ci.high == pytest.approx(weighted.ci.high - 5)
    assert sum(shares) == pytest.approx(as_large)
    part = nps_against(nps(counts=(120, 50, 30), population=250), 30)
    assert part.p_value < nps_against(nps(counts=(120, 50, 30)), 30).p_value
    everybody = nps_against(nps(counts=(120, 50, 30), population=200), 30)
    assert math.isnan(everybody.p_value)
    assert tuple(everybody.ci) == (15, 15)


def test_edges_and_words():
    nothing = nps_against(nps([]))
    assert math.isnan(nothing.value)
    assert math.isnan(nothing.p_value)
    assert nothing.note == NO_ANSWERS
    alike = nps_against(nps(counts=(30, 0, 0)), 50)
    assert alike.value == 50
    assert alike.p_value < 0.01
    for target in (-100, 100, 101, math.nan):
        with pytest.raises(ValueError, match=r"^target must be"):
            nps_against(nps(counts=(1, 1, 1)), target)


def test_passives_alone_have_no_test_against_0_and_one_against_a_target():
    passives = nps(counts=(0, 20, 0))
    at_0 = nps_against(passives, 0)
    assert (at_0.value, math.isnan(at_0.p_value)) == (0, True)
    assert at_0.note == NO_DIFFERENCE_POSSIBLE
    assert at_0.ci.low < 0 < at_0.ci.high
    at_30 = nps_against(passives, 30)
    assert at_30.p_value < 0.05
    assert at_30.note == ""
    # Where everybody was asked there is no chance to test against.
    assert NO_DIFFERENCE_POSSIBLE not in nps_against(nps(counts=(1, 2, 1), population=4), 10).note


@pytest.mark.slow
def test_false_alarms():
    rng = np.random.default_rng(6)
    drawn = rng.multinomial(150, [0.5, 0.3, 0.2], 2000)
    found = [nps_against(nps(counts=one.tolist()), 30).p_value < 0.05 for one in drawn]
    assert 0.035 <= np.mean(found) <= 0.065
