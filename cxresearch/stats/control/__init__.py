"""Whether a series of measurements is stable, drifts or has a trend.

p_chart
    Return the control chart of shares, with the limits of each point from its own units.
u_chart
    Return the control chart of rates, such as tickets per order.
Baseline
    What a series follows.
baseline
    Return what a series follows, so that a chart takes a trend or a season for no event.
ewma
    Return the chart of the exponentially weighted moving average.
cusum
    Return the chart of cumulated sums of the deviations, upwards and downwards.
weighted_trend
    Estimate by how much a number changes in one unit of time.
ControlChart
    A chart of single measurements with its limits.
individuals
    Return the Shewhart chart of individual measurements.
signals
    Return what each point signals; one beyond its limits signals that alone.
"""

from cxresearch.stats.control.baselines import Baseline, baseline, weighted_trend
from cxresearch.stats.control.drift_charts import cusum, ewma
from cxresearch.stats.control.shewhart import ControlChart, individuals, p_chart, signals, u_chart

__all__ = [
    "Baseline",
    "ControlChart",
    "baseline",
    "cusum",
    "ewma",
    "individuals",
    "p_chart",
    "signals",
    "u_chart",
    "weighted_trend",
]
