"""Whether a series of single measurements drifts by little, for long.

A chart of individuals sees a jump of three sigmas at once and one of a single sigma late; these
add up what the points say.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.results import Interval
from cxresearch.stats.control.shewhart import (
    BEYOND_LIMITS,
    COVERAGE,
    TOO_FEW_POINTS,
    ControlChart,
    sigma_of_moving_ranges,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NO_SPREAD = "undefined: the points have no spread to measure a drift by"


def ewma(
    values: ArrayLike,
    *,
    unit: str,
    target: float | None = None,
    sigma: float | None = None,
    weight: float = 0.2,
    width: float = 3.0,
) -> ControlChart:
    """Return the chart of the exponentially weighted moving average.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        The measurements in the order of time, evenly spaced, in `unit`.
    unit : str
        Their unit.
    target : float, optional
        The centre; by default their mean.
    sigma : float, optional
        Their standard deviation while stable, above 0; by default from their moving ranges.
    weight : float, default 0.2
        The weight of the newest point (lambda), strictly between 0 and 1.
    width : float, default 3.0
        The width of the limits in standard deviations of the average (L), above 0.

    Returns
    -------
    ControlChart
        `points` has `value`, `average`, `low`, `high` and `signal`. The limits and the signals
        are of the average. Undefined with a note without `sigma` and fewer than two points.

    Raises
    ------
    ValueError
        If a value is not finite, or `sigma`, `weight` or `width` is out of its range.

    Notes
    -----
    z_i = weight * x_i + (1 - weight) * z_{i-1}, from z_0 = target; limits
    target -+ width * sigma * sqrt(weight / (2 - weight) * (1 - (1 - weight)**(2 i))).

    References
    ----------
    Roberts (1959), Technometrics 1, 239-250. Montgomery (2020), Introduction to Statistical
    Quality Control, 8th ed., section 9.2.

    Examples
    --------
    >>> chart = ewma([10, 11, 9, 12, 13, 13], unit="orders", target=10, sigma=1)
    >>> chart.points["average"].round(3).tolist()
    [10.0, 10.2, 9.96, 10.368, 10.894, 11.316]
    """
    points, centre, spread = _basis(values, target, sigma)
    validate.share("weight", weight)
    validate.positive("width", width)
    averages, last = [], centre
    for value in points.tolist():
        last = weight * value + (1 - weight) * last
        averages.append(last)
    steps = np.arange(1, points.size + 1)
    shrunk = weight / (2 - weight) * (1 - (1 - weight) ** (2 * steps))
    margins = width * spread * np.sqrt(shrunk)
    return _chart(
        points,
        {"average": np.array(averages), "low": centre - margins, "high": centre + margins},
        np.abs(np.array(averages) - centre) > margins,
        centre=centre,
        ci=Interval(float(centre - margins[-1]), float(centre + margins[-1]))
        if points.size
        else Interval(math.nan, math.nan),
        sigma=spread,
        unit=unit,
        method="EWMA",
    )


def cusum(
    values: ArrayLike,
    *,
    unit: str,
    target: float | None = None,
    sigma: float | None = None,
    slack: float = 0.5,
    decision: float = 5.0,
) -> ControlChart:
    """Return the chart of cumulated sums of the deviations, upwards and downwards.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        The measurements in the order of time, evenly spaced, in `unit`.
    unit : str
        Their unit.
    target : float, optional
        The centre; by default their mean.
    sigma : float, optional
        Their standard deviation while stable, above 0; by default from their moving ranges.
    slack : float, default 0.5
        What each deviation is lessened by, in sigmas (k): half the shift to be found; above 0.
    decision : float, default 5.0
        The sum that signals, in sigmas (h), above 0.

    Returns
    -------
    ControlChart
        `points` has `value`, `above` (at least 0), `below` (at most 0), both in sigmas, and
        `signal`. `ci` is the decision interval around the centre, in `unit`. Undefined with a
        note without spread.

    Raises
    ------
    ValueError
        If a value is not finite, or `sigma`, `slack` or `decision` is not above 0.

    Notes
    -----
    With z = (x - target) / sigma: above_i = max(0, above_{i-1} + z_i - slack), below_i =
    min(0, below_{i-1} + z_i + slack); beyond `decision` either signals.

    References
    ----------
    Page (1954), Biometrika 41, 100-115. Montgomery (2020), Introduction to Statistical Quality
    Control, 8th ed., section 9.1.

    Examples
    --------
    >>> chart = cusum([10, 11, 9, 12, 13, 13], unit="orders", target=10, sigma=1)
    >>> chart.points["above"].tolist(), chart.points["signal"].tolist()[-1]
    ([0.0, 0.5, 0.0, 1.5, 4.0, 6.5], 'beyond the limits')
    """
    points, centre, spread = _basis(values, target, sigma)
    validate.positive("slack", slack)
    validate.positive("decision", decision)
    above, below = [], []
    up = down = 0.0
    for value in points.tolist():
        deviation = (value - centre) / spread if spread else math.nan
        up = max(up + deviation - slack, 0.0) if spread > 0 else math.nan
        down = min(down + deviation + slack, 0.0) if spread > 0 else math.nan
        above.append(up)
        below.append(down)
    return _chart(
        points,
        {"above": np.array(above), "below": np.array(below)},
        np.maximum(above, np.negative(below)) > decision,
        centre=centre,
        ci=Interval(centre - decision * spread, centre + decision * spread),
        sigma=spread,
        unit=unit,
        method="CUSUM",
    )


def _basis(
    values: ArrayLike, target: float | None, sigma: float | None
) -> tuple[NDArray[np.float64], float, float]:
    """Return the points, and the centre and sigma that are given or follow from them."""
    (points,) = validate.arrays(values=values)
    if target is None:
        centre = float(points.mean()) if points.size else math.nan
    else:
        centre = validate.real("target", target)
    spread = sigma_of_moving_ranges(points) if sigma is None else validate.positive("sigma", sigma)
    return points, centre, spread


def _chart(
    values: NDArray[np.float64],
    columns: dict[str, NDArray[np.float64]],
    beyond: NDArray[np.bool_],
    *,
    centre: float,
    ci: Interval,
    sigma: float,
    unit: str,
    method: str,
) -> ControlChart:
    import pandas as pd

    note = (NO_SPREAD if sigma == 0 else "") if sigma >= 0 and values.size else TOO_FEW_POINTS
    return ControlChart(
        centre=math.nan if note else centre,
        ci=Interval(math.nan, math.nan) if note else ci,
        sigma=sigma,
        points=pd.DataFrame(
            {
                "value": values,
                **columns,
                "signal": ["" if note or not out else BEYOND_LIMITS for out in beyond.tolist()],
            }
        ),
        n=values.size,
        unit=unit,
        confidence=COVERAGE,
        method=method,
        note=note,
    )
