"""An indicator: an estimate with its definition, its months and its groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark, in_words
from cxresearch.core.results import (
    Estimate,
    Interval,
    Result,
    as_columns,
    fields_of,
    parts,
)
from cxresearch.engine import frames
from cxresearch.engine.frames import stable
from cxresearch.errors import SchemaError
from cxresearch.kpis.series import Ratio, sums_in_groups
from cxresearch.stats.multiplicity.group_contrasts import (
    MOST,
    GroupContrasts,
    contrasts_apart,
    contrasts_of_ratios,
)
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    from cxresearch.kpis.series import MonthlySeries

#: Two ways to the same ratio differ by rounding only, which is a part of it.
_SAME = 1e-9

#: The group of the rows that name none.
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi(Result):
    """An estimate with its definition; what the estimate has, the indicator shows as its own.

    Parameters
    ----------
    estimate : Estimate
        The estimate, with all remarks in its note.
    definition : str
        What is counted, in one English sentence.
    remarks : tuple of Remark
        What `note` says, one by one.
    series : MonthlySeries, optional
        How its months and its change are computed, which :func:`cxresearch.kpis.by_month` and
        :func:`cxresearch.kpis.change` ask for; none where the indicator has no months.
    by : str
        The column by which it was asked for in groups; empty where it was not.
    groups : mapping of str to Kpi
        The indicator in each group.
    """

    estimate: Estimate
    definition: str
    remarks: tuple[Remark, ...] = ()
    series: MonthlySeries | None = field(default=None, repr=False, compare=False)
    by: str = ""
    groups: Mapping[str, Kpi] = field(default_factory=dict, repr=False)

    @property
    def value(self) -> float:
        """The estimate, in `unit`."""
        return self.estimate.value

    @property
    def ci(self) -> Interval:
        """Its interval."""
        return self.estimate.ci

    @property
    def n(self) -> int:
        """The independent units behind it."""
        return self.estimate.n

    @property
    def unit(self) -> str:
        """Its unit."""
        return self.estimate.unit

    @property
    def confidence(self) -> float:
        """The coverage that the interval promises."""
        return self.estimate.confidence

    @property
    def method(self) -> str:
        """The method behind the interval."""
        return self.estimate.method

    @property
    def note(self) -> str:  # type: ignore[override]
        """What a reader must know."""
        return self.estimate.note

    @property
    def people(self) -> int | None:
        """How many people it tells about, where that is not `n`."""
        return self.estimate.people

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate's fields in order, and the definition."""
        return self.estimate.to_dict() | {"definition": self.definition}

    def compare(self) -> GroupContrasts:
        """Compare the groups: each with the rest and with each other, and who leads for sure.

        Returns
        -------
        GroupContrasts
            Its intervals hold together at the indicator's confidence, its p-values are adjusted,
            and groups that no test tells apart share a rank.

        Raises
        ------
        ValueError
            If the indicator was not asked for with ``by=``, or has fewer than two groups.

        Examples
        --------
        >>> from cxresearch.kpis import average_order_value
        >>> from cxresearch.kpis._example import ORDERS
        >>> orders = ORDERS.assign(channel=["web", "app", "web", "web", "app", "web"])
        >>> by_channel = average_order_value(orders, currency="EUR", by="channel")
        >>> by_channel.compare().to_frame()[["channel", "rank", "value"]]
          channel  rank  value
        0     web     1   40.0
        1     app     1   20.0
        """
        if not self.by:
            raise validate.refused("by", "given where the indicator is made", "")
        levels = {name: one.estimate for name, one in self.groups.items()}
        ratios = [one.series for one in self.groups.values() if isinstance(one.series, Ratio)]
        if len(ratios) == len(levels):
            sums = sums_in_groups(ratios)
            # A rate of visitors over all days is not that of its months together.
            if all(
                math.isclose(sums.ratio(f"x{i}", f"y{i}").ratio, one.value, rel_tol=_SAME)
                for i, one in enumerate(levels.values())
                if one.n
            ):
                return contrasts_of_ratios(
                    levels,
                    sums,
                    by=self.by,
                    unit=self.unit,
                    proportions=all(one.of_units for one in ratios),
                    confidence=self.confidence,
                )
        return contrasts_apart(levels, by=self.by, confidence=self.confidence)


