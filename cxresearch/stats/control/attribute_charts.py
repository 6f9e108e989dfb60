"""Whether a series of shares or rates is stable, when each is counted from a number of units."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.results import Interval
from cxresearch.stats.control.shewhart import (
    COVERAGE,
    SIGMAS,
    ControlChart,
    sigma_of_moving_ranges,
    signals,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

TOO_FEW_POINTS = "undefined: this control chart needs more points"


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
    counts, units = _checked("successes", successes, "n", n)
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
    events, units = _checked("counts", counts, "exposure", exposure)
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


def _checked(
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
        note="" if defined else TOO_FEW_POINTS,
    )
