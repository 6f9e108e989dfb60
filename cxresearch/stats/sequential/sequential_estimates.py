"""What looking early costs, and what an experiment that may have stopped early says of the effect.

The plain estimate of one that stopped because the effect looked large is too large, and its plain
interval covers too little. Here the ways to end are put in one order, by the look first and by the
statistic within a look, and the estimate and its interval follow from that order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison
from cxresearch.core.results import Interval, difference_unit
from cxresearch.stats.means.estimators import ValueWithVariance, why_unknown
from cxresearch.stats.sequential.group_sequential import START, Boundaries, exits

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
        return _read(boundaries, effect, math.nan, Interval(math.nan, math.nan), unit, note=note)
    z, critical = effect.statistic, boundaries.critical[look - 1]
    crossed = z >= critical or (boundaries.sides == 2 and z <= -critical)
    if not crossed and look < last:
        margin = critical * effect.se
        repeated = Interval(effect.value - margin, effect.value + margin)
        return _read(boundaries, effect, math.nan, repeated, unit, note=GOES_ON)
    return _ended(boundaries, effect, look, unit)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialPlan:
    """The units of an experiment with several looks, against those of one with a single look.

    Parameters
    ----------
    drift : float
        The expected z statistic at full information, were the effect as large as planned for.
    maximum : float
        The units if it never stops early, over those of an experiment with one look.
    expected, expected_without_effect : float
        The mean units with the planned effect and with none, over the same.
    stops : tuple of float
        The chance to have found the planned effect at or before each look.
    power : float
        The chance to find it at any.
    """

    drift: float
    maximum: float
    expected: float
    expected_without_effect: float
    stops: tuple[float, ...]
    power: float


def power_at(boundaries: Boundaries, drift: float) -> tuple[float, ...]:
    """Return the chance to have crossed the upper boundary at or before each look.

    Parameters
    ----------
    boundaries : Boundaries
        The looks.
    drift : float
        The expected z statistic at full information: effect / its standard error then.

    Examples
    --------
    >>> from cxresearch.stats.sequential.group_sequential import spending_boundaries
    >>> [round(chance, 3) for chance in power_at(spending_boundaries([0.5, 1.0]), 2.8)]
    [0.163, 0.798]
    """
    _, above = exits(boundaries.lower, boundaries.critical, boundaries.information, drift=drift)
    return tuple(float(chance) for chance in above.cumsum())


def sequential_plan(boundaries: Boundaries, *, power: float = 0.8) -> SequentialPlan:
    """Return by how much the looks raise the most units, and lower the mean, at one power.

    Parameters
    ----------
    boundaries : Boundaries
        The looks, the last one at full information.
    power : float, default 0.8
        The chance to find the effect, strictly between 0 and 1.

    Raises
    ------
    ValueError
        If the last look is not at full information, or `power` is out of range.

    Notes
    -----
    The drift at which the boundaries have the power, over z_confidence + z_power, squared. Take
    the units of :func:`cxresearch.stats.power.sample_size` times `maximum`.

    References
    ----------
    Jennison & Turnbull (2000), Group Sequential Methods, chapter 2.

    Examples
    --------
    >>> from cxresearch.stats.sequential.group_sequential import equal_looks, spending_boundaries
    >>> plan = sequential_plan(spending_boundaries(equal_looks(5)), power=0.9)
    >>> round(plan.maximum, 3), round(plan.expected, 3)
    (1.023, 0.759)
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    validate.share("power", power)
    validate.one_of("the last information", boundaries.information[-1], [1.0])
    drift = float(brentq(lambda d: power_at(boundaries, d)[-1] - power, 0.0, 20.0, xtol=1e-10))
    tail = (1 - boundaries.confidence) / boundaries.sides
    maximum = (drift / float(ndtri(1 - tail) + ndtri(power))) ** 2
    return SequentialPlan(
        drift=drift,
        maximum=maximum,
        expected=maximum * _mean_information(boundaries, drift),
        expected_without_effect=maximum * _mean_information(boundaries, 0.0),
        stops=power_at(boundaries, drift),
        power=power,
    )


def _ended(boundaries: Boundaries, effect: ValueWithVariance, look: int, unit: str) -> Comparison:
    z = effect.statistic
    # The drift is the mean of z over the root of the information.
    scale = effect.se * math.sqrt(boundaries.information[look - 1])
    tail = (1 - boundaries.confidence) / boundaries.sides
    low, middle, high = (
        scale * _drift_with(boundaries, look, z, chance) for chance in (tail, 0.5, 1 - tail)
    )
    upper = as_high(boundaries, look, z, drift=0.0)
    p_value = 2 * min(upper, 1 - upper) if boundaries.sides == 2 else upper
    return _read(boundaries, effect, p_value, Interval(low, high), unit, value=middle, ended=True)


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


def _read(
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
        statistic=effect.statistic,
        p_value=p_value,
        test="stage-wise ordering",
    )


def _mean_information(boundaries: Boundaries, drift: float) -> float:
    """Return the information at which the experiment ends, on average."""
    below, above = exits(boundaries.lower, boundaries.critical, boundaries.information, drift=drift)
    early = (below + above)[:-1]
    times = boundaries.information
    return float(early @ times[:-1] + (1 - early.sum()) * times[-1])
