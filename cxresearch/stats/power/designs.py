"""What a plan must know: how much a metric varies, what is asked, how the units are shared out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from cxresearch.core import validate
from cxresearch.stats.means.estimators import ValueWithVariance
from cxresearch.stats.multiplicity.simultaneous_intervals import critical_range, critical_value

Correction = Literal["dunnett", "all_pairs", "bonferroni", "none"]
#: Covariates that leave less than this of the variance leave nothing to test.
_ALL = 1e-6
#: An NPS runs from -100 to 100, a unit's answer from -1 to 1.
_POINTS = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What is asked of an experiment, and how its units are shared out.

    Parameters
    ----------
    confidence : float, default 0.95
        One minus the chance to find an effect where there is none.
    power : float, default 0.8
        The chance to find the effect where it is.
    sides : {2, 1}
        Whether both directions count, or only the one of the effect.
    treatment_per_control : float, default 1
        The units of each treatment for one unit of control.
    treatments : int, default 1
        How many treatments are compared with the one control.
    correction : {"dunnett", "all_pairs", "bonferroni", "none"}
        How the chance of a false alarm is kept over several treatments; "all_pairs" where they are
        also compared with one another (Tukey, both directions).
    margin : float, optional
        The margin of a non-inferiority test, above 0: then the test is one-sided, and the effect
        is what the treatment truly does (0 or a small gain), the good direction being up.
    variance_explained : float, default 0
        The share of the variance that covariates take out (CUPED: the squared correlation).
    design_effect : float, default 1
        By how much clusters raise the variance (:func:`design_effect`).

    Examples
    --------
    >>> Design(treatments=3).treatment_per_control
    1.0
    """

    confidence: float = 0.95
    power: float = 0.8
    sides: Literal[1, 2] = 2
    treatment_per_control: float = 1.0
    treatments: int = 1
    correction: Correction = "dunnett"
    margin: float | None = None
    variance_explained: float = 0.0
    design_effect: float = 1.0

    def __post_init__(self) -> None:
        validate.share("confidence", self.confidence)
        validate.share("power", self.power)
        validate.one_of("sides", self.sides, (1, 2))
        validate.positive("treatment_per_control", self.treatment_per_control)
        validate.whole("treatments", self.treatments, low=1)
        validate.one_of("correction", self.correction, get_args(Correction))
        if self.correction == "all_pairs" and self.one_sided:
            rule = "another than all_pairs in one direction"
            raise validate.refused("correction", rule, self.correction)
        if self.margin is not None:
            validate.positive("margin", self.margin)
        validate.between("variance_explained", self.variance_explained, 0, 1 - _ALL)
        validate.positive("design_effect", self.design_effect)

    @property
    def one_sided(self) -> bool:
        """Whether only one direction counts, as it always does with a margin."""
        return self.sides == 1 or self.margin is not None

    def critical_value(self, df: float = math.inf) -> float:
        """Return how many standard errors a difference must have to count.

        Examples
        --------
        >>> round(Design().critical_value(), 2), round(Design(treatments=3).critical_value(), 2)
        (1.96, 2.35)
        """
        from scipy.special import stdtrit

        if self.treatments > 1 and self.correction == "dunnett":
            ratio = self.treatment_per_control
            shared = [math.sqrt(ratio / (1 + ratio))] * self.treatments
            sides: Literal[1, 2] = 1 if self.one_sided else 2
            return critical_value(shared, df=df, confidence=self.confidence, sides=sides)
        if self.treatments > 1 and self.correction == "all_pairs":
            q = critical_range(self.treatments + 1, df=df, confidence=self.confidence)
            return q / math.sqrt(2)
        tail = (1 - self.confidence) / (1 if self.one_sided else 2)
        if self.correction == "bonferroni":
            tail /= self.treatments
        return float(stdtrit(df, 1 - tail))


