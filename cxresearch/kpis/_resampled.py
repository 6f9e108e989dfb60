"""Indicators whose interval comes from drawing the customers again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate
from cxresearch.engine import frames
from cxresearch.kpis import _orders
from cxresearch.kpis._calendar import Coverage
from cxresearch.kpis._measures import difference_of_two
from cxresearch.kpis.kpi import Kpi, kpi

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
    measure = _Resampled(rows, estimate, currency, partial(Coverage.of, prepared))
    return kpi(measure.whole(confidence), definition, *told, *remarks, measure=measure)


@dataclass(frozen=True, slots=True)
class _Resampled:
    """The measure of a statistic of values that come in clusters.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row per value, with `value`, `cluster` and `month`.
    estimate : callable
        The estimate from the values and their clusters.
    unit : str
        Its unit.
    coverage : callable
        The months the data cover; it may need a query.
    """

    rows: pd.DataFrame
    estimate: Estimator
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
        first, second = (self._of_month(month, confidence) for month in (before, last))
        return difference_of_two(first, second, method="MOVER of bootstrap intervals")

    def _of_month(self, month: int, confidence: float) -> Estimate:
        return self._of(self.rows[self.rows["month"] == month], confidence)

    def _of(self, rows: pd.DataFrame, confidence: float) -> Estimate:
        return self.estimate(
            rows["value"], clusters=rows["cluster"], unit=self.unit, confidence=confidence
        )
