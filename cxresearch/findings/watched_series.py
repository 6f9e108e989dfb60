"""Every measure in every week and group, from sums over customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from cxresearch.core.results import Estimate
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.findings.measures import Measure
from cxresearch.findings.weeks import Weeks
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.stats.shares.proportions import clustered_proportion

#: The group of all.
WHOLE = ("", "")
#: How many values of a column are groups: the most frequent.
MOST_VALUES = 12
_AND = ", "
#: The sums of one cell: customers, numerator, denominator, and their squares and product.
_SUMS = ("n", "x", "y", "xx", "xy", "yy")

Group = tuple[str, str]
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Rows in which some measures are counted.

    Parameters
    ----------
    rows : frame
        One row per unit: `cluster`, `week`, the groups' columns, and for the measure in place `i`
        its numerator ``x<i>`` and denominator ``y<i>``, 0 where it is not of it.
    measures : tuple of Measure
        The measures.
    groups : tuple of str
        The columns by whose values they are told apart.
    is_whole_known : bool
        Whether the sums over all are known from elsewhere.
    """

    rows: frames.Frame
    measures: tuple[Measure, ...]
    groups: tuple[str, ...]
    is_whole_known: bool = False


#: A measure with its numerator and its denominator over one row.
Watched = tuple[Measure, nw.Expr, nw.Expr]


def units_of(rows: frames.Frame, watched: Sequence[Watched], groups: Sequence[str]) -> Units:
    """Return rows as units: what is measured of each, beside `cluster`, `customer_id`, `week`."""
    kept = rows.select(
        frames.CLUSTER,
        "customer_id",
        "week",
        *groups,
        **{f"x{place}": x for place, (_, x, _) in enumerate(watched)},
        **{f"y{place}": y for place, (_, _, y) in enumerate(watched)},
    )
    return Units(rows=kept, measures=tuple(one for one, _, _ in watched), groups=tuple(groups))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Series:
    """One measure in one group, week by week.

    Parameters
    ----------
    measure : Measure
        What is measured.
    group : (str, str)
        The column and its value; two empty texts for all.
    sums : array of shape (6, weeks)
        Customers, numerator, denominator, and their squares and product, summed over customers.
    """

    measure: Measure
    group: Group
    sums: Floats = field(repr=False)

    @property
    def x(self) -> Floats:
        """The numerator of each week."""
        x: Floats = self.sums[1]
        return x

    @property
    def y(self) -> Floats:
        """The denominator of each week."""
        y: Floats = self.sums[2]
        return y

    @property
    def values(self) -> Floats:
        """The value of each week; nan in one without any unit."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.y > 0, self.x / self.y, np.nan)

    def between(self, first: int, last: int) -> RatioSums:
        """Return the sums over some weeks, the last left out; a customer counts once a week."""
        n, x, y, xx, xy, yy = self.sums[:, first:last].sum(axis=1)
        return RatioSums(n=int(n), x=float(x), y=float(y), xx=float(xx), xy=float(xy), yy=float(yy))

    def estimate(self, first: int, last: int, *, confidence: float = 0.95) -> Estimate:
        """Return the value over some weeks, the last left out, with its interval."""
        sums = self.between(first, last)
        if self.measure.is_share:
            return clustered_proportion(sums, confidence=confidence)
        return ratio_of_sums(sums, unit=self.measure.unit, confidence=confidence)


def in_group(series: Mapping[tuple[str, Group], Series], name: str, group: Group) -> Series | None:
    """Return a measure in a group, which may be several values of a column; None if not followed.

    Parameters
    ----------
    series : mapping of (measure, group) to Series
        Every series.
    name : str
        The measure.
    group : (str, str)
        The column and its value, or its values, as `several` joins them.
    """
    known = series.get((name, group))
    if known is not None:
        return known
    column, values = group
    parts = [series.get((name, (column, value))) for value in values.split(_AND)]
    found = [one for one in parts if one is not None]
    if not found or len(found) < len(parts):
        return None
    return Series(
        measure=found[0].measure, group=group, sums=np.sum([one.sums for one in found], axis=0)
    )


def several(column: str, values: Iterable[str]) -> Group:
    """Return the group of those who have one of several values of a column.

    Examples
    --------
    >>> several("city", ["Rome", "Milan"])
    ('city', 'Milan, Rome')
    """
    return column, _AND.join(sorted(values))


def sum_units(units: Units, weeks: Weeks) -> Iterator[Series]:
    """Yield every measure of some rows: of all, and of each group.

    Rows of no week are left out; a group's value that is missing makes no group.

    Parameters
    ----------
    units : Units
        The rows.
    weeks : Weeks
        The weeks.
    """
    table = _inside(units, weeks)
    week = table["week"].to_numpy().astype(np.int64)
    whose, _ = _codes(table[frames.CLUSTER])
    parts = [_Part.of(table[f"x{at}"], table[f"y{at}"]) for at in range(len(units.measures))]
    for column in units.groups if units.is_whole_known else ("", *units.groups):
        value, names = _groups(table[column], parts[0]) if column else (np.zeros_like(week), [""])
        sums = _summed(parts, value, len(names), week, weeks.count, whose)
        for group, name in enumerate(names):
            for place, measure in enumerate(units.measures):
                own = sums[place, :, group]
                # A share that nobody ever has says nothing; a mean may well be 0.
                if own[1 if measure.is_share else 2].any():
                    yield Series(
                        measure=measure, group=(column, name) if column else WHOLE, sums=own
                    )


def _inside(units: Units, weeks: Weeks) -> Any:
    """Return the rows of the weeks as an Arrow table: a frame's engine makes them once."""
    names = [f"{side}{place}" for side in "xy" for place in range(len(units.measures))]
    numbers = {name: nw.col(name).cast(nw.Float64).fill_null(0.0) for name in names}
    rows = units.rows.filter(weeks.is_inside(nw.col("week")))
    return rows.select(frames.CLUSTER, "week", *units.groups, **numbers).collect("pyarrow")


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows that are of a measure, with its numerator and denominator in each."""

    rows: Codes
    x: Floats
    y: Floats

    @classmethod
    def of(cls, x: Any, y: Any) -> _Part:
        """Return the rows in which one of the two is not 0."""
        every, of_each = x.to_numpy(), y.to_numpy()
        rows = np.flatnonzero((every != 0) | (of_each != 0))
        return cls(rows, every[rows], of_each[rows])


def _codes(column: Any) -> tuple[Codes, list[Any]]:
    """Return the code of each row's value, from 0 on and -1 where it is missing, and the values."""
    encoded = column.to_arrow().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int64), encoded.dictionary.to_pylist()


