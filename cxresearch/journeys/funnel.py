"""How many units come to each step of a funnel, and where they are lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark, in_words
from cxresearch.core.results import Estimate
from cxresearch.core.unit_sums import UnitSums
from cxresearch.engine import frames
from cxresearch.journeys import _step_matching
from cxresearch.journeys._funnel_spec import NOUNS, FunnelSpec
from cxresearch.journeys._labels import never_happened
from cxresearch.journeys.contract import Contract
from cxresearch.journeys.funnel_steps import FunnelGroup, FunnelStep, steps_of
from cxresearch.journeys.view import NONE
from cxresearch.stats.shares.proportions import clustered_proportion

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from cxresearch.journeys._funnel_spec import Step
    from cxresearch.journeys.prepared import Prepared

_ENTERED, _UNITS = "entered", "units"
_SURVIVORS = Remark(
    "a step rate is of those who came to the step before, who are no random part of all: compare "
    "groups by the rate from entry"
)
_NO_WINDOW = Remark("without a window the latest to enter have had the least time to go on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel(Estimate):
    """A funnel, from :func:`funnel`; as an estimate it is the rate of its last required step.

    Parameters
    ----------
    steps : tuple of FunnelStep
        The steps, the entry first.
    groups : tuple of FunnelGroup
        The same by group, the largest first; empty where it was not asked for.
    entered : Estimate
        The share of all units (of the population where one was given) with an entry, whether its
        time was observed to the end or not.
    immature : int
        The units that entered too late for their window and are no entrants.
    contract : Contract
        How it was counted.
    remarks : tuple of Remark
        What `note` says.
    route : FunnelSpec
        What was followed, to ask more of it.
    sums : UnitSums
        The sums over customers behind the rates.

    See Also
    --------
    cxresearch.core.results.Estimate : The other fields.
    """

    steps: tuple[FunnelStep, ...]
    groups: tuple[FunnelGroup, ...]
    entered: Estimate
    immature: int
    contract: Contract
    remarks: tuple[Remark, ...]
    route: FunnelSpec = field(repr=False, compare=False)
    sums: UnitSums = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the rate of the last required step as one flat row."""
        whole = {part.name: getattr(self, part.name) for part in fields(Estimate)}
        return Estimate(**whole).to_dict()

    def note_in(self, language: Language) -> str:
        """Return the note in a language."""
        return in_words(self.remarks, language)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per step: `step, optional, units, customers, lost` and both rates."""
        import pandas as pd

        return pd.DataFrame([step.to_dict() for step in self.steps])

    def by_group(self) -> pd.DataFrame:
        """Return the rows of :meth:`to_frame` for every group, with the `group` first."""
        import pandas as pd

        rows = [
            {"group": group.name, **step.to_dict()} for group in self.groups for step in group.steps
        ]
        columns = ["group", *self.steps[0].to_dict()]
        return pd.DataFrame(rows, columns=columns)

    @property
    def all_units(self) -> int:
        """All units of the prepared table, with an entry or without."""
        return int(self.sums.sums[_UNITS])

    def checks(self) -> Iterator[tuple[str, int, int]]:
        """Yield what must agree: what it is, and the two numbers.

        The units are those of the prepared table; the list behind a number has that many rows;
        those at a step went on or were lost; counted on another road they are the same; the groups
        add up to the whole.
        """
        route, steps, unit = self.route, self.steps, NOUNS[self.contract.unit]
        if self.contract.unit != "order":
            known = getattr(route.prepared.tally, unit)
            yield f"{unit} = {unit} of the prepared table", self.all_units, known
        reached = [_step_matching.listed(route, k) for k in range(len(steps))]
        missed = [_step_matching.listed(route, k, lost=True) for k in range(1, len(steps))]
        listed = _sizes(_step_matching.units(route), [*reached, *missed])
        other = _step_matching.recounted(route)
        recounted = [] if other is None else _sizes(other, reached)
        for k, step in enumerate(steps):
            at = f"{unit} at {step.name}"
            yield f"{at} = rows of their list", step.units, listed[k]
            if k:
                lost, before = listed[len(steps) + k - 1], steps[route.before(k)]
                yield f"{unit} lost before {step.name} = rows of their list", step.lost, lost
                here = f"{unit} at {before.name} = at {step.name} or lost before"
                yield here, before.units, listed[k] + lost
            if recounted:
                yield f"{at} = on another road", step.units, recounted[k]
            if self.groups:
                parts = sum(group.steps[k].units for group in self.groups)
                yield f"{at} = in all groups", step.units, parts


def funnel(
    prepared: Prepared,
    steps: Sequence[Step],
    *,
    contract: Contract | None = None,
    optional: Iterable[Step] = (),
    exclude: Iterable[str] = (),
    hold: str | None = None,
    by: str | None = None,
    population: int | None = None,
    observed_until: datetime | None = None,
    confidence: float = 0.95,
) -> Funnel:
    """Count how far units come on a way through several steps.

    Parameters
    ----------
    prepared : Prepared
        The events, from :func:`cxresearch.journeys.prepare`.
    steps : sequence of str or of sequence of str
        The steps in order; each an event, or several of which any will do. One event serves one
        step of a way only.
    contract : Contract, optional
        The unit, the order, the window and the rest of what decides whether a way counts; the
        defaults of :class:`Contract` otherwise. Steps in any order: step k is reached when the
        steps up to it have all happened within the window of one another.
    optional : iterable of steps, default ()
        Steps that are counted and need not be reached to go on; they count wherever they come
        after the required step before them.
    exclude : iterable of str, default ()
        Events that undo a way: where one comes between the start and a step, the way does not
        count, and any later start still may.
    hold : str, optional
        A carried column that must have one value all along a way. The events of each value are
        followed as if they were alone; those without a value take no part.
    by : str, optional
        A carried column to group by: its value at the unit's first entry, which comes before all
        outcomes.
    population : int, optional
        How many customers there are, those without any event among them, where the unit is the
        customer; those with an event otherwise.
    observed_until : datetime, optional
        The end of observation (one without a zone is UTC); the last event otherwise.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Returns
    -------
    Funnel
        The steps, each with its units, and its rate of the entrants and of the step before.

    Raises
    ------
    SchemaError
        If orders are counted and the events carry no `order_id`.
    TypeError
        If `steps` is no list.
    ValueError
        If there are fewer than two steps, an event of one never happened, the first is optional,
        an excluded event is one of a
        step, a column is not carried, steps in any order share an event or have a window from the
        step before, or `population` is below the customers with an event.

    Notes
    -----
    Each rate is a ratio of sums over customers, who are taken as independent and not their units
    (:func:`cxresearch.stats.shares.clustered_proportion`).

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> result = funnel(PREPARED, ["view", "cart", "buy"])
    >>> result.to_frame()[["step", "units", "rate", "step_rate"]].round(2)
       step  units  rate  step_rate
    0  view      3  1.00       1.00
    1  cart      2  0.67       0.67
    2   buy      1  0.33       0.50
    """
    validate.share("confidence", confidence)
    route = FunnelSpec.of(
        prepared,
        steps,
        contract=Contract() if contract is None else contract,
        optional=optional,
        exclude=exclude,
        hold=hold,
        by=by,
        observed_until=observed_until,
    )
    units = _step_matching.units(route)
    sums = _sums(route, units)
    counted = steps_of(route, sums, confidence)
    rate = counted[route.required[-1]].rate
    immature = int(sums.sums[_ENTERED] - sums.sums[_step_matching.column(0)])
    remarks = (*([Remark(rate.note)] if rate.note else []), *_remarks(route, immature))
    return Funnel(
        value=rate.value,
        ci=rate.ci,
        n=rate.n,
        unit=rate.unit,
        confidence=confidence,
        method=rate.method,
        note=in_words(remarks, Language("en")),
        steps=counted,
        groups=() if by is None else _groups(route, units, confidence),
        entered=_entered(route, sums, population, confidence),
        immature=immature,
        contract=route.contract,
        remarks=remarks,
        route=route,
        sums=sums,
    )


def _sums(route: FunnelSpec, units: frames.Frame) -> UnitSums:
    """Return the sums over all customers of their units, those that entered, and the steps."""
    steps = _step_matching.columns(route)
    counted = [*steps, _ENTERED, _UNITS]
    if route.contract.unit == "customer":
        entrants = frames.moments_of_rows(units.with_columns(**_as_entrant(1)), counted)
        silent = route.prepared.tally.customers - entrants.n
        return entrants.with_others(silent, _UNITS)
    of_all = {name: nw.lit(1 if name == _UNITS else 0) for name in counted}
    every = route.prepared.steps(route.contract.unit).filter(nw.col("step") == 1)
    both = [
        every.select(nw.col("customer_id").alias(frames.CLUSTER), **of_all),
        units.with_columns(**_as_entrant(0)).select(
            nw.col("customer_id").alias(frames.CLUSTER), *counted
        ),
    ]
    return frames.moments(nw.concat(both), counted)


def _as_entrant(units: int) -> dict[str, nw.Expr]:
    """Return what a unit that entered counts beside its steps."""
    return {_ENTERED: nw.lit(1), _UNITS: nw.lit(units)}


def _entered(
    route: FunnelSpec, sums: UnitSums, population: int | None, confidence: float
) -> Estimate:
    """Return the share of all units that entered; customers without an event are one unit each."""
    ratio = sums.ratio(_ENTERED, _UNITS)
    if population is not None:
        validate.one_of("unit with a population", route.contract.unit, ("customer",))
        silent = validate.whole("population", population, low=sums.n) - sums.n
        ratio = replace(ratio, n=population, y=ratio.y + silent, yy=ratio.yy + silent)
    return clustered_proportion(ratio, confidence=confidence)


def _groups(route: FunnelSpec, units: frames.Frame, confidence: float) -> tuple[FunnelGroup, ...]:
    column = nw.col(str(route.by)).cast(nw.String).fill_null(NONE)
    values = [row["v"] for row in frames.rows(route.prepared.frame.select(v=column).unique())]
    clusters = units.with_columns(nw.col("customer_id").alias(frames.CLUSTER))
    sums = frames.moments_by(clusters, "group", _step_matching.columns(route), values)
    groups = [FunnelGroup(name=v, steps=steps_of(route, sums[v], confidence)) for v in values]
    with_entrants = [group for group in groups if group.steps[0].units]
    return tuple(sorted(with_entrants, key=lambda group: (-group.steps[0].units, group.name)))


def _remarks(route: FunnelSpec, immature: int) -> Iterator[Remark]:
    contract = route.contract
    yield from never_happened(route.exclude, route.prepared.events)
    yield from route.prepared.remarks
    yield _SURVIVORS
    if contract.window_us is None:
        yield _NO_WINDOW
    elif contract.immature == "keep":
        yield Remark("entries whose window was not observed to its end are kept")
    elif immature:
        yield Remark(
            "left out, because their window was not observed to its end: {n}", {"n": immature}
        )
    if route.hold is not None:
        yield Remark("events without a value of {column} take no part", {"column": route.hold})
    if route.by is not None:
        yield Remark("a group is the {column} at the first entry", {"column": route.by})


def _sizes(units: frames.Frame, lists: Sequence[nw.Expr]) -> list[int]:
    """Return how many units are in each list, in one pass."""
    ones = {f"list_{k}": nw.when(one).then(1).otherwise(0).sum() for k, one in enumerate(lists)}
    (row,) = frames.rows(units.select(**ones))
    return [int(row[name] or 0) for name in ones]
