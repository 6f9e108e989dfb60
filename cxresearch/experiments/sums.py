"""What every analysis starts from: sums, taken by the engine over the units.

Adding a metric adds a few sums to one query. Only where values are missing, or far from 0 for how
little they vary, there is a second one, for all such metrics together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw

from cxresearch.core.unit_sums import RatioSums, UnitSums, pairs, product
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.experiments.units import UNKNOWN
from cxresearch.stats.means.moments import Moments

if TYPE_CHECKING:
    from cxresearch.experiments.metric_columns import MetricColumns


#: What the columns of a covariate that some units lack end with: its values, and who has one.
OR_0, THERE = ", or 0", ": there"
#: What the column of values that something was taken off ends with.
LESS = ", less its least"
#: The number of units in a row of sums; no column of a frame is called so.
_UNITS = ": units"
#: The squares of the squares of larger values are no numbers any more.
_LARGEST = 1e75
#: Where a mean is more than so many standard deviations, sums of squares lose digits that count.
_FAR = 1e3
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSums:
    """The sums over the units of one group for one metric.

    Parameters
    ----------
    over : UnitSums
        The sums over the units that have an outcome.
    columns : tuple of str
        What is summed: the value, the denominator of a ratio, the covariates.
    less : mapping of str to float
        What was taken off the values of a column before they were summed; nothing of most.
    answered : int
        Of those units the ones that have an outcome: all but, for a ratio, those whose total is
        nothing over nothing. They change no sum, and are no part of what the ratio is of.
    """

    over: UnitSums
    columns: tuple[str, ...]
    less: Mapping[str, float]
    answered: int

    @property
    def n(self) -> int:
        """The units that have an outcome."""
        return self.over.n

    def total(self, place: int) -> float:
        """Return the sum of a column, counted from 0."""
        name = self.columns[place]
        return self.over.sums[name] + self.n * self.less.get(name, 0.0)

    @property
    def successes(self) -> int:
        """The sum of the values, as the number of units that have 1."""
        return round(self.total(0))

    @property
    def moments(self) -> Moments:
        """The moments of all columns."""
        own = self.columns
        products = [[self.over.product(a, b) for b in own] for a in own]
        found = Moments.from_sums(self.n, [self.over.sums[name] for name in own], products)
        return replace(found, mean=found.mean + [self.less.get(name, 0.0) for name in own])

    @property
    def ratio(self) -> RatioSums:
        """The sums for the ratio of the first column to the second."""
        return self.over.ratio(self.columns[0], self.columns[1])

    def __add__(self, other: MetricSums) -> MetricSums:
        return MetricSums(
            over=self.over + other.over,
            columns=self.columns,
            less=self.less,
            answered=self.answered + other.answered,
        )


@dataclass(frozen=True, slots=True)
class Group:
    """The units of one group, and the sums of every metric over them, by the metric's name."""

    units: int
    metrics: Mapping[str, MetricSums]

    def missing(self, metric: str) -> int:
        """Return how many units have no outcome of a metric."""
        return self.units - self.metrics[metric].answered

    def __add__(self, other: Group) -> Group:
        metrics = {name: one + other.metrics[name] for name, one in self.metrics.items()}
        return Group(self.units + other.units, metrics)


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of every metric for every group of units.

    Parameters
    ----------
    by : tuple of str
        The columns that make the groups, the variant first.
    groups : mapping of tuple of str to Group
        The groups by the values of those columns.
    nothing : Group
        A group without units.
    """

    by: tuple[str, ...]
    groups: Mapping[Key, Group]
    nothing: Group

    def along(self, *by: str) -> dict[Key, Group]:
        """Return the sums for coarser groups: along the given columns only.

        Examples
        --------
        >>> from cxresearch import engine
        >>> from cxresearch.experiments._example import CUSTOMERS
        >>> from cxresearch.experiments.metric_columns import MetricColumns
        >>> bought = MetricColumns(name="bought", kind="proportion")
        >>> sums = group_sums(engine.lazy(CUSTOMERS), [bought], by=["variant", "device"])
        >>> {key: group.units for key, group in sums.along("variant").items()}
        {('control',): 6, ('one_page',): 6}
        """
        places = [self.by.index(name) for name in by]
        found: dict[Key, Group] = {}
        for key, group in self.groups.items():
            short = tuple(key[place] for place in places)
            found[short] = found[short] + group if short in found else group
        return found


def group_sums(frame: frames.Frame, metrics: Sequence[MetricColumns], *, by: Sequence[str]) -> Sums:
    """Return the sums of metrics over the units of each group.

    Parameters
    ----------
    frame : LazyFrame
        One row per unit.
    metrics : sequence of MetricColumns
        The metrics; those of a quantile have no sums and are left out.
    by : sequence of str
        The columns that make the groups, the variant first; null is a group ``"unknown"``.

    Returns
    -------
    Sums
        The groups that have units.

    Raises
    ------
    SchemaError
        If a value is infinite or not a number, or the values of a proportion are not 0 and 1; all
        faults at once.

    Notes
    -----
    A unit whose value (or denominator) is null has no outcome and is left out of that metric. A
    covariate that some units lack is 0 for them, with a second one that says who has it.

    Examples
    --------
    >>> from cxresearch import engine
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> from cxresearch.experiments.metric_columns import MetricColumns
    >>> revenue = MetricColumns(name="revenue", kind="mean", unit="EUR", covariates=("before",))
    >>> sums = group_sums(engine.lazy(CUSTOMERS), [revenue], by=["variant"])
    >>> sums.groups[("one_page",)].metrics["revenue"].moments.mean.round(1)
    array([23.3, 20. ])
    """
    summed = [metric for metric in metrics if metric.kind != "quantile"]
    used = list(dict.fromkeys(column for metric in summed for column in metric.columns))
    floats = frame.with_columns(nw.col(used).cast(nw.Float64))
    whether = {_answered(one.name): _has_outcome(one) for one in summed if one.is_ratio}
    whether |= {_neither(one.name): _is_neither(one) for one in summed if one.kind == "proportion"}
    rows = _scan(floats, [_columns(metric, frozenset(), {}) for metric in summed], by, whether)
    lacking = {name for name in used if any(row[_count(name)] < row[_UNITS] for row in rows)}
    less = _far_from_0(floats, summed, rows)
    columns = {metric.name: _columns(metric, lacking, less) for metric in summed}
    if lacking or less:
        rows = _scan(floats, list(columns.values()), by, whether)
    groups: dict[Key, Group] = {}
    for row in rows:
        # What is missing and what is written as unknown are one level.
        key, own = tuple(_level(row[name]) for name in by), _group(row, columns)
        groups[key] = groups[key] + own if key in groups else own
    _refuse(floats, groups.values(), summed, rows)
    return Sums(tuple(by), dict(sorted(groups.items())), _group(defaultdict(int), columns))


class _Summed(NamedTuple):
    """A column that is summed, and what was taken off its values."""

    column: nw.Expr
    less: float = 0.0


def _columns(
    metric: MetricColumns, lacking: AbstractSet[str], less: Mapping[str, float]
) -> dict[str, _Summed]:
    """Return what is summed for a metric, by a name that metrics with the same column share."""
    outcome = [metric.value, *([metric.per] if metric.per else [])]
    found: dict[str, _Summed] = {}
    for name in outcome:
        found |= _summed(name, less if metric.kind == "mean" else {})
    for name in metric.covariates:
        if name in lacking:
            known = nw.col(name) - less.get(name, 0.0)
            found[name + OR_0] = _Summed(known.fill_null(0.0))
            found[name + THERE] = _Summed(frames.indicator(~nw.col(name).is_null()))
        else:
            found |= _summed(name, less)
    if lacking.isdisjoint(outcome):
        return found
    there = reduce(and_, (~nw.col(name).is_null() for name in outcome))
    return {
        f"{metric.name}: {name}": one._replace(column=nw.when(there).then(one.column))
        for name, one in found.items()
    }


def _summed(name: str, less: Mapping[str, float]) -> dict[str, _Summed]:
    """Return a column by the name of its sum, with what there is to take off taken off."""
    if name not in less:
        return {name: _Summed(nw.col(name))}
    return {name + LESS: _Summed(nw.col(name) - less[name], less[name])}


def _far_from_0(
    floats: frames.Frame, metrics: Sequence[MetricColumns], rows: Sequence[Mapping[str, Any]]
) -> dict[str, float]:
    """Return the least value of each column whose squares would lose what little it varies.

    A denominator, and what is divided by it, is not moved: their ratio would be another.
    """
    names = [
        name
        for metric in metrics
        for name in (*([metric.value] if metric.kind == "mean" else []), *metric.covariates)
    ]
    far = []
    for name in dict.fromkeys(names):
        n, x, xx = (
            sum(float(row[part] or 0) for row in rows)
            for part in (_count(name), name, product(name, name))
        )
        # The mean is more than so many standard deviations from 0.
        if x * x * (1 + _FAR**2) > _FAR**2 * n * xx:
            far.append(name)
    if not far:
        return {}
    (least,) = frames.rows(floats.select(*(nw.col(name).min() for name in far)))
    return {name: float(least[name]) for name in far}


def _scan(
    floats: frames.Frame,
    columns: Sequence[Mapping[str, _Summed]],
    by: Sequence[str],
    whether: Mapping[str, nw.Expr],
) -> list[dict[str, Any]]:
    """Return one row per group: its units, and the counts, sums and products of the columns."""
    marks = {name: frames.indicator(condition) for name, condition in whether.items()}
    single = {name: summed.column for one in columns for name, summed in one.items()}
    each_two = [two for one in columns for two in pairs(sorted(one))]
    double = {product(a, b): single[a] * single[b] for a, b in each_two}
    grouped = floats.select(*by, **single, **double, **marks).group_by(*by)
    return frames.rows(
        grouped.agg(
            nw.len().alias(_UNITS),
            *(nw.col(name).count().alias(_count(name)) for name in single),
            *(nw.col(name).sum() for name in (*single, *double, *marks)),
        )
    )


def _answered(metric: str) -> str:
    return f"{metric}: answered"


def _has_outcome(metric: MetricColumns) -> nw.Expr:
    """Return whether a unit has a ratio: both of its totals are there, and one is not 0."""
    value, per = nw.col(metric.value), nw.col(metric.per or "")
    return ~value.is_null() & ~per.is_null() & ((value != 0) | (per != 0))


def _neither(metric: str) -> str:
    return f"{metric}: neither 0 nor 1"


def _is_neither(metric: MetricColumns) -> nw.Expr:
    """Return whether a unit has another value than 0 and 1."""
    value = nw.col(metric.value)
    return ~value.is_null() & (value != 0) & (value != 1)


def _group(row: Mapping[str, Any], columns: Mapping[str, Mapping[str, _Summed]]) -> Group:
    metrics = {}
    for name, own in columns.items():
        n = int(row[_count(next(iter(own)))])
        summed = [*own, *(product(a, b) for a, b in pairs(sorted(own)))]
        metrics[name] = MetricSums(
            over=UnitSums(n, {one: float(row[one] or 0) for one in summed}),
            columns=tuple(own),
            less={one: summed.less for one, summed in own.items() if summed.less},
            answered=int(row.get(_answered(name), n)),
        )
    return Group(int(row[_UNITS]), metrics)


def _refuse(
    floats: frames.Frame,
    groups: Iterable[Group],
    metrics: Sequence[MetricColumns],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Raise where the values of a metric are not those of its kind."""
    found = list(groups)
    faults = []
    for metric in metrics:
        sums = [group.metrics[metric.name] for group in found]
        if not all(abs(part) < _LARGEST**2 for one in sums for part in one.over.sums.values()):
            for name in metric.columns:
                value = nw.col(name)
                wrong = frames.count(floats, ~value.is_finite())
                if wrong:
                    faults.append(f"{name}: infinite or not a number in {wrong} rows")
                far = value.is_finite() & ((value > _LARGEST) | (value < -_LARGEST))
                if large := frames.count(floats, far):
                    faults.append(f"{name}: beyond {_LARGEST:g} in {large} rows")
        elif any(row.get(_neither(metric.name)) for row in rows):
            faults.append(f"{metric.value}: must be 0 or 1 for a proportion")
    if faults:
        raise SchemaError("the units", list(dict.fromkeys(faults)))


def _level(value: Any) -> str:
    return UNKNOWN if value is None else str(value)


def _count(name: str) -> str:
    return f"{name}: count"