def _groups(column: Any, part: _Part) -> tuple[Codes, list[str]]:
    """Return the group of each row, -1 of none: the values with the most units, named in order."""
    codes, values = _codes(column)
    names, of_value = np.unique(np.array([str(one) for one in values], object), return_inverse=True)
    group = np.append(of_value, -1)[codes]
    known = group[part.rows] >= 0
    size = np.bincount(group[part.rows][known], part.y[known], len(names))
    kept = np.argsort(-size, kind="stable")[:MOST_VALUES]
    place = np.full(len(names) + 1, -1)
    place[np.sort(kept)] = np.arange(len(kept))
    return place[group], [str(one) for one in names[np.sort(kept)]]


def _summed(
    parts: Sequence[_Part], group: Codes, groups: int, week: Codes, weeks: int, whose: Codes
) -> Floats:
    """Return the sums over customers, shape (measures, 6, groups, weeks)."""
    import pandas as pd

    # A cell is a customer in a week and a group; most have one row.
    people = int(whose.max(initial=-1)) + 2
    keys = (group * weeks + week) * people + whose + 1
    cell, cells = pd.factorize(np.where(group >= 0, keys, -1))
    at = cells // people
    at[cells < 0] = groups * weeks  # rows of no group, which are not looked at
    found = np.zeros((len(parts), len(_SUMS), groups, weeks))
    for place, part in enumerate(parts):
        of_part = cell[part.rows]
        x, y = (np.bincount(of_part, side, len(cells)) for side in (part.x, part.y))
        there = np.flatnonzero((x != 0) | (y != 0))
        x, y, where = x[there], y[there], at[there]
        for row, values in enumerate((y != 0, x, y, x * x, x * y, y * y)):
            sums = np.bincount(where, values, groups * weeks + 1)[:-1]
            found[place, row] = sums.reshape(groups, weeks)
    return found
