"""Survival curves against R's survival and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from cxresearch.stats.survival import curves
from cxresearch.stats.survival.curves import kaplan_meier

# Acute myelogenous leukaemia, Miller (1997), Survival Analysis; R: survival::aml.
MAINTAINED = ([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])

seen = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=60)


def columns(pairs):
    return [time for time, _ in pairs], [ended for _, ended in pairs]


def test_the_curve_of_r():
    # R survival: summary(survfit(Surv(time, status) ~ x, aml)), group Maintained.
    curve = kaplan_meier(*MAINTAINED, unit="weeks")
    table = curve.table[curve.table["ended"] > 0]
    assert table["time"].tolist() == [9, 13, 18, 23, 31, 34, 48]
    assert table["at_risk"].tolist() == [11, 10, 8, 7, 5, 4, 2]
    shares = [0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184]
    assert table["survival"].tolist() == pytest.approx(shares, abs=5e-4)
    assert (curve.median, curve.n, curve.ended) == (31, 11, 7)


def test_ends_come_before_censoring_at_the_same_time():
    # R survival 3.5.3; S(5) = 7/9, S(12) = 7/9 * 1/2.
    curve = kaplan_meier([5, 5, 5, 8, 8, 12, 12, 12, 15], [1, 0, 1, 0, 0, 1, 1, 0, 0], unit="days")
    shares = [curve.at(time).value for time in (4, 5, 8, 12, 15)]
    assert shares == pytest.approx([1, 7 / 9, 7 / 9, 7 / 18, 7 / 18])
    assert [curve.at_risk(time) for time in (4, 5, 8, 12, 15)] == [9, 9, 6, 4, 1]
    assert curve.median == 12


def test_the_interval_by_hand():
    # At 18: S = 10/11 * 9/10 * 7/8, Greenwood's sum 1/110 + 1/90 + 1/56.
    share, error = 63 / 88, math.sqrt(1 / 110 + 1 / 90 + 1 / 56)
    spread = math.exp(1.959963984540054 * error / -math.log(share))
    result = kaplan_meier(*MAINTAINED, unit="weeks").at(20)
    assert result.value == pytest.approx(share)
    assert result.ci == pytest.approx((share**spread, share ** (1 / spread)))


def test_the_restricted_mean_of_r():
    # R survival: print(survfit(Surv(time, status) ~ x, aml), rmean = 161): 52.65, se 19.83.
    result = kaplan_meier(*MAINTAINED, unit="weeks").restricted_mean(161)
    assert result.value == pytest.approx(52.65, abs=5e-3)
    assert (result.ci.high - result.value) / 1.959964 == pytest.approx(19.83, abs=5e-3)
    assert result.unit == "weeks"


@given(seen)
def test_it_is_the_curve_of_statsmodels(pairs):
    durations, ended = columns(pairs)
    curve = kaplan_meier(durations, ended, unit="days")
    if not any(ended):
        assert set(curve.table["survival"]) == {1.0}
        return
    theirs = SurvfuncRight(np.array(durations), np.array(ended, dtype=int))
    ours = curve.table[curve.table["ended"] > 0]
    assert ours["time"].tolist() == theirs.surv_times.tolist()
    assert ours["survival"].to_numpy() == pytest.approx(theirs.surv_prob, abs=1e-12)
    assert ours["at_risk"].tolist() == theirs.n_risk.tolist()


@given(seen, st.floats(0.05, 0.95))
def test_intervals_hold_their_estimates(pairs, q):
    curve = kaplan_meier(*columns(pairs), unit="days")
    result = curve.quantile(q)
    if not math.isnan(result.value):
        assert not result.ci.low > result.value
        assert not result.ci.high < result.value
    defined = curve.table.dropna()
    assert (defined["low"] <= defined["survival"] + 1e-12).all()
    assert (defined["survival"] <= defined["high"] + 1e-12).all()


@given(seen)
def test_the_order_does_not_matter(pairs):
    forwards = kaplan_meier(*columns(pairs), unit="days")
    backwards = kaplan_meier(*columns(pairs[::-1]), unit="days")
    assert forwards.table.equals(backwards.table)


def test_without_censoring_the_mean_is_the_mean():
    values = [3.0, 5.0, 8.0, 13.0]
    curve = kaplan_meier(values, [1] * 4, unit="days")
    assert curve.restricted_mean(13).value == pytest.approx(np.mean(values))
    assert curve.restricted_mean(6).value == pytest.approx(np.mean([3, 5, 6, 6]))
    assert curve.median == np.median(values)


def test_a_flat_curve_gives_the_middle():
    # R survival, quantile.survfit: the midpoint of the horizontal segment; at the end of the
    # curve, up to the last time seen.
    assert kaplan_meier([2, 4, 6, 8], [1, 1, 1, 1], unit="days").median == 5
    assert kaplan_meier([2, 4, 6, 9], [1, 1, 0, 0], unit="days").median == 6.5


def test_edges():
    nothing = kaplan_meier([], [], unit="days")
    assert math.isnan(nothing.median)
    assert nothing.note == curves.NO_DURATIONS
    assert math.isnan(nothing.at(3).value)
    assert nothing.restricted_mean(3).note == curves.NO_DURATIONS
    open_ = kaplan_meier([3, 4], [0, 0], unit="days")
    assert math.isnan(open_.median)
    assert open_.note == curves.NOT_REACHED
    assert (open_.at(4).value, *open_.at(4).ci) == (1, 1, 1)
    assert open_.at(5).note == curves.NOT_REACHED
    assert open_.restricted_mean(4).value == 4
    assert open_.restricted_mean(4).note == curves.NO_ENDS
    one = kaplan_meier([3], [1], unit="days")
    assert one.median == 3
    assert one.note == curves.BOUND_NOT_SEEN
    assert kaplan_meier([1, 2], [1, 1], unit="days").at(0).value == 1
    assert "table" not in one.to_dict()


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^durations must be between 0 and inf; got -1\.0$"):
        kaplan_meier([-1, 2], [1, 1], unit="days")
    with pytest.raises(ValueError, match=r"^ended must be one of 0\.0, 1\.0; got 2\.0$"):
        kaplan_meier([1, 2], [1, 2], unit="days")


def test_coverage_of_the_median_with_a_third_censored():
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(600):
        life, seen_for = rng.exponential(10, 80), rng.exponential(20, 80)
        curve = kaplan_meier(np.minimum(life, seen_for), life <= seen_for, unit="days")
        covered += curve.ci.low <= 10 * math.log(2) <= curve.ci.high
    assert 0.93 <= covered / 600 <= 0.975
