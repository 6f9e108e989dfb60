"""Intervals of any statistic, by drawing whole customers (clusters) again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.unit_sums import RatioSums

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Method = Literal["percentile", "bca", "bootstrap_t"]
#: The numbers of the clusters of each draw.
_Draws = Iterable["NDArray[np.int64]"]

_NAMES: dict[str, str] = {
    "percentile": "bootstrap over clusters, percentile",
    "bca": "bootstrap over clusters, bias-corrected and accelerated",
    "bootstrap_t": "bootstrap-t over clusters",
}

MEAN = "bootstrap-t over clusters, ratio of sums, linearised"

NO_CLUSTERS = "undefined: there is nothing to draw from"
ONE_CLUSTER = "no interval: it needs at least two independent units"
TWO_CLUSTERS = "no interval: this method needs at least three independent units"
NO_SPREAD = "no interval: every draw gives the same value"

#: Of fewer units every draw that has a spread is the sample itself.
_STUDENTISED = 3

Statistic = Callable[["NDArray[np.float64]"], float]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Measurements sorted by cluster: cluster i is `sizes[i]` values from `starts[i]` on."""

    values: NDArray[np.float64]
    sizes: NDArray[np.intp]
    starts: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.sizes)

    def take(self, chosen: NDArray[np.int64]) -> Clusters:
        """Return clusters chosen by number, each as often as it is chosen."""
        sizes = self.sizes[chosen]
        starts = np.cumsum(sizes) - sizes
        places = np.repeat(self.starts[chosen] - starts, sizes) + np.arange(sizes.sum())
        return Clusters(self.values[places], sizes, starts)

    def drawn(self, draws: _Draws) -> Iterator[NDArray[np.float64]]:
        """Yield the measurements of each draw of clusters, the smallest first.

        They are sorted once for all draws: a statistic of ranks finds its values in order. Equal
        ones are repeated together, which for a few hundred prices takes half the time.
        """
        order = np.argsort(self.values)
        values, first = np.unique(self.values[order], return_index=True)
        owner = np.repeat(np.arange(len(self)), self.sizes)[order]
        for chosen in draws:
            times = np.bincount(chosen, minlength=len(self))[owner]
            yield np.repeat(values, np.add.reduceat(times, first))

    def left_out(self, statistic: Statistic) -> NDArray[np.float64]:
        """Return the statistic without each cluster in turn."""
        ends = self.starts + self.sizes
        return np.array(
            [
                statistic(np.concatenate([self.values[:start], self.values[end:]]))
                for start, end in zip(self.starts, ends, strict=True)
            ]
        )

    def error(self, statistic: Statistic) -> float:
        """Return the jackknife's standard error."""
        left_out, n = self.left_out(statistic), len(self)
        return math.sqrt((n - 1) / n * float(((left_out - left_out.mean()) ** 2).sum()))


@documented
def bootstrap(
    values: ArrayLike,
    statistic: Statistic,
    *,
    unit: str,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
    method: Method = "percentile",
    draws: int = 2000,
    rng: int | np.random.Generator = 0,
) -> Estimate:
    """Estimate any statistic with an interval from drawing whole clusters again.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        The measurements.
    statistic : callable
        Takes an array of measurements and returns a number; it must not depend on their order.
    unit : str
        The unit of the statistic.
    clusters : array_like, shape (n,), optional
        Which independent unit (customer) each measurement is of; by default each is its own.
    %(confidence)s
    method : {"percentile", "bca", "bootstrap_t"}
        Quantiles of the draws; the same, corrected for bias and skewness; or quantiles of the
        studentised draws, with the jackknife over clusters as standard error, which holds best
        for means of skewed values, is wrong for a median, and costs `draws` times the number of
        clusters.
    draws : int, default 2000
        How many samples of clusters are drawn.
    rng : int or numpy.random.Generator, default 0
        The seed: the same seed gives the same interval.

    Returns
    -------
    Estimate
        The statistic, with the number of clusters as `n`; nan with a note without measurements,
        and an interval of nan with a note with fewer than two clusters or no spread.

    Raises
    ------
    ValueError
        If a measurement is not finite, `clusters` has another length, or `draws` is under 100.

    Notes
    -----
    Percentile: quantiles (1 - confidence) / 2 and (1 + confidence) / 2 of the statistic over the
    draws. With fewer than about 40 clusters it is too short. BCa moves the quantiles by the
    normal score of the draws below the estimate and by the skewness of the jackknife.
    Bootstrap-t: estimate - t_high * se to estimate - t_low * se.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapters 12-14. Field & Welsh
    (2007), J. R. Stat. Soc. B 69, 369-390 (clusters).

    Examples
    --------
    >>> result = bootstrap([12, 30, 7, 55, 20, 9, 41, 16], np.median, unit="EUR", rng=1)
    >>> result.value, tuple(result.ci), result.n
    (18.0, (9.0, 41.0), 8)
    """
    validate.one_of("method", method, tuple(_NAMES))
    sample, samples = _sampled(values, clusters, confidence, draws, rng)
    n = len(sample)
    ci = Interval(math.nan, math.nan)
    if n >= (_STUDENTISED if method == "bootstrap_t" else 2):
        if method == "bootstrap_t":
            ci = _from_studentised(sample, statistic, confidence, samples)
        else:
            corrected = method == "bca"
            (ci,) = _from_quantiles(sample, [statistic], confidence, samples, corrected=corrected)
    return _estimate(sample, statistic, ci, unit, confidence, method)


