"""Shares of units with a property that a machine guessed for all and people saw in a few.

The guesses are many and wrong in part; those seen are right and few. Together they say more than
either: the few say how often each guess is right, the many how often it is made.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval
from cxresearch.stats.shares.labelled_sample import (
    NOT_SEEN,
    LabelledSample,
    cut_share,
    labelled_share,
    tagged_share,
    undefined_share,
)

ONE_SEEN = "no interval: people must have looked at two independent units at least"
HALF_RIGHT = "nobody looked at a unit with one of the guesses: half of these are taken to be right"
FEW_ERRORS = "at most one wrong guess was seen, so the interval is too long rather than too short"

AT_HAND = "prediction-powered inference for these units, Jeffreys for each guess"
LONG_RUN = "prediction-powered inference for all units such as these, Jeffreys for each guess"

#: With fewer errors seen the interval is longer than it need be. Measured, see docs/validity.md.
_FEW_WRONG = 2

Array = NDArray[np.float64]

NO_BETTER = "undefined: the guesses are no better than chance"
NO_CLASS = "undefined: among those looked at, none has the property, or all have it"

FEW = "too few of those looked at have the property: the interval may be too short"

#: How many of those looked at must have the property, and lack it, for the interval to hold.
#: Measured, see docs/validity.md.
_FEWEST = 10
_METHOD = "Rogan-Gladen, interval of Lang and Reiczigel"


@documented
def prediction_powered(
    units: LabelledSample, *, long_run: bool = False, confidence: float = 0.95
) -> Estimate:
    """Estimate the share from all guesses and from what people saw of some.

    Parameters
    ----------
    units : LabelledSample
        The units; those looked at are a random sample of them, or one with known chances.
    long_run : bool, default False
        Whether the share is that among all units such as these, of which these are one lot, not
        the share among these. The estimate is the same, the interval a little longer. It is the
        one to compare lots by.
    %(confidence)s

    Returns
    -------
    Estimate
        The share, 0-1, with `n` independent units looked at; nan with a note where people looked
        at fewer than two.

    Raises
    ------
    %(confidence_error)s

    Notes
    -----
    s = q a + (1 - q) b, with q the share of units guessed to have the property and a and b the
    shares seen to have it where the guess is yes and no. It is what the usual form,
    l q + mean_seen(seen - l guess), comes to with the weight that makes its variance least,
    l = cov(seen, guess) / var(guess) = a - b. The interval is put together (MOVER) from those of a
    and b by :func:`cxresearch.stats.shares.labelled_share` and, in the long run, Wilson's of q.
    Where units have clusters in common both sides are multiplied by the ratio of the standard
    error with the parts summed over clusters to that with the parts taken apart, if above 1.

    The plain interval, s -+ t sqrt(v), is too short where fewer than some ten errors are seen, and
    of no length where none is. Units drawn for a look because they seemed interesting are no
    sample.

    References
    ----------
    Angelopoulos, Bates, Fannjiang, Jordan & Zrnic (2023), Science 382, 669-674. Angelopoulos,
    Duchi & Zrnic (2023), arXiv:2311.01453 (the weight). Holt & Smith (1979), J. R. Stat. Soc. A
    142, 33-46 (shares put together by class). Zou & Donner (2008), Stat. Med. 27, 1693-1702
    (MOVER).

    Examples
    --------
    Half of 1,000 texts are tagged; of 100 looked at, 5 tagged ones are not of the theme.

    >>> guesses = [1, 0] * 500
    >>> seen = [0, 0] * 5 + [1, 0] * 45 + [None] * 900
    >>> result = prediction_powered(LabelledSample.of(guesses, seen))
    >>> round(result.value, 3), [round(end, 3) for end in result.ci]
    (0.45, [0.401, 0.487])
    """
    validate.share("confidence", confidence)
    method = LONG_RUN if long_run else AT_HAND
    if units.n < 2:
        return undefined_share(units, ONE_SEEN if units.n else NOT_SEEN, method, confidence)
    of_guess = [units.guesses == guess for guess in (0, 1)]
    sizes = np.array([among.mean() for among in of_guess])
    seen = [_share(units, among, long_run=long_run, confidence=confidence) for among in of_guess]
    shares = np.array([one.value for one in seen])
    margins = np.array([(p - ci.low, ci.high - p) for p, ci in ((s.value, s.ci) for s in seen)])
    margins *= sizes[:, np.newaxis]
    if long_run:
        level = tagged_share(units, confidence=confidence).ci
        margins = np.vstack([margins, [(shares[1] - shares[0]) * (level.high - level.low) / 2] * 2])
    parts = _influences(units, shares, long_run=long_run)
    below, above = _dependence(parts) * np.linalg.norm(margins, axis=0)
    value = float(sizes @ shares)
    ci = Interval(value - float(below), value + float(above))
    return cut_share(value, ci, units.n, confidence, method=method, note=_note(units))


@documented
def rogan_gladen(units: LabelledSample, *, confidence: float = 0.95) -> Estimate:
    """Estimate the share from the guesses, knowing how often they are right.

    Parameters
    ----------
    units : LabelledSample
        The units; those looked at need not be a random sample, but must be one among those that
        have the property and among those that lack it. Their weights are not used.
    %(confidence)s

    Returns
    -------
    Estimate
        The share, cut to 0-1, with `n` units looked at; nan with a note where the guesses are no
        better than chance, or nobody looked at units of either kind.

    Raises
    ------
    %(confidence_error)s

    Notes
    -----
    (q + sp - 1) / (se + sp - 1), with the share q of guesses, sensitivity se and specificity sp.
    The interval is that of Lang and Reiczigel, which knows that all three are estimates; it takes
    units for independent. It is wider than that of
    :func:`~cxresearch.stats.shares.corrected_shares`, and the one to use where those
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


