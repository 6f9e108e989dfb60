"""The months of a study, and what an indicator is in each of them, by the kind it is of.

An indicator keeps its series, so that its months and its change (:mod:`cxresearch.kpis.months`)
come from the rows and by the statistics that its value came from.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch import engine
from cxresearch.core.results import Estimate, fewest
from cxresearch.core.unit_sums import RatioSums, UnitSums
from cxresearch.engine import frames
from cxresearch.engine.windows import month_number, months_of
from cxresearch.stats.means.ratios import difference_of_ratios, total
from cxresearch.stats.shares.proportions import clustered_proportion, proportion

if TYPE_CHECKING:
    import pandas as pd

MONTH = months_of(nw.col("day"))


@dataclass(frozen=True, slots=True)
class Coverage:
    """The months that the rows of a table fall in.

    Parameters
    ----------
    months : range
        Every month from the first row to the last, also one without rows.
    complete : range
        Those that the data reach from the first day to the last. The first and the last month
        are complete only if there is a row on their first or last day: a shop that sells less than
        daily loses them, which is the safe side.
    """

    months: range
    complete: range

    @classmethod
    def of(cls, frame: frames.Frame) -> Coverage:
        """Return the coverage of a frame with a `day`; of no rows it is empty."""
        day = nw.col("day")
        ends = {"n": day.count(), "first": day.min(), "last": day.max()}
        (row,) = frames.once(frame, "days", lambda: frames.rows(frame.select(**ends)))
        if not row["n"]:
            return cls(range(0), range(0))
        first, last = (date(day.year, day.month, day.day) for day in (row["first"], row["last"]))
        next_day = last + timedelta(days=1)
        months = range(month_number(first), month_number(last) + 1)
        return cls(
            months=months,
            complete=range(months.start + (first.day > 1), month_number(next_day)),
        )

    def within(self, other: Coverage) -> Coverage:
        """Return the months of both tables together, complete where both are."""
        if not self.months or not other.months:
            return Coverage(range(0), range(0))
        start, stop = min(self.months[0], other.months[0]), max(self.months[-1], other.months[-1])
        complete = range(
            max(self.complete.start, other.complete.start),
            min(self.complete.stop, other.complete.stop),
        )
        return Coverage(months=range(start, stop + 1), complete=complete)


class MonthlySeries(ABC):
    """An indicator over all rows, in each month and between two; each is computed once.

    Parameters
    ----------
    reach : callable
        The months the data cover; it may need a query.
    """

    reach: Callable[[], Coverage]

    @cached_property
    def coverage(self) -> Coverage:
        """The months there are, and which of them the data cover."""
        return self.reach()

    @cached_property
    def _known(self) -> dict[float, Mapping[int, Estimate]]:
        return {}

    def estimates(self, confidence: float) -> Mapping[int, Estimate]:
        """Return the estimate of each month there is."""
        if confidence not in self._known:
            self._known[confidence] = self._estimates(confidence)
        return self._known[confidence]

    @abstractmethod
    def whole(self, confidence: float) -> Estimate:
        """Return the estimate over all rows."""

    @abstractmethod
    def change(self, before: int, last: int, confidence: float) -> Estimate:
        """Return the estimate of one month minus that of an earlier one."""

    @abstractmethod
    def _estimates(self, confidence: float) -> Mapping[int, Estimate]: ...


def _by_cluster_and_month(rows: frames.Frame, *columns: str) -> frames.Frame:
    """Return what the clusters add up to in each month, computed once for all that ask for it."""
    floats = rows.select(
        frames.CLUSTER, "month", **{name: nw.col(name).cast(nw.Float64) for name in columns}
    )
    cells = floats.group_by(frames.CLUSTER, "month").agg(nw.col(*columns).sum())
    return engine.materialised(cells)


@dataclass(frozen=True, eq=False)
class Ratio(MonthlySeries):
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
    reach : callable
        The months the data cover; it may need a query.
    """

    rows: frames.Frame
    x: str
    y: str
    unit: str
    estimate: Callable[..., Estimate]
    reach: Callable[[], Coverage]

    @property
    def of_units(self) -> bool:
        """Whether it is a share of units that have something or not."""
        return self.estimate in (clustered_proportion, share_of_clusters)

    @cached_property
    def _cells(self) -> frames.Frame:
        return _by_cluster_and_month(self.rows, self.x, self.y)

    def whole(self, confidence: float) -> Estimate:
        """Return the ratio over all rows."""
        return self.estimate(self._close(self._sums), confidence=confidence)

    @cached_property
    def _sums(self) -> RatioSums:
        return frames.moments(self._cells, [self.x, self.y]).ratio(self.x, self.y)

    def _close(self, sums: RatioSums, month: int | None = None) -> RatioSums:
        """Return the sums, of a month or of all, with the squares they have lost, if they have."""
        if not sums.is_close:
            return sums
        cells = self._cells
        if month is not None:
            cells = cells.filter(nw.col("month") == month)
        left = cells.with_columns(left=nw.col(self.x) - sums.ratio * nw.col(self.y))
        return replace(sums, squares=frames.moments(left, ["left"]).product("left", "left"))

    def _estimates(self, confidence: float) -> Mapping[int, Estimate]:
        months = self.coverage.complete or self.coverage.months
        sums = self._beside(months[-1]) if months else {}
        ratios = {month: sums[month].ratio(self.x, self.y) for month in self.coverage.months}
        return {
            month: self.estimate(self._close(ratio, month), confidence=confidence)
            for month, ratio in ratios.items()
        }

    @cached_property
    def _with_last(self) -> dict[int, Mapping[int, UnitSums]]:
        return {}

    def _beside(self, last: int) -> Mapping[int, UnitSums]:
        """Return the sums of every month beside what the same clusters have in the last."""
        if last not in self._with_last:
            self._with_last[last] = self._sums_beside(self._cells, last)
        return self._with_last[last]

    def _sums_beside(self, cells: frames.Frame, last: int) -> Mapping[int, UnitSums]:
        months = {*self.coverage.months, last}
        return frames.moments_beside(cells, "month", [self.x, self.y], last, months)

    def change(self, before: int, last: int, confidence: float) -> Estimate:
        """Return the difference of the two months' ratios; a cluster may be in both."""
        if self._sums.is_close:  # a difference is the same wherever its ratios are
            far = self._sums.ratio * nw.col(self.y)
            cells = self._cells.with_columns((nw.col(self.x) - far).alias(self.x))
            sums = self._sums_beside(cells, last)
        else:
            sums = self._beside(last)
        own = self.x, self.y
        first, second = sums[before], sums[last]
        cross = first.cross(own, (frames.beside(self.x), frames.beside(self.y)))
        return difference_of_ratios(
            first.ratio(*own),
            second.ratio(*own),
            replace(cross, n=first.n + second.n - round(first.sums["both"])),
            unit=self.unit,
            confidence=confidence,
        )


