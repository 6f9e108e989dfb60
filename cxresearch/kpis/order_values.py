"""What an order is worth: mean, median and trimmed mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames
from cxresearch.kpis import _orders
from cxresearch.kpis.kpi import Kpi, in_groups, kpi, over_all
from cxresearch.kpis.series import Apart, Coverage, Ratio
from cxresearch.stats.means.ratios import ratio_of_sums

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

Method = Literal["clustered", "bootstrap"]
METHODS: tuple[str, ...] = get_args(Method)
#: From an array of values, with the arguments `unit`, `clusters` and `confidence`.
_Estimator = Callable[..., Any]
#: The share of the orders that a trimmed mean leaves out at either end.
_LEFT_OUT = 0.05
#: Enough for two digits of an interval; one draw goes through all orders.
_DRAWS = 1000
_TRIMMED = "left out at either end, of every hundred orders: {percent}"


@documented
def average_order_value(
    orders: frames.AnyFrame,
    *,
    currency: str,
    method: Method = "clustered",
    by: str | None = None,
    confidence: float = 0.95,
) -> Kpi:
    """Return the mean value of a sale: an order placed and kept.

    Parameters
    ----------
    %(orders)s
    %(currency)s
    method : {"clustered", "bootstrap"}
        The interval: that of a linearised ratio, symmetric; or a bootstrap-t, which follows the
        skew of the orders: for fewer than a few hundred customers, or a few very large orders.
        It asks for all values of orders in memory.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Money per order, with `n` customers (an anonymous order counts as one).

    Raises
    ------
    %(missing_column)s
    ValueError
        If `method` is unknown.

    Notes
    -----
    The orders of one customer are alike, so the interval is that of a ratio over customers
    (:func:`cxresearch.stats.means.ratios.ratio_of_sums`, or
    :func:`cxresearch.stats.ranks.bootstrap_mean`); one that takes every order as independent
    would be too short.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> average_order_value(ORDERS, currency="EUR").value
    35.0
    """
    if by is not None:
        again = partial(
            average_order_value, currency=currency, method=method, confidence=confidence
        )
        return in_groups(again, orders, "orders", by)
    validate.one_of("method", method, METHODS)
    definition = "The mean value of net orders."
    if method == "bootstrap":
        from cxresearch.stats.ranks.resampling import bootstrap_mean

        values = _Values.of(orders, currency)
        drawn = values.series(partial(bootstrap_mean, draws=_DRAWS))
        return over_all(drawn, definition, *values.remarks, confidence=confidence)
    sales, reach, remarks = _sales(orders, currency)
    ratio = Ratio(
        rows=sales,
        x="gross",
        y="sale",
        unit=currency,
        estimate=partial(ratio_of_sums, unit=currency),
        reach=reach,
    )
    return over_all(ratio, definition, *remarks, confidence=confidence)


@documented
def median_order_value(
    orders: frames.AnyFrame, *, currency: str, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the value that half of the orders exceed.

    Parameters
    ----------
    %(orders)s
    %(currency)s
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Money per order, with `n` customers (an anonymous order counts as one).

    Raises
    ------
    %(missing_column)s

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
    if by is not None:
        again = partial(median_order_value, currency=currency, confidence=confidence)
        return in_groups(again, orders, "orders", by)
    return _usual(orders, [_MEDIAN], currency, confidence)[0]


@documented
def trimmed_order_value(
    orders: frames.AnyFrame,
    *,
    currency: str,
    share: float = _LEFT_OUT,
    by: str | None = None,
    confidence: float = 0.95,
) -> Kpi:
    """Return the mean value of the orders without the smallest and the largest ones.

    Parameters
    ----------
    %(orders)s
    %(currency)s
    share : float, default 0.05
        The share of the orders left out at either end, 0 to 0.49, rounded down to whole orders.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Money per order, with `n` customers (an anonymous order counts as one).

    Raises
    ------
    %(missing_column)s
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
    if by is not None:
        again = partial(trimmed_order_value, currency=currency, share=share, confidence=confidence)
        return in_groups(again, orders, "orders", by)
    return _usual(orders, [_trimmed(share)], currency, confidence)[0]


def usual_order_values(
    orders: frames.AnyFrame, *, currency: str, confidence: float = 0.95
) -> list[Kpi]:
    """Return :func:`median_order_value` and :func:`trimmed_order_value`, from the same draws."""
    return _usual(orders, [_MEDIAN, _trimmed(_LEFT_OUT)], currency, confidence)


def _sales(
    orders: frames.AnyFrame, currency: str
) -> tuple[frames.Frame, Callable[[], Coverage], tuple[Remark, ...]]:
    """Return the orders that were kept, the days of all orders, and remarks on those left out."""
    prepared = _orders.prepared(orders)
    sales, left_out = _orders.in_currency(prepared.filter(_orders.SALE), currency, every=prepared)
    remarks = (*left_out, *_orders.valueless(prepared))
    return sales, partial(Coverage.of, prepared), remarks


@dataclass(frozen=True)
class _Values:
    """The values of the orders that were kept, in memory."""

    rows: pd.DataFrame
    currency: str
    reach: Callable[[], Coverage]
    remarks: tuple[Remark, ...]

    @classmethod
    def of(cls, orders: frames.AnyFrame, currency: str) -> _Values:
        sales, reach, remarks = _sales(orders, currency)
        rows = sales.select(frames.CLUSTER, "month", value=_orders.GROSS).collect().to_pandas()
        return cls(rows, currency, reach, remarks)

    def series(self, estimate: _Estimator) -> Apart:
        of_rows = partial(_estimated, estimate=estimate, unit=self.currency)
        return Apart(self.rows, of_rows, "MOVER of bootstrap intervals", self.reach)


def _estimated(rows: pd.DataFrame, *, estimate: _Estimator, unit: str, confidence: float) -> Any:
    return estimate(rows["value"], clusters=rows["cluster"], unit=unit, confidence=confidence)


@dataclass(frozen=True)
class _Usual:
    """What is taken for the value of a usual order."""

    definition: str
    statistic: Callable[[NDArray[Any]], float]
    remarks: tuple[Remark, ...] = ()


def _usual(
    orders: frames.AnyFrame, asked: Sequence[_Usual], currency: str, confidence: float
) -> list[Kpi]:
    from cxresearch.stats.ranks.resampling import bootstrap, bootstrap_together

    values = _Values.of(orders, currency)
    drawn = partial(bootstrap_together, statistics=[one.statistic for one in asked], draws=_DRAWS)
    found = _estimated(values.rows, estimate=drawn, unit=currency, confidence=confidence)
    kpis = []
    for one, whole in zip(asked, found, strict=True):
        series = values.series(partial(bootstrap, statistic=one.statistic, draws=_DRAWS))
        kpis.append(kpi(whole, one.definition, *one.remarks, *values.remarks, series=series))
    return kpis


def _trimmed(share: float) -> _Usual:
    validate.between("share", share, 0, 0.49)
    definition = "The mean value of net orders, without the largest and the smallest."
    told = Remark(_TRIMMED, {"percent": f"{100 * share:g}"})
    return _Usual(definition, lambda values: _middle(values, int(share * len(values))), (told,))


def _middle(values: NDArray[Any], left_out: int) -> float:
    """Return the mean of the values without a number of the smallest and of the largest ones."""
    import numpy as np

    # The draws of a bootstrap are in order already, which a stable sort sees.
    return float(np.sort(values, kind="stable")[left_out : len(values) - left_out].mean())


_MEDIAN = _Usual(
    "The value that half of net orders exceed.",
    lambda values: _middle(values, (len(values) - 1) // 2),
)
