"""How many answers a Net Promoter Score needs, and what a given number of answers can show.

The variance of one answer is p + d - (p - d)**2: at most 1, when half are promoters and half are
detractors. That is four times the worst case of a share, so an NPS needs four times the answers.
"""

from __future__ import annotations

import math

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.documented import documented
from cxresearch.survey.nps import POINTS, finite_population_factor

#: A number of answers this little above a whole number is rounding, not one more answer.
_ROUNDING = 1e-9


@documented
def nps_sample_size(
    margin: float,
    *,
    promoters: float = 0.5,
    detractors: float = 0.5,
    population: int | None = None,
    confidence: float = 0.95,
) -> int:
    """Return how many answers give an NPS to within a margin.

    Parameters
    ----------
    margin : float
        Half the width of the interval, in points.
    promoters, detractors : float, default 0.5
        The expected shares, 0-1; the default is the worst case.
    population : int, optional
        How many people there are in all, where they are few.
    %(confidence)s

    Raises
    ------
    ValueError
        If `margin` is not above 0, or the shares exceed 1 together.

    Notes
    -----
    n0 = z**2 (p + d - (p - d)**2) / margin**2, rounded up; n0 / (1 + (n0 - 1) / N) in a
    population of N. These are answers, not invitations.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., chapter 4.

    Examples
    --------
    >>> nps_sample_size(5, promoters=0.5, detractors=0.2), nps_sample_size(5)
    (938, 1537)
    >>> nps_sample_size(5, promoters=0.5, detractors=0.2, population=5000)
    790
    """
    validate.share("confidence", confidence)
    variance = _variance(promoters, detractors)
    distance = validate.positive("margin", margin) / POINTS
    needed = variance * (normal_quantile(confidence) / distance) ** 2
    if population is not None:
        needed /= 1 + (needed - 1) / validate.whole("population", population, low=1)
    return _up(needed)


def nps_margin(
    n: int,
    *,
    promoters: float = 0.5,
    detractors: float = 0.5,
    population: int | None = None,
    confidence: float = 0.95,
) -> float:
    """Return how wide the interval of an NPS will be to either side, in points.

    Parameters
    ----------
    n : int
        How many will answer.
    promoters, detractors, population, confidence
        As in :func:`nps_sample_size`.

    Raises
    ------
    ValueError
        If `n` is below 1, the population is smaller, or the shares exceed 1 together.

    Notes
    -----
    z sqrt((p + d - (p - d)**2) / n), times sqrt((N - n) / (N - 1)) in a population of N.

    Examples
    --------
    >>> round(nps_margin(938, promoters=0.5, detractors=0.2), 2), round(nps_margin(100), 1)
    (5.0, 19.6)
    """
    validate.share("confidence", confidence)
    validate.whole("n", n, low=1)
    variance = _variance(promoters, detractors) / n
    if population is not None:
        validate.whole("population", population, low=max(n, 2))
        variance *= finite_population_factor(n, population, with_less_one=False)
    return POINTS * normal_quantile(confidence) * math.sqrt(variance)


def nps_difference_sample_size(
    difference: float,
    *,
    promoters: float = 0.5,
    detractors: float = 0.5,
    against_target: bool = False,
    power: float = 0.8,
    confidence: float = 0.95,
) -> int:
    """Return how many answers each of two groups needs for a difference of NPS to show.

    Parameters
    ----------
    difference : float
        The smallest difference that matters, in points.
    promoters, detractors : float, default 0.5
        The expected shares in both groups, 0-1; the default is the worst case.
    against_target : bool, default False
        Whether one group is compared with a number that is known, not with another group.
    power : float, default 0.8
        The chance to find a difference of this size, strictly between 0 and 1.
    confidence : float, default 0.95
        One minus the chance to find one where there is none (two-sided).

    Raises
    ------
    ValueError
        If `difference` is not above 0, or the shares exceed 1 together.

    Notes
    -----
    n = k (z_confidence + z_power)**2 (p + d - (p - d)**2) / difference**2, rounded up, with k of
    2 for two groups and 1 against a target.

    Examples
    --------
    >>> nps_difference_sample_size(10, promoters=0.5, detractors=0.2)
    958
    """
    validate.share("confidence", confidence)
    groups = 1 if against_target else 2
    sums = groups * _variance(promoters, detractors)
    distance = validate.positive("difference", difference) / POINTS
    return _up(sums * (_quantiles(power, confidence) / distance) ** 2)


def nps_detectable_difference(
    n_first: int,
    n_second: int | None = None,
    *,
    promoters: float = 0.5,
    detractors: float = 0.5,
    power: float = 0.8,
    confidence: float = 0.95,
) -> float:
    """Return the smallest difference of NPS (MDE) that so many answers would show, in points.

    Parameters
    ----------
    n_first, n_second : int
        How many answer in each group; without the second, the first is compared with a number
        that is known.
    promoters, detractors, power, confidence
        As in :func:`nps_difference_sample_size`.

    Raises
    ------
    ValueError
        If a group has no answers, or the shares exceed 1 together.

    Notes
    -----
    (z_confidence + z_power) sqrt((p + d - (p - d)**2) (1 / n_first + 1 / n_second)).

    Examples
    --------
    >>> round(nps_detectable_difference(958, 958, promoters=0.5, detractors=0.2), 2)
    10.0
    """
    validate.share("confidence", confidence)
    parts = 1 / validate.whole("n_first", n_first, low=1)
    if n_second is not None:
        parts += 1 / validate.whole("n_second", n_second, low=1)
    variance = _variance(promoters, detractors) * parts
    return POINTS * _quantiles(power, confidence) * math.sqrt(variance)


def _variance(promoters: float, detractors: float) -> float:
    p = validate.between("promoters", promoters, 0, 1)
    d = validate.between("detractors", detractors, 0, 1)
    validate.between("promoters + detractors", round(p + d, 9), 0, 1)
    return p + d - (p - d) ** 2


def _quantiles(power: float, confidence: float) -> float:
    from scipy.special import ndtri

    return normal_quantile(confidence) + float(ndtri(validate.share("power", power)))


def _up(n: float) -> int:
    return max(1, math.ceil(n - _ROUNDING))