def _share(
    units: LabelledSample, among: NDArray[np.bool_], *, long_run: bool, confidence: float
) -> Estimate:
    """Return the share of those with a guess; anything may be true where nobody looked."""
    found = labelled_share(units, among=among, long_run=long_run, confidence=confidence)
    if (units.looked_at & among).any():
        return found
    return replace(found, value=0.5, ci=Interval(0.0, 1.0))


def _influences(units: LabelledSample, shares: Array, *, long_run: bool) -> Array:
    """Return how much each cluster moves each part of the estimate, shape (parts, clusters)."""
    guess, looked = units.guesses.astype(int), units.looked_at
    weights = np.where(looked, units.weights, 0.0)
    sizes = np.bincount(guess, minlength=2) / len(guess)
    total = np.bincount(guess, weights, minlength=2)
    design = weights * np.divide(sizes, total, out=np.zeros(2), where=total > 0)[guess]
    off = design * np.where(looked, units.labels - shares[guess], 0.0)
    parts = [np.where(guess == 0, off, 0.0), np.where(guess == 1, off, 0.0)]
    if long_run:
        parts.append((shares[1] - shares[0]) * (guess - sizes[1]) / len(guess))
    return np.stack([np.bincount(units.clusters, part) for part in parts])


def _dependence(parts: Array) -> float:
    """Return by how much clusters that are in several parts make the whole less certain.

    Parts that undo one another are not trusted to: with few clusters they seem to by chance.
    """
    apart = float(np.linalg.norm(parts))
    return max(float(np.linalg.norm(parts.sum(axis=0))) / apart, 1.0) if apart else 1.0


def _note(units: LabelledSample) -> str:
    looked = units.looked_at
    if set(np.unique(units.guesses[looked])) != set(np.unique(units.guesses)):
        return HALF_RIGHT
    errors = int((units.labels[looked] != units.guesses[looked]).sum())
    return FEW_ERRORS if errors < _FEW_WRONG else ""


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