@dataclass(frozen=True, eq=False)
class Total(MonthlySeries):
    """What a period brought.

    Parameters
    ----------
    rows : frame
        The rows that count, with `cluster`, `month` and the column.
    x : str
        The column that is added up.
    unit : str
        Its unit.
    reach : callable
        The months the data cover; it may need a query.
    """

    rows: frames.Frame
    x: str
    unit: str
    reach: Callable[[], Coverage]

    @cached_property
    def _cells(self) -> frames.Frame:
        return _by_cluster_and_month(self.rows, self.x)

    def whole(self, confidence: float) -> Estimate:
        """Return the total of all rows."""
        return self._estimate(frames.moments(self._cells, [self.x]), confidence)

    def _estimates(self, confidence: float) -> Mapping[int, Estimate]:
        # A month without rows brought nothing, which is 0.
        sums = frames.moments_by(self._cells, "month", [self.x], self.coverage.months)
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
        signed = self._cells.with_columns((nw.col(self.x) * sign).alias(self.x))
        compared = signed.filter(nw.col("month").is_in([before, last]))
        return self._estimate(frames.moments(compared, [self.x]), confidence)

    def _estimate(self, sums: UnitSums, confidence: float) -> Estimate:
        return total_of(sums, self.x, unit=self.unit, confidence=confidence)


@dataclass(frozen=True, eq=False)
class Apart(MonthlySeries):
    """A statistic of rows in memory, whose months are taken as independent.

    Parameters
    ----------
    rows : pandas.DataFrame
        The rows that count, with their `month`.
    estimate : callable
        The estimate from rows, with the argument `confidence`.
    method : str
        How the interval of a difference of two months is found.
    reach : callable
        The months the data cover; it may need a query.
    """

    rows: pd.DataFrame
    estimate: Callable[..., Estimate]
    method: str
    reach: Callable[[], Coverage]

    def whole(self, confidence: float) -> Estimate:
        """Return the estimate over all rows."""
        return self.estimate(self.rows, confidence=confidence)

    def _estimates(self, confidence: float) -> Mapping[int, Estimate]:
        places: Any = self.rows.groupby("month").indices
        return {
            month: self.estimate(self.rows.take(places.get(month, [])), confidence=confidence)
            for month in self.coverage.months
        }

    def change(self, before: int, last: int, confidence: float) -> Estimate:
        """Return the later estimate minus the earlier, by MOVER; who is in both makes it wide."""
        from cxresearch.stats.shares.differences import mover

        months = self.estimates(confidence)
        first, second = months[before], months[last]
        return Estimate(
            value=second.value - first.value,
            ci=mover(first, second),
            n=first.n + second.n,
            unit=second.unit,
            confidence=second.confidence,
            method=self.method,
            note=first.note or second.note,
            people=fewest(first, second),
        )


def sums_in_groups(groups: Sequence[Ratio]) -> UnitSums:
    """Return the sums ``x0, y0, x1, y1``... of the ratio of each group; a cluster may be in all."""
    parts = [
        one.rows.select(
            nw.col(frames.CLUSTER),
            x=nw.col(one.x).cast(nw.Float64),
            y=nw.col(one.y).cast(nw.Float64),
            place=nw.lit(place),
        )
        for place, one in enumerate(groups)
    ]
    return frames.moments_side_by_side(nw.concat(parts), "place", range(len(groups)))


def total_of(sums: UnitSums, column: str, *, unit: str, confidence: float) -> Estimate:
    """Return the total of a column over the clusters."""
    x, xx = sums.sums[column], sums.product(column, column)
    return total(sums.n, x, xx, unit=unit, confidence=confidence)


def share_of_clusters(sums: RatioSums, *, confidence: float) -> Estimate:
    """Return the share of the clusters that have a property, where each has one row."""
    return proportion(round(sums.x), round(sums.y), confidence=confidence)
