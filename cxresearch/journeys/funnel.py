"""How many units come to each step of a funnel, at which rate, and where they are lost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark, Sentence, in_words
from cxresearch.core.results import Estimate, Interval, as_columns, fields_of
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.core.unit_sums import UnitSums
from cxresearch.engine import frames
from cxresearch.journeys import _funnel_units
from cxresearch.journeys._funnel_units import ENTERED, NOUNS, UNITS, FunnelSpec, FunnelUnits
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.prepared import never_happened
from cxresearch.stats.multiplicity.group_contrasts import GroupContrasts, contrasts_of_ratios
from cxresearch.stats.shares.proportions import clustered_proportion

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from cxresearch.journeys._funnel_units import Step
    from cxresearch.journeys.prepared import Prepared

_STEP = Column("step", role="name")
_OF_STEPS = (
    Column("customers", role="people"),
    Column("lost", "Lost"),
    Column("rate", "Of the first step", unit="share", role="estimate"),
    Column("step_rate", "Of the step before", unit="share", role="estimate"),
)
_OF_GROUPS = (
    Column("customers", role="people"),
    Column("rate", "Share of those who started", unit="share", role="estimate"),
)
_BY_GROUP: dict[Unit, str] = {
    "customer": "Share of the customers that reach each step, by group",
    "session": "Share of the sessions that reach each step, by group",
    "order": "Share of the orders that reach each step, by group",
}
_SURVIVORS = Remark(
    "people who reach a step differ from those who do not: compare groups by the rate from the "
    "first step"
)
_NO_WINDOW = Remark("without a window the latest to enter have had the least time to go on")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """One step of a funnel.

    Parameters
    ----------
    name : str
        Its events.
    optional : bool
        Whether it need not be reached to go on.
    units, customers : int
        The units that reached it, and of how many customers.
    lost : int
        The units that reached the required step before it and not this one; 0 for the entry.
    rate : Estimate
        The share of the entrants that reached it.
    step_rate : Estimate
        The share of those at the required step before that reached it.
    """

    name: str
    optional: bool
    units: int
    customers: int
    lost: int
    rate: Estimate
    step_rate: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return the step as one flat row."""
        return {
            "step": self.name,
            "optional": self.optional,
            "units": self.units,
            "customers": self.customers,
            "lost": self.lost,
            **as_columns("rate", self.rate),
            **as_columns("step_rate", self.step_rate),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelGroup:
    """The steps of one group, by its name: the value at a unit's first entry, or ``"(none)"``."""

    name: str
    steps: tuple[FunnelStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelRate(Estimate):
    """The rate of a funnel's last required step; `remarks` is what its note says."""

    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Funnel(Tabular):
    """A funnel, from :func:`funnel`.

    Parameters
    ----------
    rate : FunnelRate
        The share of the entrants that reached the last required step.
    steps : tuple of FunnelStep
        The steps, the entry first.
    groups : tuple of FunnelGroup
        The same by group, the largest first; empty where it was not asked for.
    entered : Estimate
        The share of all units (of the population where one was given) with an entry, whether its
        time was observed to the end or not.
    immature : int
        The units that entered too late for their window and are no entrants.
    route : FunnelSpec
        What was followed, to ask more of it.
    sums : UnitSums
        The sums over customers behind the rates.
    units : FunnelUnits
        How far each unit came.
    """

    rate: FunnelRate
    steps: tuple[FunnelStep, ...]
    groups: tuple[FunnelGroup, ...]
    entered: Estimate
    immature: int
    route: FunnelSpec = field(repr=False, compare=False)
    sums: UnitSums = field(repr=False, compare=False)
    units: FunnelUnits = field(repr=False, compare=False)

    @property
    def rules(self) -> CountingRules:
        """How it was counted."""
        return self.route.rules

    @property
    def note(self) -> str:
        """What a reader must know before using it: the note of its rate."""
        return self.rate.note

    def to_frame(self) -> pd.DataFrame:
        """Return one row per step: `step, optional, units, customers, lost` and both rates."""
        import pandas as pd

        return pd.DataFrame([step.to_dict() for step in self.steps])

    def table(self) -> Table:
        """Return one row per step."""
        return Table(
            frame=self.to_frame(),
            columns=(_STEP, self._units_column, *_OF_STEPS),
            caption="The steps of the funnel",
        )

    def by_group(self) -> Table | Missing:
        """Return the rows of :meth:`to_frame` for every group, with the `group` first."""
        import pandas as pd

        if self.route.by is None:
            return Missing("the events have no column to group them by")
        rows = [
            {"group": group.name, **step.to_dict()} for group in self.groups for step in group.steps
        ]
        return Table(
            frame=pd.DataFrame(rows, columns=["group", *self.steps[0].to_dict()]),
            columns=(Column("group", "Group"), _STEP, self._units_column, *_OF_GROUPS),
            caption=_BY_GROUP[self.rules.unit],
            within=["step"],
        )

    def compare(self, step: int | str = -1) -> GroupContrasts | Missing:
        """Compare the groups by the share of the entrants that reached a step.

        Parameters
        ----------
        step : int or str, default -1
            The step, by its place or its name; by default the last.

        Returns
        -------
        GroupContrasts
            Each group with the rest and with each other; a customer may have units in several.
            Missing where the funnel was not asked for with ``by=``, or has fewer than two groups.

        Raises
        ------
        ValueError
            If there is no such step.
        """
        if len(self.groups) < 2:
            return Missing("the events have no column to group them by")
        names = [one.name for one in self.steps]
        place = names.index(validate.one_of("step", step, names)) if isinstance(step, str) else step
        column = _funnel_units.columns(self.route)[place]
        groups = [one.name for one in self.groups]
        rows = self.units.frame.select(
            nw.col("customer_id").alias(frames.CLUSTER),
            nw.col("group"),
            x=nw.col(column).cast(nw.Float64),
            y=nw.col(_funnel_units.column(0)).cast(nw.Float64),
        )
        return contrasts_of_ratios(
            {one.name: one.steps[place].rate for one in self.groups},
            frames.moments_side_by_side(rows, "group", groups),
            by=self.route.by or "group",
            unit="share",
            proportions=True,
            confidence=self.rate.confidence,
        )

    @property
    def leak(self) -> tuple[FunnelStep, FunnelStep] | None:
        """The two steps between which most leave: after the first, which loses most in any shop."""
        pairs = [pair for pair in pairwise(self.steps) if not math.isnan(pair[1].step_rate.value)]
        later = pairs[1:] or pairs
        return min(later, key=lambda pair: pair[1].step_rate.value) if later else None

    @property
    def next_step(self) -> Sentence:
        """What to test first: the step at which most of those who reach it leave."""
        if self.leak is None:
            return Sentence("No step was reached: there is nothing to test yet.", {})
        before, worst = self.leak
        return Sentence(
            "Test how customers go from {before} to {step}: {share} of them leave there.",
            {
                "before": before.name,
                "step": worst.name,
                "share": (1 - worst.step_rate.value, "share"),
            },
        )

    @property
    def _units_column(self) -> Column:
        return Column("units", NOUNS[self.rules.unit].capitalize())

    def checks(self) -> Iterator[tuple[str, int, int]]:
        """Yield what must agree: what it is, and the two numbers."""
        route, steps, unit = self.route, self.steps, NOUNS[self.rules.unit]
        if self.rules.unit != "order":
            known = getattr(route.prepared.tally, unit)
            yield f"{unit} = {unit} of the prepared table", int(self.sums.sums[UNITS]), known
        reached = {f"at_{k}": _funnel_units.is_listed(route, k) for k in range(len(steps))}
        missed = {
            f"lost_{k}": _funnel_units.is_listed(route, k, lost=True) for k in range(1, len(steps))
        }
        listed = frames.counts(self.units.frame, **reached, **missed)
        other = _funnel_units.count_again(route)
        again = {} if other is None else frames.counts(other, **reached)
        for k, step in enumerate(steps):
            at = f"{unit} at {step.name}"
            yield f"{at} = rows of their list", step.units, listed[f"at_{k}"]
            if k:
                lost, before = listed[f"lost_{k}"], steps[route.before(k)]
                yield f"{unit} lost before {step.name} = rows of their list", step.lost, lost
                here = f"{unit} at {before.name} = at {step.name} or lost before"
                yield here, before.units, listed[f"at_{k}"] + lost
            if again:
                yield f"{at} = on another road", step.units, again[f"at_{k}"]
            if self.groups:
                parts = sum(group.steps[k].units for group in self.groups)
                yield f"{at} = in all groups", step.units, parts


@documented
def funnel(
    prepared: Prepared,
    steps: Sequence[Step],
    *,
    rules: CountingRules | None = None,
    optional: Iterable[Step] = (),
    exclude: Iterable[str] = (),
    hold: str | None = None,
    by: str | Missing | None = None,
    population: int | None = None,
    observed_until: datetime | None = None,
    confidence: float = 0.95,
) -> Funnel:
    """Count how far units come on a way through several steps.

    Parameters
    ----------
    %(prepared)s
    steps : sequence of str or of sequence of str
        The steps in order; each an event, or several of which any will do. One event serves one
        step of a way only.
    rules : CountingRules, optional
        The unit, the order, the window and the rest of what decides whether a way counts; the
        defaults of :class:`CountingRules` otherwise. Steps in any order: step k is reached when the
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
        outcomes; there are no groups where it is missing.
    population : int, optional
        How many customers there are, those without any event among them, where the unit is the
        customer; those with an event otherwise.
    observed_until : datetime, optional
        The end of observation (one without a zone is UTC); the last event otherwise.
    %(confidence)s

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
        an excluded event is one of a step, a column is not carried, steps in any order share an
        event or have a window from the step before, or `population` is below the customers with
        an event.

    Notes
    -----
    Each rate is a ratio of sums over customers, who are taken as independent and not their units
    (:func:`cxresearch.stats.shares.proportions.clustered_proportion`).

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
        rules=CountingRules() if rules is None else rules,
        optional=optional,
        exclude=exclude,
        hold=hold,
        by=by or None,
        observed_until=observed_until,
    )
    units = FunnelUnits.of(route)
    sums = units.sums()
    counted = _steps(route, sums, confidence)
    last = counted[route.required[-1]].rate
    immature = int(sums.sums[ENTERED] - sums.sums[_funnel_units.column(0)])
    remarks = (*([Remark(last.note)] if last.note else []), *_remarks(route, immature))
    rate = fields_of(last) | {"note": in_words(remarks, Language("en")), "remarks": remarks}
    return Funnel(
        rate=FunnelRate(**rate),
        steps=counted,
        groups=tuple(_groups(units, confidence)),
        entered=_entry_rate(route, sums, population, confidence),
        immature=immature,
        route=route,
        sums=sums,
        units=units,
    )


def _entry_rate(
    route: FunnelSpec, sums: UnitSums, population: int | None, confidence: float
) -> Estimate:
    """Return the share of all units that entered; customers without an event are one unit each."""
    ratio = sums.ratio(ENTERED, UNITS)
    if population is not None:
        validate.one_of("unit with a population", route.rules.unit, ("customer",))
        silent = validate.whole("population", population, low=sums.n) - sums.n
        ratio = replace(ratio, n=population, y=ratio.y + silent, yy=ratio.yy + silent)
    return clustered_proportion(ratio, confidence=confidence)


def _groups(units: FunnelUnits, confidence: float) -> list[FunnelGroup]:
    found = [
        FunnelGroup(name=name, steps=_steps(units.route, sums, confidence))
        for name, sums in units.sums_by_group().items()
    ]
    with_entrants = [group for group in found if group.steps[0].units]
    return sorted(with_entrants, key=lambda group: (-group.steps[0].units, group.name))


def _remarks(route: FunnelSpec, immature: int) -> Iterator[Remark]:
    rules = route.rules
    yield from never_happened(route.exclude, route.prepared.events)
    yield from route.prepared.remarks
    yield _SURVIVORS
    if rules.window_us is None:
        yield _NO_WINDOW
    elif rules.immature == "keep":
        yield Remark("entries whose window was not observed to its end are kept")
    elif immature:
        yield Remark(
            "left out, because their window was not observed to its end: {n}", {"n": immature}
        )
    if route.hold is not None:
        yield Remark("events without a value of {column} take no part", {"column": route.hold})
    if route.by is not None:
        yield Remark("a group is the {column} at the first entry", {"column": route.by})


def _steps(route: FunnelSpec, sums: UnitSums, confidence: float) -> tuple[FunnelStep, ...]:
    """Return the steps of a route from the sums over customers of the units that reached them."""
    columns = _funnel_units.columns(route)
    found = []
    for k, column in enumerate(columns):
        before = columns[route.before(k)] if k else column
        found.append(
            FunnelStep(
                name=route.name(k),
                optional=k in route.optional,
                units=int(sums.sums[column]),
                customers=sums.clusters(column),
                lost=int(sums.sums[before] - sums.sums[column]),
                rate=_rate(sums, column, columns[0], confidence),
                step_rate=_rate(sums, column, before, confidence),
            )
        )
    return tuple(found)


def _rate(sums: UnitSums, part: str, whole: str, confidence: float) -> Estimate:
    """Return a share of units whose `n` is the customers with a unit in the whole."""
    ratio = replace(sums.ratio(part, whole), n=sums.clusters(whole))
    share = clustered_proportion(ratio, confidence=confidence)
    if part == whole and ratio.y:  # all who entered entered: by definition
        return replace(share, ci=Interval(1.0, 1.0), note="")
    return share
