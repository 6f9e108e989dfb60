"""The plan of an experiment: what will be asked, of whom and how, written down before the data.

It is a part of the study's manifest. Its hash says which plan a report was made by: a plan that
was changed after the data were seen has another one.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from cxresearch.core.remarks import Said
from cxresearch.core.yaml_files import STRICT, Day, Lang, Spelled, unknown
from cxresearch.study import schema

Kind = Literal["proportion", "mean", "ratio", "quantile", "nps", "csat"]
Role = Literal["primary", "secondary", "guardrail"]
Direction = Literal["increase", "decrease"]
Guard = Literal["non_inferiority", "equivalence"]
Adjustment = Literal["none", "cuped", "lin"]
SeveralVariants = Literal["exclude", "first"]
Unit = Literal["customer", "cluster"]
ShipWhen = Literal["every_primary", "any_primary"]
Compare = Literal["with_control", "all_pairs"]
Spending = Literal["obrien_fleming", "pocock"]

Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]

#: A name in small letters, its words joined by single underscores.
_NAME = Spelled(
    "[a-z][a-z0-9]*(_[a-z0-9]+)*", "words in small letters joined by _, such as one_page"
)
#: What a plan says of when it was written.
_WRITTEN = ("planned_on", "retrospective")
#: The names of the columns of a customer's row; no metric and no segment may have one.
_TAKEN = frozenset({"cluster", "customer_id", "day", "exposed_us", "received", "variant"})
#: Of the canonical JSON's SHA-256, how many digits are shown.
_DIGITS = 12
#: Shares whose sum is this far from 1 were not meant to sum to 1.
_ROUNDING = 1e-9
#: The kinds that are answers to a survey.
ANSWERS: tuple[Kind, ...] = ("nps", "csat")


class _Section(BaseModel):
    """A part of the plan."""

    model_config = STRICT


def _as_event(value: object) -> object:
    return {"event": value} if isinstance(value, str) else value


class Counted(_Section):
    """Rows of a table, counted, or one of their columns summed; a bare name is an event.

    Of the orders only those count that were kept and are in the study's currency. `where` asks
    for one of the given values of a column.
    """

    table: Literal["events", "orders", "surveys", "tickets"] = "events"
    event: str | None = None
    column: str | None = None
    where: dict[str, str | list[str]] = {}

    @model_validator(mode="after")
    def _events_are_named(self) -> Counted:
        if self.table == "events" and not self.event:
            raise ValueError("event must name the events that are counted")
        if self.table != "events" and self.event:
            raise ValueError(f"event must not be given for {self.table}")
        return self


CountedOrEvent = Annotated[Counted, BeforeValidator(_as_event)]


class Metric(_Section):
    """One metric: what is counted for each customer, and what is expected of it.

    `of` is the numerator and `per` the denominator of a ratio, both over the `days` after a
    customer's exposure. `mde` is the smallest effect worth finding, `margin` the largest harm a
    guardrail lets pass; both are in the metric's unit (shares 0-1, points for NPS), or shares of
    the control's value where `relative`. `history_days` takes the same count over the days before
    the exposure as a covariate. `winsorise` is the quantile beyond which a value counts as that
    quantile. `top` says how many of the highest scores are a satisfied answer.
    """

    name: Annotated[str, Field(min_length=1)]
    role: Role
    kind: Kind
    of: CountedOrEvent | None = None
    per: CountedOrEvent | None = None
    days: Positive
    direction: Direction = "increase"
    mde: Positive | None = None
    margin: Positive | None = None
    relative: bool = False
    guard: Guard = "non_inferiority"
    q: Share | None = None
    top: Annotated[int, Field(ge=1)] = 2
    winsorise: Annotated[float, Field(ge=0.5, lt=1)] | None = None
    history_days: Positive | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Metric:
        _raise_all([*self._faults_of_counting(), *self._faults_of_asking()])
        return self

    @property
    def counted(self) -> Counted:
        """What is counted; for answers that say nothing else, all answers of their metric."""
        return self.of or Counted(table="surveys")

    def _faults_of_counting(self) -> Iterator[str]:
        answers = self.kind in ANSWERS
        if not answers and self.of is None:
            yield f"of must say what a {self.kind} counts"
        if answers and self.counted.table != "surveys":
            yield f"of must be of the surveys for {self.kind}"
        if self.counted.column and (answers or self.kind == "proportion"):
            yield f"column must not be given for a {self.kind}"
        if (self.kind == "ratio") != (self.per is not None):
            yield "per must be given for a ratio and for nothing else"
        if (self.kind == "quantile") != (self.q is not None):
            yield "q must be given for a quantile and for nothing else"
        if self.winsorise is not None and self.kind != "mean":
            yield "winsorise must be given for a mean only"
        if self.history_days is not None and (answers or self.kind == "quantile"):
            yield f"history_days must not be given for {self.kind}"

    def _faults_of_asking(self) -> Iterator[str]:
        guardrail = self.role == "guardrail"
        if guardrail != (self.margin is not None):
            yield "margin must be given for a guardrail and for nothing else"
        if self.role == "primary" and self.mde is None:
            yield "mde must be given for a primary metric"
        if guardrail and self.mde is not None:
            yield "mde must not be given for a guardrail"
        if self.relative and self.kind == "nps":
            yield "relative must not be set for nps, which may be 0 or below"


class Looks(_Section):
    """When the experiment is read: shares of its planned days, the last one 1."""

    shares: Annotated[list[Annotated[float, Field(gt=0, le=1)]], Field(min_length=1)]
    spending: Spending = "obrien_fleming"

    @model_validator(mode="after")
    def _rise_to_one(self) -> Looks:
        if sorted(set(self.shares)) != self.shares or self.shares[-1] != 1:
            raise ValueError(f"shares must rise to 1; got {self.shares}")
        return self


class PlannedMetric(Metric):
    """A metric of the plan; those that are made of an event are called as the shop calls it."""

    name: Annotated[str, _NAME]


class Segment(_Section):
    """A part of the customers: the value of a column, as last seen at the exposure."""

    table: Literal["events", "customers"] = "events"
    column: str


class Experiment(_Section):
    """One experiment with its plan; the first variant is the control.

    `entry` is the event at which customers meet it, from whose history it is planned. `unit` is
    what chance assigned: customers, or the clusters that the exposures name. A customer seen in
    several variants is left out, or counts for the first. Without `looks` it is read once, when
    its `end` and the last metric's days are over. `planned_on` is the day the plan was written,
    before `start`; a plan that was written afterwards is `retrospective`. `compare` says whether
    the treatments are compared with the control only, or with one another as well.
    """

    name: str
    hypothesis: Annotated[dict[Lang, str], Field(min_length=1)]
    variants: Annotated[dict[str, Share], Field(min_length=2)]
    unit: Unit = "customer"
    several_variants: SeveralVariants = "exclude"
    entry: str
    start: Day
    end: Day
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    power: Share = 0.8
    ship_when: ShipWhen = "every_primary"
    compare: Compare = "with_control"
    adjustment: Adjustment = "cuped"
    metrics: Annotated[list[PlannedMetric], Field(min_length=1)]
    segments: dict[Annotated[str, _NAME], Segment] = {}
    looks: Looks | None = None
    planned_on: Day | None = None
    retrospective: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> Experiment:
        names = [*(metric.name for metric in self.metrics), *self.segments, *_TAKEN]
        twice = sorted({name for name in names if names.count(name) > 1})
        faults = []
        if abs(sum(self.variants.values()) - 1) > _ROUNDING:
            faults.append(f"variants must have shares that sum to 1, not {self._total:g}")
        alike = Counter(" ".join(one.casefold().split()) for one in self.variants)
        if again := [one for one in self.variants if alike[" ".join(one.casefold().split())] > 1]:
            faults.append(
                f"variants must differ in more than spaces or capitals, not {', '.join(again)}"
            )
        if self.start > self.end:
            faults.append(f"start must not be after end, {self.end}")
        if self.compare == "all_pairs" and len(self.variants) == 2:
            faults.append("compare must not be all_pairs where there is one treatment")
        if self.planned_on and (self.planned_on < self.start) is self.retrospective:
            faults.append(
                f"retrospective must not be true where planned_on is before start, {self.start}"
                if self.retrospective
                else f"planned_on must be before start, {self.start}; a plan that was written "
                "later has retrospective: true"
            )
        if twice:
            faults.append(
                f"metrics and segments must have names of their own, not {', '.join(twice)}"
            )
        if not any(metric.role == "primary" for metric in self.metrics):
            faults.append("metrics must have a primary one")
        _raise_all(faults)
        return self

    @property
    def _total(self) -> float:
        return round(sum(self.variants.values()), 6)

    @property
    def control(self) -> str:
        """The variant that the others are compared with."""
        return next(iter(self.variants))

    @property
    def treatments(self) -> tuple[str, ...]:
        """The other variants."""
        return tuple(self.variants)[1:]

    @property
    def digest(self) -> str:
        """What tells this plan from any other: the first digits of its SHA-256."""
        # Sorted keys make the JSON canonical, but lose which variant comes first.
        said = self.model_dump(mode="json") | {"control": self.control}
        # A plan without the keys that came later keeps the hash it had.
        said = {key: value for key, value in said.items() if key not in _WRITTEN or value}
        if self.compare == "with_control":
            del said["compare"]
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]

    @property
    def expected(self) -> Said:
        """The hypothesis, in the languages that it has."""
        return Said(self.hypothesis)

    def metric(self, name: str) -> Metric | None:
        """Return the metric of a name; none where the plan has none."""
        return next((metric for metric in self.metrics if metric.name == name), None)


def faults(
    experiments: Sequence[Experiment], *, tables: Collection[str], events: Collection[str]
) -> Iterator[str]:
    """Yield the faults of plans beside the rest of a manifest, each with its key.

    Parameters
    ----------
    experiments : sequence of Experiment
        All plans of the study.
    tables : collection of str
        The tables that the study has.
    events : collection of str
        The events that it knows.
    """
    names = [one.name for one in experiments]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"experiments: two are named {name!r}"
    for i, plan in enumerate(experiments):
        key = f"experiments.{i}"
        yield from _named(f"{key}.entry", plan.entry, events)
        for j, metric in enumerate(plan.metrics):
            counted = {"of": metric.counted} | ({"per": metric.per} if metric.per else {})
            yield from _faults_of_counted(f"{key}.metrics.{j}", counted, tables, events)
        for name, segment in plan.segments.items():
            where = f"{key}.segments.{name}"
            yield from _named(f"{where}.table", segment.table, tables)
            yield from _named(f"{where}.column", segment.column, schema.table(segment.table).names)


def _faults_of_counted(
    key: str, counted: Mapping[str, Counted], tables: Collection[str], events: Collection[str]
) -> Iterator[str]:
    for part, one in counted.items():
        columns = schema.table(one.table).names
        yield from _named(f"{key}.{part}.table", one.table, tables)
        if one.event:
            yield from _named(f"{key}.{part}.event", one.event, events)
        if one.column:
            yield from _named(f"{key}.{part}.column", one.column, columns)
        for column in one.where:
            yield from _named(f"{key}.{part}.where", column, columns)


def _named(key: str, value: str, allowed: Collection[str]) -> Iterator[str]:
    if value not in allowed:
        yield unknown(key, value, allowed)


def _raise_all(faults: Sequence[str]) -> None:
    if faults:
        raise ValueError("; ".join(faults))
