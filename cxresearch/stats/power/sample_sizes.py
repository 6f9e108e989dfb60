"""How many units an experiment needs, what effect it would show, and with what chance.

The power is the chance to find an effect of a given size; the smallest effect found with that
chance is the minimum detectable effect (MDE). The conventions are those of R's ``power.prop.test``
and ``power.t.test``: the chance of a significant difference in the right direction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from cxresearch.core import validate
from cxresearch.core.results import Result
from cxresearch.stats.power.designs import Design, PlannedMetric

Direction = Literal["up", "down"]

#: A number of units this little above a whole number is rounding, not one more unit.
_ROUNDING = 1e-6
#: No experiment has more units.
_LARGEST = 1e12
NOT_REACHED = "no number of units shows this effect with this power"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize(Result):
    """The units an experiment needs.

    Parameters
    ----------
    n : int
        All units, of the control and every treatment; 0 with a note where no number is enough.
    control, treatment : int
        The units of the control and of each treatment.
    exact : float
        The units of the control before rounding up; nan where no number is enough.
    power, confidence : float
        As asked.
    unit : str
        What is counted.
    method : str
        The test that is planned for.
    note : str
        What a reader must know before using it.
    """

    n: int
    control: int
    treatment: int
    exact: float
    power: float
    confidence: float
    unit: str
    method: str
    note: str = ""


def power(
    metric: PlannedMetric, effect: float, n_control: float, design: Design | None = None
) -> float:
    """Return the chance to find an effect.

    Parameters
    ----------
    metric : PlannedMetric
        The metric without the effect.
    effect : float
        Treatment minus control, in the metric's unit.
    n_control : float
        The units of the control, at least 2.
    design : Design, optional
        How they are shared out and what is asked; its `power` plays no part.

    Returns
    -------
    float
        The chance, 0-1.

    Raises
    ------
    ValueError
        If `n_control` is below 2, or a share would leave 0-1.

    Notes
    -----
    Phi((|effect| - z se0) / se1), se0 from the pooled share and se1 from the two shares; for
    means, 1 - F(t) of the noncentral t with n1 + n2 - 2 degrees of freedom at effect / se.

    References
    ----------
    Cohen (1988), Statistical Power Analysis, 2nd ed.; R, ``power.prop.test``, ``power.t.test``.

    Examples
    --------
    >>> round(power(PlannedMetric.proportion(0.5), 0.25, 50), 4)
    0.7402
    """
    from scipy.special import nctdtr, ndtr

    design = design or Design()
    validate.between("n_control", n_control, 2, math.inf)
    distance = abs(effect) if design.margin is None else effect + design.margin
    null, alternative = _standard_errors(metric, effect, n_control, design)
    if not alternative > 0:
        raise validate.refused("variance", "above 0", metric.variance)
    if not metric.exact_t:
        return float(ndtr((distance - design.critical_value() * null) / alternative))
    df = n_control * (1 + design.treatment_per_control) - 2
    return 1 - float(nctdtr(df, distance / alternative, design.critical_value(df)))


def sample_size(metric: PlannedMetric, effect: float, design: Design | None = None) -> SampleSize:
    """Return how many units an effect needs to be found.

    Parameters
    ----------
    metric : PlannedMetric
        The metric without the effect.
    effect : float
        Treatment minus control, in the metric's unit; not 0 unless `design` has a margin.
    design : Design, optional
        How the units are shared out and what is asked.

    Returns
    -------
    SampleSize
        Units of randomisation: where clusters are assigned and `design_effect` is given, the
        units in them.

    Raises
    ------
    ValueError
        If there is no distance to show, or a share would leave 0-1.

    References
    ----------
    Chow, Shao, Wang & Lokhnygina (2017), Sample Size Calculations in Clinical Research, 3rd ed.

    Examples
    --------
    R: power.prop.test(p1 = .50, p2 = .75, power = .90) gives n = 76.7.

    >>> size = sample_size(PlannedMetric.proportion(0.5), 0.25, Design(power=0.9))
    >>> size.control, round(size.exact, 1)
    (77, 76.7)
    """
    from scipy.optimize import brentq

    design = design or Design()
    distance = abs(effect) if design.margin is None else effect + design.margin
    validate.positive("effect" if design.margin is None else "effect + margin", distance)

    def lacking(n: float) -> float:
        return design.power - power(metric, effect, n, design)

    enough = 2.0
    while lacking(enough) > 0 and enough < _LARGEST:
        enough *= 2
    reached = lacking(enough) <= 0
    exact = enough if reached else math.nan
    if reached and enough > 2:
        exact = float(brentq(lacking, enough / 2, enough, xtol=1e-9, rtol=1e-12))
    control = math.ceil(exact - _ROUNDING) if reached else 0
    treatment = math.ceil(exact * design.treatment_per_control - _ROUNDING) if reached else 0
    return SampleSize(
        n=control + design.treatments * treatment,
        control=control,
        treatment=treatment,
        exact=exact,
        power=design.power,
        confidence=design.confidence,
        unit="units",
        method=_method(metric, design),
        note="" if reached else NOT_REACHED,
    )


def detectable_effect(
    metric: PlannedMetric,
    n_control: float,
    design: Design | None = None,
    *,
    direction: Direction = "up",
) -> float:
    """Return the smallest effect (MDE) that so many units find with the power asked for.

    Parameters
    ----------
    metric : PlannedMetric
        The metric without the effect.
    n_control : float
        The units of the control, at least 2.
    design : Design, optional
        How the units are shared out and what is asked; without a margin.
    direction : {"up", "down"}
        Which way a share moves; for other metrics only the sign differs.

    Returns
    -------
    float
        The effect in the metric's unit, negative where it is down; over the baseline it is the
        relative one. Nan where a share has no room for it.

    Raises
    ------
    ValueError
        If `n_control` is below 2.

    Examples
    --------
    >>> round(detectable_effect(PlannedMetric.mean(25, unit="EUR"), 3000), 3)
    1.809
    """
    from scipy.optimize import brentq

    design = design or Design()
    validate.one_of("design.margin", design.margin, [None])
    sign = 1.0 if validate.one_of("direction", direction, ("up", "down")) == "up" else -1.0

    def lacking(size: float) -> float:
        return design.power - power(metric, sign * size, n_control, design)

    if metric.is_share:
        most = 1 - metric.baseline if sign > 0 else metric.baseline
    else:
        most = _standard_errors(metric, 0.0, n_control, design)[0]
        while lacking(most) > 0:
            most *= 2
    if lacking(most) > 0:
        return math.nan
    return sign * float(brentq(lacking, 0.0, most, xtol=1e-12, rtol=1e-12))


def _standard_errors(
    metric: PlannedMetric, effect: float, n_control: float, design: Design
) -> tuple[float, float]:
    """Return the standard error the test uses, and that of the difference under the effect."""
    scale = design.design_effect * (1 - design.variance_explained)
    n_treatment = n_control * design.treatment_per_control
    control, treatment = scale * metric.variance, scale * metric.after(effect)
    alternative = math.sqrt(control / n_control + treatment / n_treatment)
    # A non-inferiority test has no common share to pool.
    if not metric.is_share or design.margin is not None:
        return alternative, alternative
    share = design.treatment_per_control / (1 + design.treatment_per_control)
    pooled = metric.baseline + share * effect
    null = scale * pooled * (1 - pooled) * (1 / n_control + 1 / n_treatment)
    return math.sqrt(null), alternative


def _method(metric: PlannedMetric, design: Design) -> str:
    if design.margin is not None:
        return "non-inferiority, one-sided"
    if metric.is_share:
        return "z test, pooled"
    return "t test" if metric.exact_t else "z test"