def bootstrap_together(
    values: ArrayLike,
    statistics: Sequence[Statistic],
    *,
    unit: str,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
    draws: int = 2000,
    rng: int | np.random.Generator = 0,
) -> list[Estimate]:
    """Estimate several statistics as :func:`bootstrap` does by percentiles, from the same draws.

    Examples
    --------
    >>> values = [12, 30, 7, 55, 20, 9, 41, 16]
    >>> both = bootstrap_together(values, [np.median, np.mean], unit="EUR", rng=1)
    >>> both[0] == bootstrap(values, np.median, unit="EUR", rng=1)
    True
    """
    sample, samples = _sampled(values, clusters, confidence, draws, rng)
    ends = [Interval(math.nan, math.nan) for _ in statistics]
    if len(sample) > 1:
        ends = _from_quantiles(sample, statistics, confidence, samples, corrected=False)
    return [
        _estimate(sample, statistic, ci, unit, confidence, "percentile")
        for statistic, ci in zip(statistics, ends, strict=True)
    ]


def bootstrap_mean(
    values: ArrayLike,
    *,
    unit: str,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
    draws: int = 1000,
    rng: int | np.random.Generator = 0,
) -> Estimate:
    """Estimate the mean of measurements in clusters, with an interval that follows their skew.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        The measurements.
    unit : str
        Their unit.
    clusters, confidence, draws, rng
        As in :func:`bootstrap`.

    Returns
    -------
    Estimate
        The mean, with the number of clusters as `n`; undefined as :func:`bootstrap` is.

    Raises
    ------
    ValueError
        As :func:`bootstrap` does.

    Notes
    -----
    Bootstrap-t with the linearised standard error of a ratio of sums over clusters
    (:class:`cxresearch.stats.means.RatioSums`) in place of the jackknife's, which takes one pass
    per draw: mean - t_high * se to mean - t_low * se. With fewer than about 20 clusters, or where
    one holds most of the total, the ends are wide and rough.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, section 12.5. Hall (1992), The
    Bootstrap and Edgeworth Expansion, section 3.3 (why it follows the skew).

    Examples
    --------
    >>> result = bootstrap_mean([12, 30, 7, 55, 20, 9, 41, 160], unit="EUR", rng=1)
    >>> result.value, result.ci.high - result.value > result.value - result.ci.low
    (41.75, True)
    """
    (array,) = validate.arrays(values=values)
    # Squares of numbers that are all far from 0 would lose what they differ by.
    least = float(array.min()) if array.size else 0.0
    sample, samples = _sampled(array - least, clusters, confidence, draws, rng)
    n = len(sample)
    ci = Interval(math.nan, math.nan)
    if n >= _STUDENTISED:
        ci = Interval(*(end + least for end in _of_mean(sample, confidence, samples)))
    return Estimate(
        value=float(array.mean()) if n else math.nan,
        ci=ci,
        n=n,
        unit=unit,
        confidence=confidence,
        method=MEAN,
        note=_note(array, n, ci),
    )


def by_cluster(values: NDArray[np.float64], clusters: ArrayLike | None) -> Clusters:
    """Return measurements by cluster; without labels each is a cluster of its own."""
    if clusters is None:
        return Clusters(values, np.ones(values.size, dtype=np.intp), np.arange(values.size))
    labels = np.asarray(clusters)
    validate.one_of("the length of clusters", labels.size, (values.size,))
    _, number, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    ordered = values[np.argsort(number, kind="stable")]
    return Clusters(ordered, sizes, np.cumsum(sizes) - sizes)


