"""How an indicator is computed for a month and between two months, by the kind it is of.

An indicator keeps its measure, so that its months and its change (:mod:`cxresearch.kpis.tracking`)
come from the rows and by the statistics that its value came from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import narwhals as nw

from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, fewest
from cxresearch.core.unit_sums import RatioSums, UnitSums
from cxresearch.engine import frames
from cxresearch.kpis._calendar import Coverage
from cxresearch.kpis.kpi import Kpi, kpi
from cxresearch.stats.means import totals
from cxresearch.stats.means.ratios import difference_of_ratios
from cxresearch.stats.shares.proportions import proportion


class Measure(Protocol):
    """What can be asked of every indicator that has months."""

    def coverage(self) -> Coverage:
        """Return the months there are, and which of them the data cover."""
        ...

    def estimates(self, confidence: float) -> Mapping[int, Estimate]:
        """Return the estimate of each month there is."""
        ...

    def change(self, before: int, last: int, confidence: float) -> Estimate:
        """Return the estimate of one month minus that of an earlier one."""
        ...


@dataclass(frozen=True, slots=True)
class Ratio:
    """One total over another.

    Parameters
    ----------
    rows : frame
        The rows that count, with `cluster`, `month` and the two columns.
    x, y : str
        The columns of the numerator and of the denominator.
    unit : str
        The unit of the ratio.
    estimate : callable
        The estimate from the sums over clusters, with the argument `confidence`.
    coverage : callable
        The months the data cover; it may need a query.
    """

    rows: frames.Frame
    x: str
    y: str
    unit: str
    estimate: Callable[..., Estimate]
    coverage: Callable[[], Coverage]

    def kpi(self, definition: str, *remarks: Remark, confidence: float) -> Kpi:
        """Return the indicator over all rows."""
        sums = frames.moments(self.rows, [self.x, self.y]).ratio(self.x, self.y)
        whole = self.estimate(sums, confidence=confidence)
        return kpi(whole, definition, *remarks, measure=self)

    def estimates(self, confidence: float) -> dict[int, Estimate]:
        """Return the estimate of each month there is."""
        months = self.coverage().months
        sums = frames.moments_by(self.rows, "month", [self.x, self.y], months)
        return {
            month: self.estimate(of_month.ratio(self.x, self.y), confidence=confidence)
            for month, of_month in sums.items()
        }

    def change(self, before: int, last: int, confidence: float) -> Estimate:
        """Return the difference of the two months' ratios; a cluster may be in both."""
        compared = self.rows.filter(nw.col("month").is_in([before, last])).with_columns(
            **{
                f"{name}_{column}": nw.col(column) * frames.indicator(nw.col("month") == month)
                for name, month in (("before", before), ("last", last))
                for column in (self.x, self.y)
            }
        )
        first, second = ((f"{name}_{self.x}", f"{name}_{self.y}") for name in ("before", "last"))
        sums = frames.moments(compared, [*first, *second])
        return difference_of_ratios(
            sums.ratio(*first),
            sums.ratio(*second),
            sums.cross(first, second),
            unit=self.unit,
            confidence=confidence,
        )


@dataclass(frozen=True, slots=True)
class Total:
    """What a period brought.

    Parameters
    ----------
    rows : frame
        The rows that count, with `cluster`, `month` and the column.
    x : str
        The column that is added up.
    unit : str
        Its unit.
    coverage : callable
        The months the data cover; it may need a query.
    """

    rows: frames.Frame
    x: str
    unit: str
    coverage: Callable[[], Coverage]

    def kpi(self, definition: str, *remarks: Remark, confidence: float) -> Kpi:
        """Return the indicator over all rows."""
        whole = self._estimate(frames.moments(self.rows, [self.x]), confidence)
        return kpi(whole, definition, *remarks, measure=self)

    def estimates(self, confidence: float) -> dict[int, Estimate]:
        """Return the estimate of each month there is; one without rows brought nothing, 0."""
        sums = frames.moments_by(self.rows, "month", [self.x], self.coverage().months)
        estimates = {month: self._estimate(moment, confidence) for month, moment in sums.items()}
        return {
            month: estimate if estimate.n else replace(estimate, value=0.0)
            for month, estimate in estimates.items()
        }

    def change(self, before: int, last: int, confidence: float) -> Estimate:
        """Return the total of each cluster's change, which is again a total over clusters."""
        sign = frames.indicator(nw.col("month") == last) - frames.indicator(
            nw.col("month") == before
        )
        signed = self.rows.with_columns((nw.col(self.x) * sign).alias(self.x))
        compared = signed.filter(nw.col("month").is_in([before, last]))
        return self._estimate(frames.moments(compared, [self.x]), confidence)

    def _estimate(self, sums: UnitSums, confidence: float) -> Estimate:
        return totals.total(
            sums.n,
            sums.sums[self.x],
            sums.product(self.x, self.x),
            unit=self.unit,
            confidence=confidence,
        )


def difference_of_two(first: Estimate, second: Estimate, *, method: str) -> Estimate:
    """Return the second estimate minus the first, taken as independent, by MOVER.

    Parameters
    ----------
    first, second : Estimate
        Two estimates in one unit, at one confidence.
    method : str
        The name of the method, which says what the two intervals are.
    """
    from cxresearch.stats.shares.differences import mover

    return Estimate(
        value=second.value - first.value,
        ci=mover(first, second),
        n=first.n + second.n,
        unit=second.unit,
        confidence=second.confidence,
        method=method,
        note=first.note or second.note,
        people=fewest(first, second),
    )


def share_of_clusters(sums: RatioSums, *, confidence: float) -> Estimate:
    """Return the share of the clusters that have a property, where each has one row."""
    return proportion(round(sums.x), round(sums.y), confidence=confidence)