def design_effect(mean_size: float, correlation: float, *, size_variation: float = 0.0) -> float:
    """Return by how much clusters raise the variance of a mean of their units.

    Parameters
    ----------
    mean_size : float
        The mean number of units in a cluster, at least 1.
    correlation : float
        How alike the units of a cluster are (intraclass correlation), 0-1.
    size_variation : float, default 0
        The standard deviation of the sizes over their mean.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    1 + ((1 + cv**2) m - 1) icc.

    References
    ----------
    Kish (1965), Survey Sampling. Eldridge, Ashby & Kerry (2006), Int. J. Epidemiol. 35, 1292-1300.

    Examples
    --------
    >>> round(design_effect(20, 0.05), 2)
    1.95
    """
    size = validate.between("mean_size", mean_size, 1, math.inf)
    alike = validate.between("correlation", correlation, 0, 1)
    variation = validate.between("size_variation", size_variation, 0, math.inf)
    return 1 + ((1 + variation**2) * size - 1) * alike


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMetric:
    """A metric as it is without any effect.

    Parameters
    ----------
    baseline : float
        Its expected value in the control; nan where it does not matter.
    variance : float
        The variance of one unit's outcome, in `unit` squared.
    unit : str
        The unit of the metric and of an effect on it.
    is_share : bool
        Whether an effect changes the variance as it does that of a share.
    exact_t : bool
        Whether the outcomes' spread is estimated, and the test Student's t.

    Examples
    --------
    >>> PlannedMetric.proportion(0.5).variance
    0.25
    """

    baseline: float
    variance: float
    unit: str
    is_share: bool = False
    exact_t: bool = False

    @classmethod
    def proportion(cls, share: float) -> PlannedMetric:
        """Return a conversion rate, a CSAT, any share of units.

        Raises
        ------
        ValueError
            If `share` is not strictly between 0 and 1.
        """
        p = validate.share("share", share)
        return cls(baseline=p, variance=p * (1 - p), unit="share", is_share=True)

    @classmethod
    def mean(cls, sd: float, *, unit: str, baseline: float = math.nan) -> PlannedMetric:
        """Return a mean per unit, with the standard deviation of single units.

        Raises
        ------
        ValueError
            If `sd` is not above 0.
        """
        variance = validate.positive("sd", sd) ** 2
        return cls(baseline=baseline, variance=variance, unit=unit, exact_t=True)

    @classmethod
    def of(cls, history: ValueWithVariance, *, unit: str) -> PlannedMetric:
        """Return any metric as its own history tells: a ratio, a quantile, an adjusted mean.

        The variance of one unit is n times that of the estimate: for a ratio of totals, that of
        the delta method over customers.

        Raises
        ------
        ValueError
            If the history has no variance.

        Examples
        --------
        >>> history = ValueWithVariance(n=400, value=2.0, variance=0.01)
        >>> PlannedMetric.of(history, unit="orders").variance
        4.0
        """
        variance = validate.positive(
            "n times the variance of history", history.n * history.variance
        )
        return cls(baseline=history.value, variance=variance, unit=unit)

    @classmethod
    def nps(cls, promoters: float = 0.5, detractors: float = 0.5) -> PlannedMetric:
        """Return a Net Promoter Score, in points; by default with the largest variance there is.

        Raises
        ------
        ValueError
            If a share is outside 0-1, or both exceed 1 together.
        """
        p = validate.between("promoters", promoters, 0, 1)
        d = validate.between("detractors", detractors, 0, 1)
        validate.between("promoters + detractors", round(p + d, 9), 0, 1)
        variance = _POINTS**2 * (p + d - (p - d) ** 2)
        return cls(baseline=_POINTS * (p - d), variance=variance, unit="points")

    @classmethod
    def quantile(
        cls, q: float, *, density: float, unit: str, baseline: float = math.nan
    ) -> PlannedMetric:
        """Return a quantile, with the density of the outcomes at it (share of units per `unit`).

        The variance of one unit is q (1 - q) / density**2.

        Raises
        ------
        ValueError
            If `q` is not strictly between 0 and 1, or `density` is not above 0.
        """
        share = validate.share("q", q)
        variance = share * (1 - share) / validate.positive("density", density) ** 2
        return cls(baseline=baseline, variance=variance, unit=unit)

    def after(self, effect: float) -> float:
        """Return the variance of one unit once the metric has moved by an effect.

        Raises
        ------
        ValueError
            If a share would leave 0-1.
        """
        if not self.is_share:
            return self.variance
        moved = validate.between("baseline + effect", self.baseline + effect, 0, 1)
        return moved * (1 - moved)
