"""Kappas: the agreement of two coders, or of several who coded every unit, with a test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from cxresearch.core import validate
from cxresearch.stats.agreement._reliability import (
    Agreement,
    Array,
    Codes,
    agreeing_pairs,
    estimated,
)

Weights = Literal["none", "linear", "quadratic"]

_COHEN: dict[str, str] = {
    "none": "Cohen's kappa",
    "linear": "Cohen's kappa, linear weights",
    "quadratic": "Cohen's kappa, quadratic weights",
}


def cohen_kappa(
    first: ArrayLike,
    second: ArrayLike,
    *,
    weights: Weights = "none",
    categories: Sequence[Any] | None = None,
    confidence: float = 0.95,
    draws: int = 1000,
    rng: int = 0,
) -> Agreement:
    """Measure the agreement of two coders, each with shares of codes of their own.

    Parameters
    ----------
    first, second : array_like, shape (units,)
        The codes of each; units that lack one are left out.
    weights : {"none", "linear", "quadratic"}
        How much a pair of different codes counts: all alike, or by the distance of their places,
        or its square.
    categories, confidence, draws, rng
        As in :func:`cxresearch.stats.agreement.krippendorff_alpha`.

    Returns
    -------
    Agreement
        Kappa, with the test that it is 0.

    Raises
    ------
    ValueError
        If the two are not equally long, a code is not one of `categories`, or `weights` is
        unknown.

    Notes
    -----
    (p_o - p_e) / (1 - p_e), with agreement of a pair of codes 1 - (distance / largest)**power,
    and p_e from the two coders' own shares. Where one code is nearly always right it is low
    however few pairs differ (Feinstein & Cicchetti 1990).

    References
    ----------
    Cohen (1960), Educ. Psychol. Meas. 20, 37-46; (1968), Psychol. Bull. 70, 213-220. Fleiss,
    Cohen & Everitt (1969), Psychol. Bull. 72, 323-327 (the variance of the test).

    Examples
    --------
    >>> kappa = cohen_kappa([1, 1, 0, 0, 1, 0, 1, 0, 1, 1], [1, 0, 0, 0, 1, 0, 1, 1, 1, 1])
    >>> round(kappa.value, 3), round(kappa.observed, 2), round(kappa.p_value, 3)
    (0.583, 0.8, 0.065)
    """
    validate.one_of("weights", weights, tuple(_COHEN))
    one, other = (np.asarray(codes, dtype=object) for codes in (first, second))
    validate.one_of("the length of second", other.shape, (one.shape,))
    read = Codes.read(np.stack([one, other], axis=1), categories).with_at_least(2)
    k = len(read.categories)
    agrees = _pair_weights(k, weights)
    parts = np.zeros((read.n, k * k))
    parts[np.arange(read.n), read.numbers[:, 0] * k + read.numbers[:, 1]] = 1

    def shares(sums: Array) -> tuple[Array, Array]:
        table = (sums / sums.sum(axis=-1, keepdims=True)).reshape(*sums.shape[:-1], k, k)
        by_chance = table.sum(axis=-1)[..., :, None] * table.sum(axis=-2)[..., None, :]
        return (agrees * table).sum(axis=(-2, -1)), (agrees * by_chance).sum(axis=(-2, -1))

    found = estimated(_COHEN[weights], read, parts, shares, confidence, draws, rng)
    table = parts.sum(axis=0).reshape(k, k) / max(read.n, 1)
    return _tested(found, _cohen_error(table, agrees, read.n))


def fleiss_kappa(
    codes: ArrayLike,
    *,
    categories: Sequence[Any] | None = None,
    confidence: float = 0.95,
    draws: int = 1000,
    rng: int = 0,
) -> Agreement:
    """Measure the agreement of several coders who all coded every unit.

    Parameters
    ----------
    codes, categories, confidence, draws, rng
        As in :func:`cxresearch.stats.agreement.krippendorff_alpha`; units that
        lack a code are left out.

    Returns
    -------
    Agreement
        Kappa, with the test that it is 0.

    Raises
    ------
    ValueError
        If `codes` is no table, or a code is not one of `categories`.

    Notes
    -----
    (P - P_e) / (1 - P_e): P is the mean share of agreeing pairs, P_e the sum of the squared
    shares of the codes.

    References
    ----------
    Fleiss (1971), Psychol. Bull. 76, 378-382. Fleiss, Nee & Landis (1979), Psychol. Bull. 86,
    974-977 (the variance of the test).

    Examples
    --------
    >>> kappa = fleiss_kappa([[1, 1, 1], [0, 0, 1], [0, 0, 0], [1, 1, 0], [1, 1, 1]])
    >>> round(kappa.value, 3), kappa.n
    (0.444, 5)
    """
    given = Codes.read(codes, categories)
    coders = given.numbers.shape[1]
    read = given.with_at_least(max(coders, 2))
    counts = read.counts
    parts = np.column_stack([agreeing_pairs(counts), counts / max(coders, 1), np.ones(read.n)])

    def shares(sums: Array) -> tuple[Array, Array]:
        of_codes = sums[..., 1:-1] / sums[..., -1:]
        return sums[..., 0] / sums[..., -1], (of_codes**2).sum(axis=-1)

    found = estimated("Fleiss' kappa", read, parts, shares, confidence, draws, rng)
    of_codes = parts[:, 1:-1].sum(axis=0) / max(read.n, 1)
    return _tested(found, _fleiss_error(of_codes, read.n, coders))


def _pair_weights(k: int, weights: Weights) -> Array:
    """Return how far each pair of codes agrees, from 0 to 1."""
    if weights == "none":
        return np.eye(k)
    places = np.arange(k)
    apart = np.abs(places[:, None] - places) / max(k - 1, 1)
    return np.asarray(1 - apart ** (1 if weights == "linear" else 2))


def _cohen_error(table: Array, agrees: Array, n: int) -> float:
    """Return the standard error of kappa where there is no agreement beyond chance."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    by_chance = rows[:, None] * columns
    expected = float((agrees * by_chance).sum())
    mean = (agrees @ columns)[:, None] + rows @ agrees
    variance = float((by_chance * (agrees - mean) ** 2).sum()) - expected**2
    return math.sqrt(max(variance, 0) / n) / (1 - expected) if n and expected < 1 else math.nan


def _fleiss_error(shares: Array, n: int, coders: int) -> float:
    """Return the same of Fleiss' kappa."""
    spread = float((shares * (1 - shares)).sum())
    if not (n and spread > 0 and coders > 1):
        return math.nan
    skew = float((shares * (1 - shares) * (1 - 2 * shares)).sum())
    return math.sqrt(2 * (spread**2 - skew) / (n * coders * (coders - 1))) / spread


def _tested(found: Agreement, error: float) -> Agreement:
    """Return a kappa with the test that it is 0."""
    from scipy.special import ndtr

    if math.isnan(found.value) or not error > 0:
        return found
    z = found.value / error
    return replace(found, statistic=z, p_value=float(2 * ndtr(-abs(z))))
