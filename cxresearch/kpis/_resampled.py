"""Indicators whose interval comes from drawing the customers again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate
from cxresearch.engine import frames
from cxresearch.kpis import _orders
from cxresearch.kpis._by_month import Apart
from cxresearch.kpis._calendar import Coverage
from cxresearch.kpis.kpi import Kpi, over_all

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame

#: The estimate from an array of values, with the arguments `unit`, `clusters` and `confidence`.
Estimator = Callable[..., Estimate]

#: Enough for two digits of an interval; one draw goes through all orders.
DRAWS = 1000


def sales(
    orders: IntoFrame,
    estimate: Estimator,
    definition: str,
    currency: str,
    confidence: float,
    *told: Remark,
) -> Kpi:
    """Return an indicator of the values of the orders that were kept."""
    prepared = _orders.prepared(orders)
    priced, remarks = _orders.in_currency(prepared.filter(_orders.SALE), currency)
    rows = priced.select(frames.CLUSTER, "month", value=_orders.GROSS).collect().to_pandas()
    series = Apart(
        rows,
        partial(_drawn, estimate=estimate, unit=currency),
        "MOVER of bootstrap intervals",
        partial(Coverage.of, prepared),
    )
    return over_all(series, definition, *told, *remarks, confidence=confidence)


def _drawn(rows: pd.DataFrame, *, estimate: Estimator, unit: str, confidence: float) -> Estimate:
    return estimate(rows["value"], clusters=rows["cluster"], unit=unit, confidence=confidence)