def kpi(
    estimate: Estimate, definition: str, *remarks: Remark, series: MonthlySeries | None = None
) -> Kpi:
    """Return an estimate as an indicator; a note of the estimate becomes the first remark."""
    every = (*([Remark(estimate.note)] if estimate.note else []), *remarks)
    plain = replace(
        Estimate(**fields_of(estimate)),
        value=stable(estimate.value),
        ci=Interval(*map(stable, estimate.ci)),
        note=in_words(every, Language("en")),
    )
    return Kpi(estimate=plain, definition=definition, remarks=every, series=series)


def over_all(series: MonthlySeries, definition: str, *remarks: Remark, confidence: float) -> Kpi:
    """Return the indicator that a series is over all its rows."""
    return kpi(series.whole(confidence), definition, *remarks, series=series)


def described(estimate: Estimate, definition: str) -> Kpi:
    """Return an estimate that was made elsewhere as an indicator, which has no months.

    Parameters
    ----------
    estimate : Estimate
        The estimate, for example one of :func:`cxresearch.survey.overall`.
    definition : str
        What is counted, in one English sentence.

    Examples
    --------
    >>> satisfied = Estimate(value=0.8, ci=Interval(0.7, 0.9), n=90, unit="share", confidence=0.95,
    ...                      method="Wilson score", note="one wave; no weights")
    >>> csat = described(satisfied, "The share of answers with one of the two highest scores.")
    >>> csat.definition, [remark.message for remark in csat.remarks]
    ('The share of answers with one of the two highest scores.', ['one wave', 'no weights'])
    """
    return kpi(replace(estimate, note=""), definition, *map(Remark, parts(estimate.note)))


def columns_of(name: str, estimate: Estimate) -> dict[str, float]:
    """Return an estimate and the ends of its interval as the columns of an indicator's table."""
    return {column: stable(number) for column, number in as_columns(name, estimate).items()}


def in_groups(
    indicator: Callable[..., Kpi],
    rows: frames.AnyFrame,
    table: str,
    by: str,
    *,
    unit: Sequence[str] = (),
    needed: Sequence[str] = (),
    among: Callable[[frames.Frame], Any] | None = None,
) -> Kpi:
    """Return an indicator over all rows, with what it is over those of each group.

    Parameters
    ----------
    indicator : callable
        What the indicator is over some rows; the second argument is what `among` finds.
    rows : frame
        The rows.
    table : str
        The canonical table that they are of.
    by : str
        The column that makes the groups; rows without a value are ``"unknown"``.
    unit : sequence of str
        The columns that identify what is counted, where rows of it may be in several groups: the
        whole unit is then in the least of them by name.
    needed : sequence of str
        The columns that the indicator is made of, where they may have to be made.
    among : callable, optional
        What only all rows together say, which the indicator of each group has to know.

    Raises
    ------
    SchemaError
        If there is no such column.
    ValueError
        If there are more groups than anybody reads.
    """
    names = frames.opened(rows, table).collect_schema().names()
    if by not in names:
        raise SchemaError(table, [frames.lacks(by, names)])
    found = plain_frames.lazy(rows, table, [by, *unit, *needed])
    named = found.with_columns(nw.col(by).cast(nw.String).fill_null(UNKNOWN).alias(by))
    if unit and by not in unit:
        named = named.with_columns(nw.col(by).min().over(*unit).alias(by))
    named = frames.read_once(named)
    told = [among(named)] if among else []
    groups = sorted(str(row[by]) for row in frames.rows(frames.distinct(named, by)))
    validate.one_of("the number of groups", len(groups), range(MOST + 1))
    whole = indicator(named, *told)
    parts = {
        name: _over_its_months(indicator(named.filter(nw.col(by) == name), *told), whole)
        for name in groups
    }
    return replace(whole, by=by, groups=parts)


def _over_its_months(part: Kpi, whole: Kpi) -> Kpi:
    """Return a group's indicator over the months of all rows, which may go on after its own."""
    series = whole.series
    if part.series is None or series is None:
        return part
    own = replace(part.series, reach=lambda: series.coverage)  # type: ignore[type-var]
    return replace(part, series=own)
