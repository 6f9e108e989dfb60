"""Charts of shares and rates against qcc and Laney's definition, written out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxresearch.stats.control import shewhart
from cxresearch.stats.control.shewhart import BEYOND_LIMITS, RUN, individuals, p_chart, u_chart

# Orange juice cans, Montgomery, table 7.1.
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9,
        12, 7, 13, 9, 6]  # fmt: skip


def beyond(chart):
    return [i for i, signal in enumerate(chart.points["signal"], 1) if signal == BEYOND_LIMITS]


def test_the_p_chart_of_qcc():
    # R qcc 2.7: qcc(D, sizes = 50, type = "p"); Montgomery prints .2313, .0524, .4102.
    chart = p_chart(CANS, 50)
    assert chart.centre == pytest.approx(0.231333333333333)
    assert chart.ci == pytest.approx((0.0524275480719282, 0.410239118594738))
    assert beyond(chart) == [15, 23]
    assert (chart.n, chart.unit, chart.note) == (30, "share", "")


def test_every_point_has_the_limits_of_its_units():
    chart = p_chart([10, 30, 2], [100, 200, 20])
    p = 42 / 320
    for (_, row), n in zip(chart.points.iterrows(), [100, 200, 20], strict=True):
        margin = 3 * math.sqrt(p * (1 - p) / n)
        assert (row["low"], row["high"]) == pytest.approx((max(p - margin, 0), p + margin))
    assert chart.points["value"].tolist() == pytest.approx([0.1, 0.15, 0.1])
    assert chart.ci == tuple(chart.points.iloc[-1][["low", "high"]])
    assert chart.sigma == pytest.approx(math.sqrt(p * (1 - p) / 20))


def test_laney_by_hand():
    # With equal units p' is the chart of individuals of the shares themselves.
    chart = p_chart(CANS, 50, laney=True)
    plain = individuals(np.array(CANS) / 50, unit="share")
    assert chart.centre == pytest.approx(plain.centre)
    assert chart.ci == pytest.approx((max(plain.ci.low, 0), plain.ci.high))
    assert chart.method == "Laney's p'-chart"


def test_laney_holds_where_the_shares_vary_by_themselves():
    rng = np.random.default_rng(3)
    n = rng.integers(8_000, 12_000, 200)
    x = rng.binomial(n, rng.beta(60, 540, 200))
    assert len(beyond(p_chart(x, n))) > 60
    assert len(beyond(p_chart(x, n, laney=True))) <= 3


def test_the_u_chart_by_hand():
    chart = u_chart([12, 9, 40], [100, 80, 120], unit="tickets per order")
    u = 61 / 300
    assert chart.centre == pytest.approx(u)
    assert chart.points["high"].tolist() == pytest.approx(
        [u + 3 * math.sqrt(u / n) for n in (100, 80, 120)]
    )
    assert beyond(chart) == [3]
    assert u_chart([1, 0], 10, unit="x").ci.low == 0


def test_a_run_signals():
    chart = p_chart([9] * 8 + [11] * 8, 100)
    assert chart.points["signal"].tolist() == [*[""] * 7, RUN] * 2


@pytest.mark.parametrize("laney", [False, True])
def test_edges(laney):
    nothing = p_chart([], [], laney=laney)
    assert math.isnan(nothing.centre)
    assert math.isnan(nothing.ci.low)
    assert nothing.note == shewhart.MORE_POINTS
    none_ever = p_chart([0, 0, 0], 50, laney=laney)
    assert (none_ever.centre, *none_ever.ci) == (0, 0, 0)
    assert set(none_ever.points["signal"]) == {""}
    one = p_chart([3], [10], laney=laney)
    assert math.isnan(one.centre) == laney


def test_bad_counts_are_worded():
    with pytest.raises(ValueError, match=r"^successes must be between 0 and 3\.0; got 4\.0$"):
        p_chart([1, 4], [3, 3])
    with pytest.raises(ValueError, match=r"^n must be above 0; got 0\.0$"):
        p_chart([0, 0], [3, 0])
    with pytest.raises(ValueError, match=r"^counts must be between 0 and inf; got -1\.0$"):
        u_chart([-1], 3, unit="x")
