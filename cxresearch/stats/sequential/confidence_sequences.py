"""An interval that holds at every look at once: read an experiment as often as one likes.

It is wider than that of one look, and stopping whenever it leaves 0 keeps the chance of a false
alarm. What it needs at each look is the effect and its standard error from running sums.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison
from cxresearch.core.results import Interval, difference_unit
from cxresearch.stats.means.estimators import ValueWithVariance, why_unknown

#: At how many units of both groups the interval is tightest, unless one says.
TUNED_FOR = 5000


def confidence_sequence(
    looks: Sequence[ValueWithVariance],
    *,
    unit: str,
    confidence: float = 0.95,
    tuned_for: float = TUNED_FOR,
) -> tuple[Comparison, ...]:
    """Estimate an effect at each of any number of looks, for all looks together.

    Parameters
    ----------
    looks : sequence of ValueWithVariance
        The effect at each look so far, in order: treatment minus control, absolute or relative,
        from all units seen by then (`n` of both groups together).
    unit : str
        Its unit.
    confidence : float, default 0.95
        The chance that the intervals hold at all looks, strictly between 0 and 1.
    tuned_for : float, default 5000
        At how many units the intervals are tightest, fixed before the first look.

    Returns
    -------
    tuple of Comparison
        One per look: the effect, its interval and the smallest p-value so far, which is valid
        whenever one stops. A look without a variance has neither, with a note.

    Raises
    ------
    ValueError
        If units become fewer, or an option is out of range.

    Notes
    -----
    d -+ s sqrt(2 (N r + 1) / (N**2 r) ln(sqrt(N r + 1) / a)), with s**2 = N variance,
    a = 1 - confidence and r = (-2 ln a + ln(1 - 2 ln a)) / tuned_for; p is the smallest a whose
    interval leaves 0 out, at the same r, at most 1. It is a normal mixture (Robbins), the mSPRT
    with the mixing variance s**2 r. It holds in the limit of many units: do not read it before
    some hundreds of each group. The intervals are not intersected: where the effect itself drifts
    (novelty), older ones are of another effect.

    References
    ----------
    Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), Ann. Stat. 52, 2613-2640. Robbins (1970),
    Ann. Math. Stat. 41, 1397-1409. Johari, Koomen, Pekelis & Walsh (2022), Oper. Res. 70,
    1806-1821.

    Examples
    --------
    >>> control = ValueWithVariance.of_proportion(1436, 14677)
    >>> effect = ValueWithVariance.of_proportion(1523, 14520).minus(control)
    >>> result = confidence_sequence([effect], unit="share")[-1]
    >>> [round(end, 4) for end in result.ci], round(result.p_value, 3)
    ([-0.0042, 0.0183], 0.98)
    """
    validate.share("confidence", confidence)
    squared = mixing(confidence, tuned_for)
    looks = validate.listed("looks", looks)
    validate.between("the fewest new units", _fewest_new(looks), 0, math.inf)
    found: list[Comparison] = []
    least = math.nan
    for effect in looks:
        note = why_unknown(effect)
        margin, p_value = (math.nan, math.nan) if note else _read(effect, squared, confidence)
        least = p_value if math.isnan(least) else min(least, p_value) if not note else least
        found.append(
            Comparison(
                value=effect.value,
                ci=Interval(effect.value - margin, effect.value + margin),
                n=effect.n,
                unit=difference_unit(unit),
                confidence=confidence,
                method="asymptotic confidence sequence, valid at any look",
                note=note,
                statistic=math.nan if note else effect.statistic,
                p_value=math.nan if note else least,
                test="normal mixture, valid at any look",
            )
        )
    return tuple(found)


def mixing(confidence: float, tuned_for: float) -> float:
    """Return the variance of the mixture, in variances of one unit, that is tightest at a size.

    Examples
    --------
    >>> round(mixing(0.95, 5000), 6)
    0.001587
    """
    log = -2 * math.log(1 - confidence)
    return (log + math.log1p(log)) / validate.positive("tuned_for", tuned_for)


def _read(effect: ValueWithVariance, squared: float, confidence: float) -> tuple[float, float]:
    """Return half the width of the interval and the p-value of this look alone."""
    n = effect.n
    grown = n * squared + 1
    # Half the width is the root of this times the logarithm of sqrt(grown) / a.
    scale = 2 * effect.variance * grown / (n * squared)
    margin = math.sqrt(scale * (math.log(grown) / 2 - math.log(1 - confidence)))
    return margin, min(1.0, math.exp(math.log(grown) / 2 - effect.value**2 / scale))


def _fewest_new(looks: Sequence[ValueWithVariance]) -> float:
    return float(min((b.n - a.n for a, b in pairwise(looks)), default=0))
