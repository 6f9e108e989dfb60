"""How much one unit's outcome varies, for each kind of metric: what a plan must know beforehand."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cxresearch.core import validate
from cxresearch.stats.means.estimators import ValueWithVariance

#: An NPS runs from -100 to 100, a unit's answer from -1 to 1.
_POINTS = 100.0


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
