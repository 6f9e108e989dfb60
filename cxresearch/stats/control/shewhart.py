"""Shewhart charts: whether single measurements, shares or rates are stable.

:mod:`~cxresearch.stats.control.drift_charts` asks the same of small lasting changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.results import Estimate, Interval, Result

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

#: The expected range of two normal values in standard deviations (Montgomery's d2 for n = 2).
_D2 = 1.128
SIGMAS = 3
#: The share of points of a stable normal series that lie within three sigmas.
COVERAGE = 0.9973
_RUN = 8

#: What a point may signal, as `signal` in :attr:`ControlChart.points`.
BEYOND_LIMITS = "beyond the limits"
RUN = "run of eight"

TOO_FEW_POINTS = "undefined: a control chart needs at least two points"

MORE_POINTS = "undefined: this control chart needs more points"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlChart(Result):
    """A chart of single measurements with its limits.

    Parameters
    ----------
    centre : float
        The mean of the points, in `unit`; nan where it is undefined, and then `note` says why.
    ci : Interval
        The control limits, in `unit`: where the single points of a stable series lie, not an
        interval of the centre. Where every point has limits of its own, those of the last.
    sigma : float
        The standard deviation behind the limits (of the last).
    points : pandas.DataFrame
        One row per point, in order: `value`, what the chart says of it (such as `moving_range`,
        nan at the first, or `low` and `high`, its own limits) and `signal` (empty,
        ``"beyond the limits"`` or ``"run of eight"``).
    n : int
        The number of points.
    unit : str
        The unit of the points.
    confidence : float
        The share of points of a stable normal series within the limits.
    method : str
        How the limits were found.
    note : str
        What a reader must know before using the chart.
    """

    centre: float
    ci: Interval
    sigma: float
    points: pd.DataFrame
    n: int
    unit: str
    confidence: float
    method: str
    note: str = ""

    @property
    def signalled(self) -> Estimate:
        """How many of the points signal; nan with the chart's note where it has no limits."""
        count = (
            float((self.points["signal"] != "").sum()) if math.isfinite(self.sigma) else math.nan
        )
        people = int(self.points["people"].min()) if self.n and "people" in self.points else None
        return Estimate(
            value=count,
            ci=Interval(count, count),
            n=self.n,
            people=people,
            unit="",
            confidence=1.0,
            method="complete count",
            note=self.note,
        )


def individuals(values: ArrayLike, *, unit: str, around: ArrayLike | None = None) -> ControlChart:
    """Return the Shewhart chart of individual measurements.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        The measurements in the order of time, evenly spaced, in `unit`.
    unit : str
        Their unit.
    around : array_like of float, shape (n,), optional
        What each would be if nothing happened, such as the line of a trend
        (:func:`cxresearch.stats.control.baseline`): `points` then has it as `centre`,
        with limits of their own (`low`, `high`). By default the mean of all.

    Returns
    -------
    ControlChart
        With fewer than two points everything but the points is nan and `note` says why.

    Raises
    ------
    ValueError
        If `values` is not flat or holds a value that is not finite, or `around` is not as long.

    Notes
    -----
    Limits: mean -+ 3 * (mean moving range) / 1.128; the moving ranges are those of the deviations
    from `around` where it is given. Signals: a point beyond the limits (Western
    Electric rule 1, Nelson rule 1); the eighth and every further point in a row on one side of
    the centre (Western Electric rule 4; Nelson's rule 2 waits for nine). A trend or a season
    breaks both rules without anything being out of the ordinary; with fewer than about 20 points
    the limits are rough.

    References
    ----------
    Montgomery (2020), Introduction to Statistical Quality Control, 8th ed., section 6.4. Western
    Electric (1956), Statistical Quality Control Handbook.

    Examples
    --------
    >>> chart = individuals([10, 12, 11, 9, 10, 25, 11, 10], unit="orders")
    >>> chart.centre, [round(limit, 2) for limit in chart.ci]
    (12.25, [-1.43, 25.93])
    """
    import numpy as np
    import pandas as pd

    (points,) = validate.arrays(values=values)
    defined = len(points) > 1
    mean = np.full(len(points), points.mean() if defined else math.nan)
    expected = mean if around is None else validate.arrays(values=points, around=around)[1]
    deviations = points - expected if defined and around is not None else points
    sigma = sigma_of_moving_ranges(deviations)
    low, high = expected - SIGMAS * sigma, expected + SIGMAS * sigma
    own_limits = {} if around is None else {"centre": expected, "low": low, "high": high}
    nothing = math.nan
    return ControlChart(
        centre=float(expected[-1]) if defined else nothing,
        ci=Interval(float(low[-1]), float(high[-1])) if defined else Interval(nothing, nothing),
        sigma=sigma,
        points=pd.DataFrame(
            {
                "value": points,
                "moving_range": np.abs(np.diff(deviations, prepend=math.nan)),
                **own_limits,
                "signal": signals(points - expected, 0.0, low - expected, high - expected),
            }
        ),
        n=len(points),
        unit=unit,
        confidence=COVERAGE,
        method="Shewhart individuals chart, moving ranges of two",
        note="" if defined else TOO_FEW_POINTS,
    )


def sigma_of_moving_ranges(points: NDArray[np.float64]) -> float:
    """Return the mean moving range of two over 1.128; nan with fewer than two points.

    Examples
    --------
    >>> import numpy as np
    >>> round(sigma_of_moving_ranges(np.array([10.0, 12.0, 11.0])), 3)
    1.33
    """
    import numpy as np

    return float(np.abs(np.diff(points)).mean()) / _D2 if len(points) > 1 else math.nan


