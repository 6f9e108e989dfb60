"""How p-values read when there are many of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import numpy as np

from cxresearch.core import validate

if TYPE_CHECKING:
    from numpy.typing import NDArray

Method = Literal["holm", "hochberg", "bonferroni", "bh", "by"]


def adjusted(p_values: Iterable[float], *, method: Method = "holm") -> NDArray[np.float64]:
    """Return the p-values adjusted for how many there are.

    Parameters
    ----------
    p_values : iterable of float, length m
        The p-values, 0-1, in any order; nan is a test that could not be done.
    method : {"holm", "hochberg", "bonferroni", "bh", "by"}
        Holm, and Bonferroni, bound the chance of one false alarm under any dependence, Hochberg
        under positive dependence; Benjamini-Hochberg (bh) bounds the share of false alarms under
        positive dependence, Benjamini-Yekutieli (by) under any.

    Returns
    -------
    numpy.ndarray of float, shape (m,)
        The adjusted p-values in the order given; nan stays nan and does not count as a test.

    Raises
    ------
    TypeError
        If a value is no number.
    ValueError
        If a p-value is outside 0-1.

    Notes
    -----
    With m tests in ascending order, i = 1 ... m. Holm: the running maximum of (m - i + 1) p_i.
    Hochberg: the running minimum of the same from the largest down. BH: the running minimum of
    m p_i / i from the largest down. BY: BH times 1 + 1/2 + ... + 1/m. All are cut at 1.

    References
    ----------
    Holm (1979), Scand. J. Stat. 6, 65-70. Hochberg (1988), Biometrika 75, 800-802. Benjamini &
    Hochberg (1995), J. R. Stat. Soc. B 57, 289-300. Benjamini & Yekutieli (2001), Ann. Stat. 29,
    1165-1188.

    Examples
    --------
    >>> adjusted([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    >>> adjusted([0.01, float("nan"), 0.03], method="bh").round(4).tolist()
    [0.02, nan, 0.03]
    """
    validate.one_of("method", method, ("holm", "hochberg", "bonferroni", "bh", "by"))
    values = np.array([_p_value(p) for p in p_values], dtype=float)
    done = ~np.isnan(values)
    order = np.argsort(values[done], kind="stable")
    result = np.full(values.size, np.nan)
    ranked = np.empty(order.size)
    ranked[order] = _in_order(values[done][order], method)
    result[done] = np.minimum(ranked, 1.0)
    return result


def _p_value(value: float) -> float:
    missing = isinstance(value, float) and math.isnan(value)
    return value if missing else validate.between("p_values", value, 0, 1)


def _in_order(p: NDArray[np.float64], method: Method) -> NDArray[np.float64]:
    """Return ascending p-values adjusted, before they are cut at 1."""
    m = p.size
    rank = np.arange(1, m + 1)
    if method == "bonferroni":
        return m * p
    if method == "holm":
        return np.maximum.accumulate((m - rank + 1) * p)
    if method == "hochberg":
        steps = (m - rank + 1) * p
    else:
        steps = m * p / rank * (np.sum(1 / rank) if method == "by" else 1.0)
    return np.asarray(np.minimum.accumulate(steps[::-1])[::-1])
