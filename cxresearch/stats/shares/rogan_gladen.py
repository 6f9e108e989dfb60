"""What share of units has a property, from a test that is known to be wrong now and then."""

from __future__ import annotations

import math

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.results import Estimate, Interval
from cxresearch.stats.shares.labelled_sample import (
    NOT_SEEN,
    LabelledSample,
    cut_share,
    undefined_share,
)

NO_BETTER = "undefined: the guesses are no better than chance"
NO_CLASS = "undefined: among those looked at, none has the property, or all have it"

FEW = "too few of those looked at have the property: the interval may be too short"

#: How many of those looked at must have the property, and lack it, for the interval to hold.
#: Measured, see docs/validity.md.
_FEWEST = 10
_METHOD = "Rogan-Gladen, interval of Lang and Reiczigel"


def rogan_gladen(units: LabelledSample, *, confidence: float = 0.95) -> Estimate:
    """Estimate the share from the guesses, knowing how often they are right.

    Parameters
    ----------
    units : LabelledSample
        The units; those looked at need not be a random sample, but must be one among those that
        have the property and among those that lack it. Their weights are not used.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Estimate
        The share, cut to 0-1, with `n` units looked at; nan with a note where the guesses are no
        better than chance, or nobody looked at units of either kind.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.

    Notes
    -----
    (q + sp - 1) / (se + sp - 1), with the share q of guesses, sensitivity se and specificity sp.
    The interval is that of Lang and Reiczigel, which knows that all three are estimates; it takes
    units for independent. It is wider than that of
    :func:`~cxresearch.stats.shares.prediction_powered`, and the one to use where those
    looked at were chosen by what they are.

    References
    ----------
    Rogan & Gladen (1978), Am. J. Epidemiol. 107, 71-76. Lang & Reiczigel (2014), Prev. Vet. Med.
    113, 13-22.

    Examples
    --------
    >>> guesses = [1, 0] * 500
    >>> seen = [0, 0] * 5 + [1, 0] * 45 + [None] * 900
    >>> round(rogan_gladen(LabelledSample.of(guesses, seen)).value, 3)
    0.45
    """
    validate.share("confidence", confidence)
    looked = units.looked_at
    seen, guess = units.labels[looked] == 1, units.guesses[looked] == 1
    have, lack = int(seen.sum()), int((~seen).sum())
    if not have or not lack:
        return undefined_share(units, NO_CLASS if have or lack else NOT_SEEN, _METHOD, confidence)
    sensitivity = float((seen & guess).sum()) / have
    specificity = float((~seen & ~guess).sum()) / lack
    if sensitivity + specificity <= 1:
        return undefined_share(units, NO_BETTER, _METHOD, confidence)
    share = float(units.guesses.mean())
    value = (share + specificity - 1) / (sensitivity + specificity - 1)
    ci = _lang_reiczigel(
        (share, len(units.guesses)), (sensitivity, have), (specificity, lack), confidence
    )
    note = FEW if min(have, lack) < _FEWEST else ""
    return cut_share(value, ci, int(looked.sum()), confidence, method=_METHOD, note=note)


def _lang_reiczigel(
    share: tuple[float, int],
    sensitivity: tuple[float, int],
    specificity: tuple[float, int],
    confidence: float,
) -> Interval:
    z = normal_quantile(confidence)
    q = (share[0] * share[1] + z**2 / 2) / (share[1] + z**2)
    se = (sensitivity[0] * sensitivity[1] + 1) / (sensitivity[1] + 2)
    sp = (specificity[0] * specificity[1] + 1) / (specificity[1] + 2)
    better = se + sp - 1
    if better <= 0:
        return Interval(0.0, 1.0)
    p = (q + sp - 1) / better
    of_se, of_sp = se * (1 - se) / (sensitivity[1] + 2), sp * (1 - sp) / (specificity[1] + 2)
    variance = q * (1 - q) / (share[1] + z**2) + p**2 * of_se + (1 - p) ** 2 * of_sp
    centre = p + 2 * z**2 * (p * of_se - (1 - p) * of_sp)
    margin = z * math.sqrt(variance) / better
    return Interval(centre - margin, centre + margin)
