"""What each week says of a series, and how much series wander by themselves from week to week."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs

from cxresearch.stats.breaks.panels import Panel, divided

#: A group on its own, or against the others of the whole.
Against = Literal["own", "rest"]
#: A level is fitted in so many steps at most, and to a step of less than this.
_STEPS, _NO_STEP = 12, 1e-14
#: What is less is no information.
_NOTHING = 1e-12

Array = NDArray[np.float64]

#: What is tried: variance of the counts over that of independent units, standard deviation of the
#: wander in log odds (in standard deviations of one value for a mean), its correlation. Wanders lie
#: close: of two years at large traffic one that is 15 % off is far too sure.
_DISPERSIONS = (0.8, 1.0, 1.3, 1.7, 2.2, 3.0)
_WANDERS = (0.0, *np.geomspace(0.01, 0.4, 22).tolist())
_CORRELATIONS = (0.0, 0.3, 0.6, 0.8)
_TRIED = np.array(
    [
        one
        for one in itertools.product(_DISPERSIONS, _WANDERS, _CORRELATIONS)
        if one[1] > 0 or one[2] == 0
    ]
)
_DISPERSION, _VARIANCE, _CORRELATION = _TRIED[:, 0], _TRIED[:, 1] ** 2, _TRIED[:, 2]
#: Before any data: dispersion is about 1.2; each wander is as likely as another.
_PRIOR = -0.5 * ((np.log(_DISPERSION) - 0.2) / 0.4) ** 2
_PRIOR = _PRIOR - np.where(_VARIANCE > 0, np.log(len(_CORRELATIONS)), 0.0)
#: The slowest waves are not used: they hold most of a break, and of the growth.
_SLOWEST = 4
#: Waves are taken together whose lengths differ by less than this factor.
_BAND = 1.15
#: How much the other series of the measure count: overlapping groups share their dispersion; the
#: wander of each is its own where it shows, and only drawn to theirs.
_SHARED_DISPERSION, _SHARED_WANDER = 0.25, 0.9


class Scores(NamedTuple):
    """Observed minus expected of every series and week, its variance, and its third moment."""

    score: Array
    information: Array
    third: Array

    def take(self, kept: NDArray[np.int64] | list[int] | slice) -> Scores:
        """Return the scores of some of the series."""
        return Scores(self.score[kept], self.information[kept], self.third[kept])

    @property
    def residuals(self) -> Array:
        """The scores in standard errors; 0 in a week without information."""
        root = np.sqrt(np.where(self.information > 0, self.information, 1.0))
        return np.where(self.information > 0, self.score / root, 0.0)


def rows(panel: Panel, against: Against) -> range:
    """Return which groups of a panel are series: against the rest, all but the whole."""
    return range(1 if against == "rest" else 0, len(panel.groups))


def scores(panel: Panel, against: Against, expected: Array) -> Scores:
    """Return the scores of the groups of a panel.

    Parameters
    ----------
    panel : Panel
        The measure.
    against : {"own", "rest"}
        What a group is held against.
    expected : ndarray of float, shape (rows, weeks)
        What is expected: the log odds of a share, or its log odds ratio to the rest; the mean in
        standard deviations of one value, or its difference from the rest.

    Notes
    -----
    Against the rest, a share has the count of the group given the week's total of a 2x2 table under
    one odds ratio (Cornfield's mode and variance), so thin weeks need no correction and what moves
    everybody cancels.
    """
    first = rows(panel, against).start
    n, sums = panel.n[first:], panel.sums[first:]
    if against == "own" and panel.kind == "share":
        share = 1 / (1 + np.exp(-expected))
        information = n * share * (1 - share)
        return Scores(sums - n * share, information, information * (1 - 2 * share))
    others, other_sums = (panel.n[0] - n).clip(0), panel.sums[0] - sums
    if panel.kind == "share":
        return _stratified(n, sums, others, other_sums, expected)
    sd, skewness = panel.spread[first:, None], panel.skewness[first:, None]
    if against == "own":
        information = n * (sd > 0)
        score = np.where(sd > 0, divided(sums, sd) - n * expected, 0)
        return Scores(score, information, information * skewness)
    information = divided(n * others, n + others) * (sd > 0)
    apart = divided(divided(sums, n) - divided(other_sums, others), sd)
    part = divided(others - n, n + others)
    return Scores(information * (apart - expected), information, information * skewness * part)


def _stratified(n: Array, hits: Array, others: Array, other_hits: Array, expected: Array) -> Scores:
    everybody, total, odds = n + others, hits + other_hits, np.exp(expected)
    b = (n + total) * odds + others - total
    root = np.sqrt((b * b - 4 * (odds - 1) * odds * n * total).clip(0))
    mode = 2 * odds * n * total / np.maximum(b + root, 1e-12)
    cells = (mode, n - mode, total - mode, others - total + mode)
    known = np.min(cells, axis=0) > 1e-9
    information = np.where(known, 1 / sum(1 / np.where(known, cell, 1.0) for cell in cells), 0)
    information = information * everybody / (everybody - 1).clip(1)
    lean = (1 - 2 * divided(n, everybody)) * (1 - 2 * divided(total, everybody))
    return Scores(np.where(known, hits - mode, 0), information, information * lean)


def level(panel: Panel, against: Against) -> Array:
    """Return the constant that fits each series best, shape (rows, weeks), by Fisher scoring."""
    size = len(rows(panel, against))
    constant = np.zeros((size, 1))
    if against == "own" and panel.kind == "share":
        share = (panel.sums.sum(1) + 0.5) / (panel.n.sum(1) + 1)
        constant[:, 0] = np.log(share / (1 - share))
    elif against == "own":
        constant[:, 0] = divided(np.nan_to_num(panel.level), panel.spread)
    for _ in range(_STEPS):
        now = scores(panel, against, constant + np.zeros(panel.weeks))
        step = divided(now.score.sum(1), now.information.sum(1))
        constant = constant + step[:, None].clip(-1, 1)
        if np.abs(step).max(initial=0) < _NO_STEP:
            break
    return constant + np.zeros(panel.weeks)


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """How weeks of series vary when nothing breaks.

    Parameters
    ----------
    dispersion : ndarray of float, shape (s,)
        The variance of counts over that of independent units, at least 1.
    wander : ndarray of float, shape (s, weeks)
        The autocovariance of the wander at lag 0, 1, ... weeks.
    season : ndarray of float, shape (weeks, weeks)
        The covariance of growth and season.
    """

    dispersion: Array
    wander: Array
    season: Array

    def take(self, kept: NDArray[np.int64] | list[int]) -> Noise:
        """Return the noise of some of the series."""
        return Noise(self.dispersion[kept], self.wander[kept], self.season)

    def updated(self, kept: NDArray[np.int64], newer: Noise) -> Noise:
        """Return the noise with that of some of the series newer."""
        dispersion, wander = self.dispersion.copy(), self.wander.copy()
        dispersion[kept], wander[kept] = newer.dispersion[kept], newer.wander[kept]
        return Noise(dispersion, wander, self.season)

    def precision(self, information: Array) -> Array:
        """Return the inverse covariance of the residuals, the constant fitted; (s, weeks, weeks).

        The residuals are in standard errors of counting: their covariance is dispersion * I +
        R (wander + season) R with R the roots of the information.
        """
        found = np.empty((*information.shape, information.shape[1]))
        for place, root in enumerate(np.sqrt(information)):
            half, _ = dpotri(self._factor(root, place), lower=1, overwrite_c=1)
            np.add(half, half.T, out=found[place])  # above the diagonal dpotrf leaves 0
            np.fill_diagonal(found[place], half.diagonal())
            loading = found[place] @ root
            loading /= np.sqrt(max(float(root @ loading), _NOTHING))
            found[place] -= np.multiply.outer(loading, loading)
        return found

    def weighed(self, information: Array, right: Array) -> Array:
        """Return the precision of one series times some columns, shape (weeks, k).

        To solve for few columns takes a third of the work of the inverse.
        """
        root = np.sqrt(information[0])
        both = np.column_stack([root, right])
        solved, _ = dpotrs(self._factor(root, 0), both, lower=1)
        loading = solved[:, 0]
        part = (loading @ right) / max(float(root @ loading), _NOTHING)
        found: Array = solved[:, 1:] - np.multiply.outer(loading, part)
        return found

    def _factor(self, root: Array, place: int) -> Array:
        """Return the lower Cholesky factor of the covariance of one series' residuals."""
        lags = self.wander[place]
        both_ways = np.concatenate([lags[:0:-1], lags])
        # A view of the lags by rows, the last week first: each row is one place further on.
        covariance = sliding_window_view(both_ways, root.size)[::-1] + self.season
        covariance *= root[:, None]
        covariance *= root
        covariance.flat[:: root.size + 1] += self.dispersion[place]
        # As columns of Fortran, a symmetric matrix is what it is as rows of C.
        factor, _ = dpotrf(covariance.T, lower=1, overwrite_a=1)
        return factor  # type: ignore[no-any-return]


def noise(residuals: Array, information: Array, season: Array) -> Noise:
    """Return the noise of the series of a measure.

    Parameters
    ----------
    residuals, information : ndarray of float, shape (s, weeks)
        Residuals in standard errors of counting, and the information of each week.
    season : ndarray of float, shape (weeks, weeks)
        The covariance of growth and season, as from `season_covariance`.

    Notes
    -----
    A cosine transform makes the waves of a series nearly independent, with variance dispersion +
    information * spectrum of an AR(1) (Whittle's likelihood). The result is the mean over what is
    tried, weighed by that likelihood: of correlations that 52 weeks cannot tell apart, none is
    picked.

    References
    ----------
    Whittle (1953), Arkiv för Matematik 2, 423-434.
    """
    return averaged(likelihoods(residuals, information), season)


def averaged(likelihood: Array, season: Array, own: Array | None = None) -> Noise:
    """Return the mean over what is tried, weighed by its log likelihood of shape (s, tried).

    Where `own` is given, it is what each series says of itself, and `likelihood` what its siblings
    say.
    """
    series, weeks = len(likelihood), len(season)
    weight = likelihood if own is None else own
    likelihood = likelihood - likelihood.max(1, keepdims=True)
    weight = weight - weight.max(1, keepdims=True) + _PRIOR + _dispersions_of_all(likelihood)
    if series > 1:
        others = (likelihood.sum(0) - likelihood) / (series - 1)
        weight = weight + _SHARED_WANDER * others
    weight = np.exp(weight - weight.max(1, keepdims=True))
    weight /= weight.sum(1, keepdims=True)
    lags = weight @ _autocovariances(weeks)
    return Noise(np.maximum(weight @ _DISPERSION, 1.0), lags, season)


def evidence(likelihood: Array) -> Array:
    """Return the log likelihood of each series, averaged over what is tried."""
    weighed = likelihood + _PRIOR
    most = weighed.max(1)
    found: Array = most + np.log(np.exp(weighed - most[:, None]).sum(1))
    return found


def likelihoods(residuals: Array, information: Array) -> Array:
    """Return the log likelihood of what is tried for each series, shape (s, tried)."""
    found = np.zeros((len(residuals), len(_TRIED)))
    known = information > 0
    for pattern in np.unique(known, axis=0):
        alike = np.flatnonzero((known == pattern).all(1))
        cells = np.ix_(alike, np.flatnonzero(pattern))
        found[alike] = _likelihood(residuals[cells], information[cells])
    return found


def _likelihood(residuals: Array, information: Array) -> Array:
    """Return the log likelihood of what is tried for series that have data in every week."""
    starts, counts, spectra = _spectra(residuals.shape[1])
    if not starts.size:
        return np.zeros((len(residuals), len(_TRIED)))
    waves = np.add.reduceat(dct(residuals, norm="ortho") ** 2, starts, axis=1)
    # Single precision: seven digits are more than a likelihood needs, and its log costs a third.
    variance = information.mean(1).astype(np.float32)[:, None, None] * spectra
    variance += _DISPERSION[:, None].astype(np.float32)
    deviance = np.matmul(np.divide(1, variance), waves[:, :, None])[:, :, 0]
    found: Array = -0.5 * (np.log(variance, out=variance) @ counts + deviance)
    return found


@lru_cache
def _spectra(weeks: int) -> tuple[NDArray[np.int64], Array, NDArray[np.float32]]:
    """Return the first wave of each band, how many it has, and their variance, of what is tried.

    The spectrum of a wander is smooth, so neighbouring waves are taken together: of 156 weeks 30
    bands.
    """
    edges = [_SLOWEST]
    while edges[-1] < weeks:
        edges.append(min(weeks, max(edges[-1] + 1, int(edges[-1] * _BAND))))
    starts = np.array(edges[:-1], dtype=np.int64)
    if not starts.size:
        return starts, np.zeros(0), np.zeros((len(_TRIED), 0), np.float32)
    angle = np.pi * np.arange(weeks) / weeks
    r = _CORRELATION[:, None]
    each = _VARIANCE[:, None] * (1 - r**2) / (1 - 2 * r * np.cos(angle) + r**2)
    counts = np.diff(edges).astype(float)
    return starts, counts, (np.add.reduceat(each, starts, axis=1) / counts).astype(np.float32)


@lru_cache
def _autocovariances(weeks: int) -> Array:
    """Return the autocovariance at lag 0, 1, ... weeks of what is tried, shape (tried, weeks)."""
    found: Array = _VARIANCE[:, None] * _CORRELATION[:, None] ** np.arange(weeks)
    return found


def _dispersions_of_all(likelihood: Array) -> Array:
    """Return the log likelihood of each dispersion over all series, wander and correlation free."""
    each = np.exp(likelihood)
    total = {one: np.log(each[:, one == _DISPERSION].sum(1) + 1e-300).sum() for one in _DISPERSIONS}
    return _SHARED_DISPERSION * np.array([total[one] for one in _DISPERSION])
