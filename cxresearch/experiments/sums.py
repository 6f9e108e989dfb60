"""What every analysis starts from, taken by the engine over the units: sums and ordered values.

Adding a metric adds a few sums to one query. Only where values are missing there is a second one,
for all metrics that lack some together.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core.results import Estimate, Interval
from cxresearch.core.unit_sums import RatioSums, UnitSums, pairs, product
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.experiments.units import UNKNOWN
from cxresearch.stats.means.moments import Moments
from cxresearch.stats.ranks.quantiles import NO_VALUES, TOO_FEW_FOR_INTERVAL, ranks

if TYPE_CHECKING:
    from cxresearch.experiments.metric_columns import MetricColumns


#: What the columns of a covariate that some units lack end with: its values, and who has one.
OR_0, THERE = ", or 0", ": there"
#: The number of units in a row of sums; no column of a frame is called so.
_UNITS = ": units"
#: The squares of the squares of larger values are no numbers any more.
_LARGEST = 1e75
#: Sums of whole numbers differ by less than this part of them.
_ROUNDING = 1e-9
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
    answered : int
        Of those units the ones that have an outcome: all but, for a ratio, those whose total is
        nothing over nothing. They change no sum, and are no part of what the ratio is of.
    """

    over: UnitSums
    columns: tuple[str, ...]
    answered: int

    @property
    def n(self) -> int:
        """The units that have an outcome."""
        return self.over.n

    def total(self, place: int) -> float:
        """Return the sum of a column, counted from 0."""
        return self.over.sums[self.columns[place]]

    @property
    def successes(self) -> int:
        """The sum of the values, as the number of units that have 1."""
        return round(self.total(0))

    @property
    def moments(self) -> Moments:
        """The moments of all columns."""
        own = self.columns
        products = [[self.over.product(a, b) for b in own] for a in own]
        return Moments.from_sums(self.n, [self.over.sums[name] for name in own], products)

    @property
    def ratio(self) -> RatioSums:
        """The sums for the ratio of the first column to the second."""
        return self.over.ratio(self.columns[0], self.columns[1])

    def __add__(self, other: MetricSums) -> MetricSums:
        return MetricSums(
            over=self.over + other.over,
            columns=self.columns,
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
    answered = {
        _answered(metric.name): _has_outcome(metric) for metric in summed if metric.is_ratio
    }
    rows = _scan(floats, [_columns(metric, frozenset()) for metric in summed], by, answered)
    lacking = {name for name in used if any(row[_count(name)] < row[_UNITS] for row in rows)}
    if lacking:
        rows = _scan(floats, [_columns(metric, lacking) for metric in summed], by, answered)
    columns = {metric.name: _columns(metric, lacking) for metric in summed}
    groups: dict[Key, Group] = {}
    for row in rows:
        # What is missing and what is written as unknown are one level.
        key, own = tuple(_level(row[name]) for name in by), _group(row, columns)
        groups[key] = groups[key] + own if key in groups else own
    _refuse(floats, groups.values(), summed)
    return Sums(tuple(by), dict(sorted(groups.items())), _group(defaultdict(int), columns))


def quantiles(
    frame: frames.Frame,
    metric: MetricColumns,
    *,
    variant: str,
    variants: Sequence[str],
    confidence: float,
) -> dict[str, Estimate]:
    """Return the quantile of a metric in each variant, as :func:`stats.quantiles.quantile` does.

    Parameters
    ----------
    frame : LazyFrame
        One row per unit; units with null have no value.
    metric : MetricColumns
        A metric of kind ``"quantile"``.
    variant : str
        The column of the variants.
    variants : sequence of str
        The variants.
    confidence : float
        Coverage of the intervals.

    Notes
    -----
    The engine sorts the values of each variant once; only those beside the quantile and at the
    ends of its interval leave it.

    Examples
    --------
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> from cxresearch.experiments.metric_columns import MetricColumns
    >>> from cxresearch import engine
    >>> median = MetricColumns(name="before", kind="quantile", unit="EUR")
    >>> found = quantiles(engine.lazy(CUSTOMERS), median, variant="variant",
    ...                   variants=["control", "one_page"], confidence=0.95)
    >>> found["control"].value, tuple(found["one_page"].ci)
    (7.5, (5.0, 30.0))
    """
    values = frame.filter(~nw.col(metric.value).is_null()).select(
        variant=nw.col(variant), value=nw.col(metric.value).cast(nw.Float64)
    )
    sizes = {
        str(row["variant"]): int(row["n"])
        for row in frames.rows(values.group_by("variant").agg(nw.len().alias("n")))
    }
    places = {
        name: _places(sizes.get(name, 0), metric.q, confidence=confidence) for name in variants
    }
    wanted = sorted({place for found in places.values() for place in found})
    place = nw.col("value").rank("ordinal").over("variant").cast(nw.Int64)
    fetched = frames.rows(values.with_columns(place=place).filter(nw.col("place").is_in(wanted)))
    at = {(str(row["variant"]), int(row["place"])): float(row["value"]) for row in fetched}
    return {
        name: _order_estimate(
            {k: at[name, k] for k in places[name] if (name, k) in at},
            sizes.get(name, 0),
            metric,
            confidence=confidence,
        )
        for name in variants
    }


def _columns(metric: MetricColumns, lacking: AbstractSet[str]) -> dict[str, nw.Expr]:
    """Return what is summed for a metric, by a name that metrics with the same column share."""
    outcome = [metric.value, *([metric.per] if metric.per else [])]
    found = {name: nw.col(name) for name in outcome}
    for name in metric.covariates:
        if name in lacking:
            found[name + OR_0] = nw.col(name).fill_null(0.0)
            found[name + THERE] = frames.indicator(~nw.col(name).is_null())
        else:
            found[name] = nw.col(name)
    if lacking.isdisjoint(outcome):
        return found
    there = reduce(and_, (~nw.col(name).is_null() for name in outcome))
    return {f"{metric.name}: {name}": nw.when(there).then(column) for name, column in found.items()}


def _scan(
    floats: frames.Frame,
    columns: Sequence[Mapping[str, nw.Expr]],
    by: Sequence[str],
    answered: Mapping[str, nw.Expr],
) -> list[dict[str, Any]]:
    """Return one row per group: its units, and the counts, sums and products of the columns."""
    whether = {name: frames.indicator(condition) for name, condition in answered.items()}
    single = {name: column for one in columns for name, column in one.items()}
    each_two = [two for one in columns for two in pairs(sorted(one))]
    double = {product(a, b): single[a] * single[b] for a, b in each_two}
    grouped = floats.select(*by, **single, **double, **whether).group_by(*by)
    return frames.rows(
        grouped.agg(
            nw.len().alias(_UNITS),
            *(nw.col(name).count().alias(_count(name)) for name in single),
            *(nw.col(name).sum() for name in (*single, *double, *whether)),
        )
    )


def _answered(metric: str) -> str:
    return f"{metric}: answered"


def _has_outcome(metric: MetricColumns) -> nw.Expr:
    """Return whether a unit has a ratio: both of its totals are there, and one is not 0."""
    value, per = nw.col(metric.value), nw.col(metric.per or "")
    return ~value.is_null() & ~per.is_null() & ((value != 0) | (per != 0))


def _group(row: Mapping[str, Any], columns: Mapping[str, Mapping[str, nw.Expr]]) -> Group:
    metrics = {}
    for name, own in columns.items():
        n = int(row[_count(next(iter(own)))])
        summed = [*own, *(product(a, b) for a, b in pairs(sorted(own)))]
        metrics[name] = MetricSums(
            over=UnitSums(n, {one: float(row[one] or 0) for one in summed}),
            columns=tuple(own),
            answered=int(row.get(_answered(name), n)),
        )
    return Group(int(row[_UNITS]), metrics)


def _refuse(
    floats: frames.Frame, groups: Iterable[Group], metrics: Sequence[MetricColumns]
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
        elif metric.kind == "proportion" and not all(map(_are_whether, sums)):
            faults.append(f"{metric.value}: must be 0 or 1 for a proportion")
    if faults:
        raise SchemaError("the units", list(dict.fromkeys(faults)))


def _are_whether(sums: MetricSums) -> bool:
    """Return whether values were all 0 or 1: then each is its own square."""
    square = sums.over.product(sums.columns[0], sums.columns[0])
    return 0 <= square <= sums.n and math.isclose(sums.total(0), square, rel_tol=_ROUNDING)


def _level(value: Any) -> str:
    return UNKNOWN if value is None else str(value)


def _count(name: str) -> str:
    return f"{name}: count"


def _places(n: int, q: float, *, confidence: float) -> set[int]:
    """Return the places, from 1, of the values that the quantile and its interval are made of."""
    at = 1 + q * (n - 1)
    return {math.floor(at), math.ceil(at), *ranks(n, q, confidence=confidence)}


def _order_estimate(
    at: dict[int, float], n: int, metric: MetricColumns, *, confidence: float
) -> Estimate:
    place = 1 + metric.q * (n - 1)
    value = math.nan
    if n:
        below, above = at[math.floor(place)], at[math.ceil(place)]
        value = below + (place - math.floor(place)) * (above - below)
    low, high = ranks(n, metric.q, confidence=confidence)
    ci = Interval(at.get(low, math.nan), at.get(high, math.nan))
    lacking = any(math.isnan(bound) for bound in ci)
    return Estimate(
        value=value,
        ci=ci,
        n=n,
        unit=metric.unit,
        confidence=confidence,
        method="order statistics, binomial",
        note=(TOO_FEW_FOR_INTERVAL if lacking else "") if n else NO_VALUES,
    )
