"""What a usual order is worth, when a few very large ones pull the mean up."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cxresearch.core import validate
from cxresearch.core.remarks import Remark
from cxresearch.kpis._resampled import DRAWS, Estimator, sales
from cxresearch.kpis.kpi import Kpi

if TYPE_CHECKING:
    from collections.abc import Callable

    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

_TRIMMED = "left out at either end, of every hundred orders: {percent}"


def median_order_value(orders: IntoFrame, *, currency: str, confidence: float = 0.95) -> Kpi:
    """Return the value that half of the sales exceed.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind.
    currency : str
        The study's currency; orders in another are left out and counted in the note.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Kpi
        Money per order, with `n` customers (an anonymous order counts as one).

    Raises
    ------
    SchemaError
        If a column is missing.

    Notes
    -----
    Orders are skewed, and those of one customer are alike: the interval is that of a thousand
    draws of whole customers (:func:`cxresearch.stats.ranks.bootstrap`), which follows the
    skew. It asks for all values of orders in memory.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> median_order_value(ORDERS, currency="EUR").value
    35.0
    """
    import numpy as np

    definition = "The value that half of the orders that were kept exceed."
    return sales(orders, _bootstrap(np.median), definition, currency, confidence)


def trimmed_order_value(
    orders: IntoFrame, *, currency: str, share: float = 0.05, confidence: float = 0.95
) -> Kpi:
    """Return the mean value of the sales without the smallest and the largest ones.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind.
    currency : str
        The study's currency; orders in another are left out and counted in the note.
    share : float, default 0.05
        The share of the sales left out at either end, 0 to 0.49, rounded down to whole orders.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Kpi
        Money per order, with `n` customers (an anonymous order counts as one).

    Raises
    ------
    SchemaError
        If a column is missing.
    ValueError
        If `share` is not between 0 and 0.49.

    See Also
    --------
    median_order_value : The interval.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> trimmed_order_value(ORDERS, currency="EUR", share=0.25).value
    35.0
    """
    validate.between("share", share, 0, 0.49)
    definition = "The mean value of the orders that were kept, without those at either end."
    trimmed = Remark(_TRIMMED, {"percent": f"{100 * share:g}"})
    statistic = partial(_trimmed_mean, share=share)
    return sales(orders, _bootstrap(statistic), definition, currency, confidence, trimmed)


def _bootstrap(statistic: Callable[[NDArray[Any]], float]) -> Estimator:
    from cxresearch.stats.ranks.resampling import bootstrap

    return partial(bootstrap, statistic=statistic, draws=DRAWS)


def _trimmed_mean(values: NDArray[Any], *, share: float) -> float:
    """Return the mean of the values without a share of the smallest and of the largest ones."""
    import numpy as np

    left_out = int(share * len(values))
    return float(np.sort(values)[left_out : len(values) - left_out].mean())
