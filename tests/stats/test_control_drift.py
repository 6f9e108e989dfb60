"""Charts of drifts against qcc and Montgomery's example."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.stats.control import drift_charts, shewhart
from cxresearch.stats.control.drift_charts import cusum, ewma
from cxresearch.stats.control.shewhart import BEYOND_LIMITS, individuals

# Montgomery, table 9.1: 20 points around 10, then 10 around 11; sigma 1.
SHIFTED = [9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.2, 10.34, 9.03, 11.47, 10.51,
           9.4, 10.08, 9.37, 10.62, 10.31, 8.52, 10.84, 10.9, 9.33, 12.29, 11.5, 10.6, 11.08,
           10.38, 11.62, 11.31, 10.52]  # fmt: skip
series = st.lists(st.integers(-50, 50), min_size=2, max_size=40)


def test_the_ewma_of_qcc():
    # R qcc 2.7: ewma(x, center = 10, std.dev = 0.3, lambda = 0.2, nsigmas = 3).
    chart = ewma([10.2, 9.7, 10.1, 9.9], unit="s", target=10, sigma=0.3)
    assert chart.points["average"].tolist() == pytest.approx([10.04, 9.972, 9.9976, 9.97808])
    assert chart.points["low"].tolist() == pytest.approx(
        [9.82, 9.76948752745242, 9.7423043655783, 9.72632043262238]
    )
    assert chart.ci == pytest.approx((9.72632043262238, 20 - 9.72632043262238))


def test_the_average_is_the_weighted_sum_of_all_points():
    chart = ewma(SHIFTED, unit="s", target=10, sigma=1, weight=0.1, width=2.7)
    n = len(SHIFTED)
    weights = 0.1 * 0.9 ** np.arange(n - 1, -1, -1)
    last = float(weights @ np.array(SHIFTED)) + 0.9**n * 10
    assert chart.points["average"].iloc[-1] == pytest.approx(last)
    # The variance of that sum is sigma^2 times the sum of the squared weights.
    margin = 2.7 * math.sqrt(float(weights @ weights))
    assert chart.ci == pytest.approx((10 - margin, 10 + margin))
    assert chart.points["signal"].iloc[-1] == (BEYOND_LIMITS if last > 10 + margin else "")


def test_the_cusum_of_montgomery():
    # Table 9.2: k = 0.5, h = 5; the upper sum is 5.28 at point 29, the first beyond h.
    chart = cusum(SHIFTED, unit="s", target=10, sigma=1)
    assert chart.points["above"].iloc[28] == pytest.approx(5.28)
    assert chart.points["below"].iloc[1] == pytest.approx(-1.56)
    out = np.flatnonzero(chart.points["signal"] == BEYOND_LIMITS) + 1
    assert out.tolist() == [29, 30]
    assert chart.ci == (5, 15)


def test_by_default_the_points_give_centre_and_sigma():
    plain = individuals(SHIFTED, unit="s")
    for chart in (ewma(SHIFTED, unit="s"), cusum(SHIFTED, unit="s")):
        assert chart.centre == plain.centre
        assert chart.sigma == plain.sigma


@given(series)
def test_the_mirror_is_mirrored(values):
    plain, mirror = (cusum(sign * np.array(values), unit="s") for sign in (1, -1))
    assert mirror.points["above"].tolist() == pytest.approx(
        (-plain.points["below"]).tolist(), nan_ok=True
    )
    assert mirror.points["signal"].tolist() == plain.points["signal"].tolist()
    averages = ewma([-v for v in values], unit="s").points["average"]
    assert averages.tolist() == pytest.approx((-ewma(values, unit="s").points["average"]).tolist())


def test_a_lasting_shift_of_one_sigma_is_seen_by_them_and_not_by_single_points():
    rng = np.random.default_rng(4)
    found = {"ewma": 0, "cusum": 0, "single": 0}
    for _ in range(200):
        values = rng.normal(1, 1, 12)
        found["ewma"] += any(ewma(values, unit="s", target=0, sigma=1).points["signal"])
        found["cusum"] += any(cusum(values, unit="s", target=0, sigma=1).points["signal"])
        found["single"] += bool((np.abs(values) > 3).any())
    assert min(found["ewma"], found["cusum"]) > 120 > 2 * found["single"]


@pytest.mark.parametrize("chart", [ewma, cusum])
def test_edges(chart):
    for values in ([], [3.0]):
        result = chart(values, unit="s")
        assert math.isnan(result.centre)
        assert math.isnan(result.ci.low)
        assert result.note == shewhart.TOO_FEW_POINTS
    alike = chart([3, 3, 3], unit="s")
    assert alike.note == drift_charts.NO_SPREAD
    assert set(alike.points["signal"]) == {""}
    one = chart([3], unit="s", target=3, sigma=1)
    assert (one.centre, one.note) == (3, "")


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^weight must be strictly between 0 and 1; got 1$"):
        ewma([1, 2], unit="s", weight=1)
    with pytest.raises(ValueError, match=r"^sigma must be above 0; got 0$"):
        cusum([1, 2], unit="s", sigma=0)
    with pytest.raises(ValueError, match=r"^slack must be above 0; got -1$"):
        cusum([1, 2], unit="s", slack=-1)
