"""What a usual order is worth, when a few very large ones pull the mean up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from cxresearch import _checks
from cxresearch.kpis import _frames, _orders
from cxresearch.kpis._calendar import Coverage
from cxresearch.kpis.kpi import Kpi, Remark, kpi
from cxresearch.results import Estimate

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

#: Enough for two digits of an interval; one draw goes through all orders.
_DRAWS = 1000

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
    draws of whole customers (:func:`cxresearch.stats.resampling.bootstrap`), which follows the
    skew. It asks for all values of orders in memory.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> median_order_value(ORDERS, currency="EUR").value
    35.0
    """
    import numpy as np

    definition = "The value that half of the orders that were kept exceed."
    return _resampled(orders, np.median, definition, currency, confidence)


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
    _checks.between("share", share, 0, 0.49)
    definition = "The mean value of the orders that were kept, without those at either end."
    trimmed = Remark(_TRIMMED, {"percent": f"{100 * share:g}"})
    statistic = partial(_trimmed_mean, share=share)
    return _resampled(orders, statistic, definition, currency, confidence, trimmed)


@dataclass(frozen=True, slots=True)
class _Resampled:
    """The measure of a statistic of values that come in clusters.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row per value, with `value`, `cluster` and `month`.
    statistic : callable
        The statistic of an array of values.
    unit : str
        Its unit.
    coverage : callable
        The months the data cover; it may need a query.
    """

    rows: pd.DataFrame
    statistic: Callable[[NDArray[Any]], float]
    unit: str
    coverage: Callable[[], Coverage]

    def whole(self, confidence: float) -> Estimate:
        """Return the estimate over all rows."""
        return self._of(self.rows, confidence)

    def estimates(self, confidence: float) -> dict[int, Estimate]:
        """Return the estimate of each month there is."""
        return {month: self._of_month(month, confidence) for month in self.coverage().months}

    def change(self, before: int, last: int, confidence: float) -> Estimate:
        """Return the difference of two months; the same customers in both make it too wide."""
        from cxresearch.stats.differences import mover

        first, second = (self._of_month(month, confidence) for month in (before, last))
        return Estimate(
            value=second.value - first.value,
            ci=mover(first, second),
            n=first.n + second.n,
            unit=self.unit,
            confidence=confidence,
            method="MOVER of bootstrap intervals",
            note=first.note or second.note,
        )

    def _of_month(self, month: int, confidence: float) -> Estimate:
        return self._of(self.rows[self.rows["month"] == month], confidence)

    def _of(self, rows: pd.DataFrame, confidence: float) -> Estimate:
        from cxresearch.stats.resampling import bootstrap

        return bootstrap(
            rows["value"],
            self.statistic,
            unit=self.unit,
            clusters=rows["cluster"],
            confidence=confidence,
            draws=_DRAWS,
        )


def _resampled(
    orders: IntoFrame,
    statistic: Callable[[NDArray[Any]], float],
    definition: str,
    currency: str,
    confidence: float,
    *told: Remark,
) -> Kpi:
    prepared = _orders.prepared(orders)
    priced, remarks = _orders.in_currency(prepared.filter(_orders.SALE), currency)
    rows = priced.select(_frames.CLUSTER, "month", value=_orders.GROSS).collect().to_pandas()
    measure = _Resampled(rows, statistic, currency, partial(Coverage.of, prepared))
    return kpi(measure.whole(confidence), definition, *told, *remarks, measure=measure)


def _trimmed_mean(values: NDArray[Any], *, share: float) -> float:
    """Return the mean of the values without a share of the smallest and of the largest ones."""
    import numpy as np

    left_out = int(share * len(values))
    return float(np.sort(values)[left_out : len(values) - left_out].mean())
