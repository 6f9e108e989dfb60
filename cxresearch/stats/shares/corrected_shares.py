"""Shares of units with a property that a machine guessed for all and people saw in a few.

The guesses are many and wrong in part; those seen are right and few. Together they say more than
either: the few say how often each guess is right, the many how often it is made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.shares.proportions import METHOD as SEEN
from cxresearch.stats.shares.proportions import clustered_proportion, rare_share_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Array = NDArray[np.float64]
#: A share among the units at hand, and the same in the long run.
Both = tuple[Estimate, Estimate]

NOT_SEEN = "undefined: nobody has read any of them"

#: A part of the units not looked at below this is rounding: all were.
_ALL_SEEN = 1e-9

ONE_SEEN = "no interval: people must have read at least two independent units"
HALF_RIGHT = "nobody looked at a unit with one of the guesses: half of these are taken to be right"
FEW_ERRORS = "at most one wrong tag was seen, so the interval is conservative"

AT_HAND = "prediction-powered inference for these units, Jeffreys for each guess"
LONG_RUN = "prediction-powered inference for all units like these, Jeffreys for each guess"

#: With fewer errors seen the interval is longer than it need be. Measured, see docs/validity.md.
_FEW_WRONG = 2
NO_BETTER = "undefined: the guesses are no better than chance"
NO_CLASS = "undefined: among those looked at, none has the property, or all have it"
FEW = "too few of those looked at have the property: the interval may be too short"

#: How many of those looked at must have the property, and lack it, for the interval to hold.
#: Measured, see docs/validity.md.
_FEWEST = 10
_METHOD = "Rogan-Gladen, interval of Lang and Reiczigel"


@dataclass(frozen=True, slots=True, eq=False)
class LabelledSample:
    """Units with a guess each, of which people looked at some.

    Parameters
    ----------
    guesses : ndarray of float, shape (n,)
        1 where the machine says that the unit has the property, else 0.
    labels : ndarray of float, shape (n,)
        1 or 0, what people saw; nan where nobody looked.
    weights : ndarray of float, shape (n,)
        Of the units looked at, one over the chance with which each was drawn, up to a factor; 0 of
        the others.
    clusters : ndarray of int, shape (n,)
        The independent unit that each belongs to, numbered from 0.
    """

    guesses: Array
    labels: Array
    weights: Array
    clusters: NDArray[np.int_]

    @classmethod
    def of(
        cls,
        guesses: ArrayLike,
        labels: ArrayLike,
        *,
        weights: ArrayLike | None = None,
        clusters: ArrayLike | None = None,
    ) -> LabelledSample:
        """Return the units of arrays of shape (n,).

        Raises
        ------
        ValueError
            If the lengths differ, a guess is neither 0 nor 1, what was seen is neither 0, 1 nor
            nan, or the weight of a unit looked at is not above 0.
        """
        (guess,) = validate.arrays(guesses=guesses)
        found = validate.answers("labels", labels, 0, 1)
        validate.one_of("the length of labels", found.size, (guess.size,))
        if not ((guess == 0) | (guess == 1)).all():
            raise ValueError("guesses must be 0 or 1")
        weight = np.ones(guess.size) if weights is None else np.asarray(weights, dtype=float)
        validate.one_of("the length of weights", weight.size, (guess.size,))
        looked = ~np.isnan(found)
        if not (np.isfinite(weight[looked]) & (weight[looked] > 0)).all():
            raise ValueError("weights must be above 0 and finite where people looked")
        units = np.arange(guess.size)
        if clusters is not None:
            names = np.asarray(clusters)
            validate.one_of("the length of clusters", names.size, (guess.size,))
            units = np.unique(names, return_inverse=True)[1]
        return cls(guess, found, np.where(looked, weight, 0.0), units)

    def some(self, which: NDArray[np.bool_]) -> LabelledSample:
        """Return some of the units; their clusters keep their numbers."""
        return LabelledSample(
            self.guesses[which], self.labels[which], self.weights[which], self.clusters[which]
        )

    @property
    def looked_at(self) -> NDArray[np.bool_]:
        """Whether people looked at each unit."""
        return ~np.isnan(self.labels)

    @property
    def n(self) -> int:
        """The number of independent units that people looked at."""
        return int(np.count_nonzero(np.bincount(self.clusters[self.looked_at])))


def tagged_share(units: LabelledSample, *, confidence: float = 0.95) -> Estimate:
    """Estimate the share of units that the machine says have the property, which may be biased.

    Examples
    --------
    >>> tagged_share(LabelledSample.of([1, 0, 0, 0], [1, 1, None, None])).value
    0.25
    """
    return clustered_proportion(
        sums_over_clusters(units.clusters, units.guesses), confidence=confidence
    )


@documented
def labelled_share(
    units: LabelledSample,
    *,
    among: NDArray[np.bool_] | None = None,
    long_run: bool = False,
    confidence: float = 0.95,
) -> Estimate:
    """Estimate the share from the units that people looked at alone.

    Parameters
    ----------
    units : LabelledSample
        The units; those looked at are a random sample of them, or one with known chances.
    among : ndarray of bool, shape (n,), optional
        Of which units the share is; by default of all.
    long_run : bool, default False
        Whether the share is that among all units such as these, not among these.
    %(confidence)s

    Returns
    -------
    Estimate
        The share, 0-1, with `n` independent units looked at; nan with a note where nobody looked
        at any of them.

    Raises
    ------
    %(confidence_error)s

    Notes
    -----
    The interval is :func:`cxresearch.stats.shares.rare_share_interval` on the effective
    sample size p (1 - p) / variance, the variance being that of the weighted share over clusters;
    where all seen are alike, on (sum w)**2 / sum w**2, summed over clusters. Where some units have
    clusters in common it is shortened by the squared ratio of Student's t with so many units and
    with so many clusters. Of the share among these units it is divided by the part of them that
    nobody looked at, as the others are known.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193-201. Cochran (1977), Sampling Techniques,
    3rd ed., chapter 2 (the part that nobody looked at).

    Examples
    --------
    >>> labelled_share(LabelledSample.of([1, 0, 0, 0], [1, 1, 0, None])).value
    0.6666666666666666
    """
    validate.share("confidence", confidence)
    at_hand, lasting = labelled_shares(units, among=among, confidence=confidence)
    return lasting if long_run else at_hand


def labelled_shares(
    units: LabelledSample, *, among: NDArray[np.bool_] | None = None, confidence: float = 0.95
) -> Both:
    """Return the share among these units and in the long run, as :func:`labelled_share` does."""
    of_all = np.ones(len(units.guesses), dtype=bool) if among is None else among
    looked = units.looked_at & of_all
    if not looked.any():
        undefined = undefined_share(units, NOT_SEEN, SEEN, confidence)
        return undefined, undefined
    weights = units.weights[looked]
    sums = sums_over_clusters(units.clusters[looked], units.labels[looked], weights)
    size = _effective_size(sums, len(weights), confidence)
    left = 1 - weights.sum() ** 2 / (weights @ weights) / of_all.sum()
    at_hand = lasting = rare_share_interval(sums.ratio, size, confidence)
    if left < 1:
        at_hand = Interval(sums.ratio, sums.ratio)
        if left > _ALL_SEEN:
            at_hand = rare_share_interval(sums.ratio, size / left, confidence)
    return (
        cut_share(sums.ratio, at_hand, sums.n, confidence, method=SEEN),
        cut_share(sums.ratio, lasting, sums.n, confidence, method=SEEN),
    )


def _effective_size(sums: RatioSums, units: int, confidence: float) -> float:
    """Return of how many independent units a share in clusters is worth."""
    from scipy.special import stdtrit

    p, clusters = sums.ratio, sums.n
    if not sums.variance > 0:
        size = sums.y**2 / sums.yy
    else:
        size = p * (1 - p) / (sums.variance * (clusters - 1) / clusters)
    if clusters == units:
        return size
    quantile = (1 + confidence) / 2
    t_units, t_clusters = (float(stdtrit(max(df - 1, 1), quantile)) for df in (units, clusters))
    return size * (t_units / t_clusters) ** 2


def sums_over_clusters(
    clusters: NDArray[np.int_], x: Array, weights: Array | None = None
) -> RatioSums:
    """Return the sums over clusters of a column with weights above 0, and of the weights."""
    weight = np.ones(len(x)) if weights is None else weights
    below, above = np.bincount(clusters, weight), np.bincount(clusters, weight * x)
    return RatioSums.from_arrays(above[below > 0], below[below > 0])


def cut_share(
    value: float, ci: Interval, n: int, confidence: float, *, method: str, note: str = ""
) -> Estimate:
    """Return a share with its interval, both cut to 0-1."""
    return Estimate(
        value=min(max(value, 0.0), 1.0),
        ci=Interval(min(max(ci.low, 0.0), 1.0), min(max(ci.high, 0.0), 1.0)),
        n=n,
        unit="share",
        confidence=confidence,
        method=method,
        note=note,
    )


def undefined_share(units: LabelledSample, note: str, method: str, confidence: float) -> Estimate:
    """Return a share that is undefined, with the reason."""
    return Estimate(
        value=math.nan,
        ci=Interval(math.nan, math.nan),
        n=units.n,
        unit="share",
        confidence=confidence,
        method=method,
        note=note,
    )


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
    at_hand, lasting = prediction_powered_shares(units, confidence=confidence)
    return lasting if long_run else at_hand


def prediction_powered_shares(units: LabelledSample, *, confidence: float = 0.95) -> Both:
    """Return the share among these units and in the long run: see :func:`prediction_powered`."""
    validate.share("confidence", confidence)
    n = units.n
    if n < 2:
        note = ONE_SEEN if n else NOT_SEEN
        at_hand = undefined_share(units, note, AT_HAND, confidence)
        return at_hand, replace(at_hand, method=LONG_RUN)
    of_guess = [units.guesses == guess for guess in (0, 1)]
    sizes = np.array([among.mean() for among in of_guess])
    seen = [_shares(units, among, confidence) for among in of_guess]
    shares = np.array([one.value for one, _ in seen])
    tagged = tagged_share(units, confidence=confidence).ci
    level = float(shares[1] - shares[0]) * (tagged.high - tagged.low) / 2
    parts = _influences(units, shares)
    value, note = float(sizes @ shares), _note(units)
    found = []
    # The share of the guesses is known of these units; in the long run it is a part of its own.
    for place, (method, count) in enumerate(((AT_HAND, 2), (LONG_RUN, 3))):
        ends = [both[place].ci for both in seen]
        margins = [
            (size * (p - ci.low), size * (ci.high - p))
            for size, p, ci in zip(sizes, shares, ends, strict=True)
        ]
        margins.append((level, level))
        below, above = _dependence(parts[:count]) * np.linalg.norm(margins[:count], axis=0)
        ci = Interval(value - float(below), value + float(above))
        found.append(cut_share(value, ci, n, confidence, method=method, note=note))
    return found[0], found[1]


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


def _shares(units: LabelledSample, among: NDArray[np.bool_], confidence: float) -> Both:
    """Return the shares of those with a guess; anything may be true where nobody looked."""
    if (units.looked_at & among).any():
        return labelled_shares(units, among=among, confidence=confidence)
    unknown = undefined_share(units, HALF_RIGHT, SEEN, confidence)
    unknown = replace(unknown, value=0.5, ci=Interval(0.0, 1.0))
    return unknown, unknown


def _influences(units: LabelledSample, shares: Array) -> Array:
    """Return how much each cluster moves each part of the estimate, shape (3, clusters).

    The parts are the share of either guess that is right, no and yes, and the share of the guesses.
    """
    guess, looked = units.guesses.astype(int), units.looked_at
    weights = np.where(looked, units.weights, 0.0)
    sizes = np.bincount(guess, minlength=2) / len(guess)
    total = np.bincount(guess, weights, minlength=2)
    design = weights * np.divide(sizes, total, out=np.zeros(2), where=total > 0)[guess]
    off = design * np.where(looked, units.labels - shares[guess], 0.0)
    level = (shares[1] - shares[0]) * (guess - sizes[1]) / len(guess)
    parts = (np.where(guess == 0, off, 0.0), np.where(guess == 1, off, 0.0), level)
    return np.stack([np.bincount(units.clusters, part) for part in parts])


def _dependence(parts: Array) -> float:
    """Return by how much clusters that are in several parts make the whole less certain.

    Parts that undo one another are not trusted to: with few clusters they seem to by chance.
    """
    apart = float(np.linalg.norm(parts))
    return max(float(np.linalg.norm(parts.sum(axis=0))) / apart, 1.0) if apart else 1.0


def _note(units: LabelledSample) -> str:
    looked = units.looked_at
    guesses = units.guesses[looked]
    if np.ptp(guesses) != np.ptp(units.guesses):
        return HALF_RIGHT
    errors = int((units.labels[looked] != guesses).sum())
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
