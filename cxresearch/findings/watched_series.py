"""Every measure in every week and group, from sums over customers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from cxresearch.core.results import Estimate
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.findings.measures import Measure
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.stats.shares.proportions import clustered_proportion

#: The group of all.
WHOLE = ("", "")
#: How many values of a column are groups: the most frequent.
MOST_VALUES = 12
_AND = ", "

Group = tuple[str, str]
Floats = NDArray[np.float64]


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
        The columns by which they are grouped.
    is_by_people : bool
        Whether they may also be grouped by who their customers are.
    is_whole_known : bool
        Whether the sums over all are known from elsewhere.
    """

    rows: frames.Frame
    measures: tuple[Measure, ...]
    groups: tuple[str, ...]
    is_by_people: bool = True
    is_whole_known: bool = False


#: A measure with its numerator and its denominator over one row.
Watched = tuple[Measure, nw.Expr, nw.Expr]


def units_of(
    rows: frames.Frame, watched: Sequence[Watched], groups: Sequence[str], *, by_people: bool = True
) -> Units:
    """Return rows as units: what is measured of each, beside `cluster`, `customer_id`, `week`."""
    kept = rows.select(
        frames.CLUSTER,
        "customer_id",
        "week",
        *groups,
        **{f"x{place}": x for place, (_, x, _) in enumerate(watched)},
        **{f"y{place}": y for place, (_, _, y) in enumerate(watched)},
    )
    measures = tuple(one for one, _, _ in watched)
    return Units(rows=kept, measures=measures, groups=tuple(groups), is_by_people=by_people)


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
    people : float
        How many customers there are in the group, in all weeks together.
    """

    measure: Measure
    group: Group
    sums: Floats = field(repr=False)
    people: float = math.inf

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
