"""Whether a series of single measurements is stable, or something out of the ordinary happened.

Its neighbours :mod:`~cxresearch.stats.control.attribute_charts` and
:mod:`~cxresearch.stats.control.drift_charts` ask the same of shares and rates, and of small
lasting changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxresearch.core import validate
from cxresearch.core.results import Estimate, Interval, Result

if TYPE_CHECKING:
    import numpy as np
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

    def to_dict(self) -> dict[str, object]:
        """Return the fields in order, without the points, which are a table of their own."""
        row = Result.to_dict(self)
        del row["points"]
        return row

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
    """Return what each point signals; a point beyond its limits is told as that alone."""
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