def signals(
    points: NDArray[np.float64],
    centre: float,
    lows: NDArray[np.float64],
    highs: NDArray[np.float64],
) -> list[str]:
    """Return what each point signals; one beyond its limits signals that alone."""
    found, run, last_side = [], 0, 0
    for value, low, high in zip(points.tolist(), lows.tolist(), highs.tolist(), strict=True):
        side = (value > centre) - (value < centre)
        run = run + 1 if side and side == last_side else abs(side)
        last_side = side
        if value < low or value > high:
            found.append(BEYOND_LIMITS)
        else:
            found.append(RUN if run >= _RUN else "")
    return found


def p_chart(successes: ArrayLike, n: ArrayLike, *, laney: bool = False) -> ControlChart:
    """Return the control chart of shares, with the limits of each point from its own units.

    Parameters
    ----------
    successes : array_like of int, shape (k,)
        How many units had the property in each period, in the order of time.
    n : array_like of int, shape (k,), or int
        How many units there were; above 0.
    laney : bool, default False
        Whether the limits are widened (or narrowed) by how much more (or less) the shares vary
        than chance lets them: Laney's p'. With many units per period it should be.

    Returns
    -------
    ControlChart
        `points` has `value`, `low`, `high` and `signal`. Without points, or with one and
        `laney`, everything but the values is nan and `note` says why.

    Raises
    ------
    ValueError
        If a period has no units, or more successes than units.

    Notes
    -----
    p -+ 3 * sqrt(p (1 - p) / n_i), p = sum of successes / sum of units, cut at 0 and 1. Laney:
    times the mean moving range of z_i / 1.128, z_i = (p_i - p) / sqrt(p (1 - p) / n_i). The
    signals are those of :func:`cxresearch.stats.control.individuals`.

    References
    ----------
    Montgomery (2020), Introduction to Statistical Quality Control, 8th ed., section 7.2. Laney
    (2002), Qual. Eng. 14, 531-537.

    Examples
    --------
    >>> chart = p_chart([12, 15, 8, 10, 24], 50)
    >>> round(chart.centre, 3), [round(limit, 3) for limit in chart.ci]
    (0.276, [0.086, 0.466])
    """
    counts, units = _counts_and_units("successes", successes, "n", n)
    for count, size in zip(counts.tolist(), units.tolist(), strict=True):
        validate.between("successes", count, 0, size)
    centre = float(counts.sum() / units.sum()) if counts.size else math.nan
    return _chart(
        counts / units,
        centre,
        np.sqrt(centre * (1 - centre) / units),
        high=1.0,
        unit="share",
        method="p-chart",
        laney=laney,
    )


def u_chart(
    counts: ArrayLike, exposure: ArrayLike, *, unit: str, laney: bool = False
) -> ControlChart:
    """Return the control chart of rates, such as tickets per order.

    Parameters
    ----------
    counts : array_like of int, shape (k,)
        How many events there were in each period, in the order of time.
    exposure : array_like of float, shape (k,), or float
        From how much they come: orders, days; above 0.
    unit : str
        The unit of the rate.
    laney : bool, default False
        Whether the limits are scaled by how much the rates really vary: Laney's u'.

    Returns
    -------
    ControlChart
        As of :func:`p_chart`.

    Raises
    ------
    ValueError
        If a count is negative, or an exposure is not above 0.

    Notes
    -----
    u -+ 3 * sqrt(u / exposure_i), u = sum of counts / sum of exposures, cut at 0.

    References
    ----------
    Montgomery (2020), Introduction to Statistical Quality Control, 8th ed., section 7.3.

    Examples
    --------
    >>> chart = u_chart([12, 9, 15], [100, 80, 120], unit="tickets per order")
    >>> round(chart.centre, 3), [round(limit, 3) for limit in chart.ci]
    (0.12, [0.025, 0.215])
    """
    events, units = _counts_and_units("counts", counts, "exposure", exposure)
    centre = float(events.sum() / units.sum()) if events.size else math.nan
    return _chart(
        events / units,
        centre,
        np.sqrt(centre / units),
        high=math.inf,
        unit=unit,
        method="u-chart",
        laney=laney,
    )


def _counts_and_units(
    name: str, counts: ArrayLike, of: str, units: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if np.ndim(units) == 0:
        units = np.full(np.shape(counts), units)
    found, sizes = validate.arrays(**{name: counts, of: units})
    if found.size:
        validate.between(name, float(found.min()), 0, math.inf)
        validate.positive(of, float(sizes.min()))
    return found, sizes


def _chart(
    values: NDArray[np.float64],
    centre: float,
    sigmas: NDArray[np.float64],
    *,
    high: float,
    unit: str,
    method: str,
    laney: bool,
) -> ControlChart:
    import pandas as pd

    if laney:
        scaled = sigma_of_moving_ranges((values - centre) / sigmas) if sigmas.all() else 1.0
        sigmas = sigmas * scaled
    lows = np.maximum(centre - SIGMAS * sigmas, 0.0)
    highs = np.minimum(centre + SIGMAS * sigmas, high)
    defined = values.size > (1 if laney else 0)
    return ControlChart(
        centre=centre if defined else math.nan,
        ci=Interval(float(lows[-1]), float(highs[-1])) if defined else Interval(math.nan, math.nan),
        sigma=float(sigmas[-1]) if defined else math.nan,
        points=pd.DataFrame(
            {
                "value": values,
                "low": lows,
                "high": highs,
                "signal": signals(values, centre, lows, highs),
            }
        ),
        n=values.size,
        unit=unit,
        confidence=COVERAGE,
        method=f"Laney's {method.removesuffix('-chart')}'-chart" if laney else method,
        note="" if defined else MORE_POINTS,
    )
