"""What an experiment that may have stopped early says of the effect.

The plain estimate of an experiment that stopped because the effect looked large is too large, and
its plain interval covers too little. Here the ways to end are put in one order, by the look first
and by the statistic within a look, and the estimate and its interval follow from that order.
"""

from __future__ import annotations

import math

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison
from cxresearch.core.results import Interval, difference_unit
from cxresearch.stats.means.estimators import ValueWithVariance, why_unknown
from cxresearch.stats.sequential._boundary_crossing import START
from cxresearch.stats.sequential.group_sequential import Boundaries

GOES_ON = "no test yet: no boundary is crossed, and looks are left"


def sequential_estimate(
    boundaries: Boundaries, effect: ValueWithVariance, *, look: int, unit: str
) -> Comparison:
    """Estimate the effect at a look, as the plan to stop early asks.

    Parameters
    ----------
    boundaries : Boundaries
        Those of all looks so far, and of those planned.
    effect : ValueWithVariance
        Treatment minus control from all units seen by then; its variance is taken as known.
    look : int
        Which look it is, from 1.
    unit : str
        The unit of the effect.

    Returns
    -------
    Comparison
        Where the experiment ends here, by a boundary or at its last look: the median-unbiased
        estimate, its stage-wise interval and p-value. Where it goes on: the plain estimate, the
        repeated confidence interval, which holds at all looks together, and no p-value.

    Raises
    ------
    ValueError
        If `look` is not one of the looks.

    Notes
    -----
    p(drift) is the chance to end in a way as high as the one seen or higher: to cross the upper
    boundary earlier, or to be at least this high at this look. The estimate has p = 1/2, the
    interval goes from p = (1 - confidence) / sides to 1 less that; the p-value is that of no drift,
    two-sided where both sides stop the experiment. A repeated interval is d -+ critical * se.
    Where only one side stops the experiment the interval is at 2 `confidence` - 1, so that its
    lower end decides as the boundary does.

    References
    ----------
    Tsiatis, Rosner & Mehta (1984), Biometrics 40, 797-803. Jennison & Turnbull (2000), chapters 8
    and 9.

    Examples
    --------
    >>> from cxresearch.stats.sequential.group_sequential import spending_boundaries
    >>> boundaries = spending_boundaries([0.5, 1.0])
    >>> effect = ValueWithVariance(n=4000, value=0.03, variance=0.01**2)
    >>> result = sequential_estimate(boundaries, effect, look=1, unit="share")
    >>> round(result.value, 4), [round(end, 4) for end in result.ci], round(result.p_value, 4)
    (0.03, [0.0104, 0.0496], 0.0027)
    """
    last = len(boundaries.critical)
    validate.between("look", validate.whole("look", look), 1, last)
    note = why_unknown(effect)
    if note:
        return _result(boundaries, effect, math.nan, Interval(math.nan, math.nan), unit, note=note)
    z, critical = effect.value / effect.se, boundaries.critical[look - 1]
    crossed = z >= critical or (boundaries.sides == 2 and z <= -critical)
    if not crossed and look < last:
        margin = critical * effect.se
        repeated = Interval(effect.value - margin, effect.value + margin)
        return _result(boundaries, effect, math.nan, repeated, unit, note=GOES_ON)
    return _ended(boundaries, effect, look, unit)


def _ended(boundaries: Boundaries, effect: ValueWithVariance, look: int, unit: str) -> Comparison:
    z = effect.value / effect.se
    # The drift is the mean of z over the root of the information.
    scale = effect.se * math.sqrt(boundaries.information[look - 1])
    tail = (1 - boundaries.confidence) / boundaries.sides
    low, middle, high = (
        scale * _drift_with(boundaries, look, z, chance) for chance in (tail, 0.5, 1 - tail)
    )
    upper = as_high(boundaries, look, z, drift=0.0)
    p_value = 2 * min(upper, 1 - upper) if boundaries.sides == 2 else upper
    return _result(boundaries, effect, p_value, Interval(low, high), unit, value=middle, ended=True)


def as_high(boundaries: Boundaries, look: int, z: float, *, drift: float) -> float:
    """Return the chance to end in a way as high as `z` at `look`, or higher.

    Examples
    --------
    >>> from cxresearch.stats.sequential.group_sequential import spending_boundaries
    >>> round(as_high(spending_boundaries([1.0]), 1, 1.959964, drift=0.0), 4)
    0.025
    """
    inside, chance = START, 0.0
    before = zip(boundaries.lower, boundaries.critical, boundaries.information, strict=True)
    for _, (low, high, t) in zip(range(look - 1), before, strict=False):
        chance += inside.beyond(high, t, drift)
        inside = inside.at(low, high, t, drift)
    return chance + inside.beyond(z, boundaries.information[look - 1], drift)


def _drift_with(boundaries: Boundaries, look: int, z: float, chance: float) -> float:
    """Return the drift at which the chance to end as high is the given one."""
    from scipy.optimize import brentq

    def excess(drift: float) -> float:
        return as_high(boundaries, look, z, drift=drift) - chance

    centre = z / math.sqrt(boundaries.information[look - 1])
    reach = 4 / math.sqrt(boundaries.information[0])
    low, high = centre - reach, centre + reach
    while excess(low) > 0:
        low -= reach
    while excess(high) < 0:
        high += reach
    return float(brentq(excess, low, high, xtol=1e-9))


def _result(
    boundaries: Boundaries,
    effect: ValueWithVariance,
    p_value: float,
    ci: Interval,
    unit: str,
    *,
    value: float | None = None,
    ended: bool = False,
    note: str = "",
) -> Comparison:
    return Comparison(
        value=effect.value if value is None else value,
        ci=ci,
        n=effect.n,
        unit=difference_unit(unit),
        confidence=1 - 2 * (1 - boundaries.confidence) / boundaries.sides,
        method="median-unbiased, stage-wise interval" if ended else "repeated confidence interval",
        note=note,
        statistic=effect.value / effect.se if effect.variance > 0 else math.nan,
        p_value=p_value,
        test="stage-wise ordering",
    )