def _sampled(
    values: ArrayLike,
    clusters: ArrayLike | None,
    confidence: float,
    draws: int,
    rng: int | np.random.Generator,
) -> tuple[Clusters, _Draws]:
    """Return checked measurements by cluster, and the clusters of each draw."""
    validate.share("confidence", confidence)
    validate.whole("draws", draws, low=100)
    (array,) = validate.arrays(values=values)
    sample = by_cluster(array, clusters)
    n, generator = len(sample), np.random.default_rng(rng)
    return sample, (generator.integers(n, size=n) for _ in range(draws))


def _estimate(
    sample: Clusters,
    statistic: Statistic,
    ci: Interval,
    unit: str,
    confidence: float,
    method: Method,
) -> Estimate:
    n = len(sample)
    return Estimate(
        value=float(statistic(sample.values)) if n else math.nan,
        ci=ci,
        n=n,
        unit=unit,
        confidence=confidence,
        method=_NAMES[method],
        note=_note(sample.values, n, ci),
    )


def _from_quantiles(
    sample: Clusters,
    statistics: Sequence[Statistic],
    confidence: float,
    draws: _Draws,
    *,
    corrected: bool,
) -> list[Interval]:
    every = np.array([[one(values) for one in statistics] for values in sample.drawn(draws)])
    found = []
    for statistic, drawn in zip(statistics, every.T, strict=True):
        tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
        if corrected:
            left_out = sample.left_out(statistic)
            tails = _corrected_tails(tails, statistic(sample.values), drawn, left_out)
        ends = np.quantile(drawn, tails).tolist()
        has_spread = drawn.min() < drawn.max()
        found.append(Interval(*ends) if has_spread else Interval(math.nan, math.nan))
    return found


def _corrected_tails(
    tails: NDArray[np.float64],
    value: float,
    drawn: NDArray[np.float64],
    left_out: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the tails moved for the bias and the skewness of the statistic."""
    from scipy.special import ndtr, ndtri

    below = ((drawn < value).mean() + (drawn <= value).mean()) / 2
    bias = ndtri(min(max(below, 1 / len(drawn)), 1 - 1 / len(drawn)))
    gap = left_out.mean() - left_out
    squares = (gap**2).sum()
    acceleration = (gap**3).sum() / (6 * squares**1.5) if squares else 0.0
    moved = bias + ndtri(tails)
    return np.asarray(ndtr(bias + moved / (1 - acceleration * moved)))


def _from_studentised(
    sample: Clusters, statistic: Statistic, confidence: float, draws: _Draws
) -> Interval:
    value, error = statistic(sample.values), sample.error(statistic)
    studentised = []
    for chosen in draws:
        drawn = sample.take(chosen)
        spread = drawn.error(statistic)
        if spread > 0:  # a draw of one cluster only, over and over, has none
            studentised.append((statistic(drawn.values) - value) / spread)
    return _t_interval(value, error, studentised, confidence)


def _of_mean(sample: Clusters, confidence: float, draws: _Draws) -> Interval:
    totals = np.add.reduceat(sample.values, sample.starts)
    sizes = sample.sizes.astype(float)
    value, error = _mean_and_error(totals, sizes)
    studentised = []
    for chosen in draws:
        drawn, spread = _mean_and_error(totals[chosen], sizes[chosen])
        if spread > 0:
            studentised.append((drawn - value) / spread)
    return _t_interval(value, error, studentised, confidence)


def _mean_and_error(totals: NDArray[np.float64], sizes: NDArray[np.float64]) -> tuple[float, float]:
    """Return the ratio of two sums over clusters and its linearised standard error."""
    sums = RatioSums.from_arrays(totals, sizes)
    return sums.ratio, math.sqrt(sums.variance)


def _t_interval(
    value: float, error: float, studentised: list[float], confidence: float
) -> Interval:
    """Return the interval of a bootstrap-t: the upper tail of the draws makes the lower end."""
    if not error > 0 or not studentised:
        return Interval(math.nan, math.nan)
    low, high = np.quantile(studentised, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(value - high * error), float(value - low * error))


def _note(values: NDArray[np.float64], n: int, ci: Interval) -> str:
    if n < 2:
        return ONE_CLUSTER if n else NO_CLUSTERS
    if not math.isnan(ci.low):
        return ""
    return TWO_CLUSTERS if n < _STUDENTISED and np.ptp(values) else NO_SPREAD
