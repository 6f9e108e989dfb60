"""The results of an experiment, and how they are shown: tables, sentences, recorded effects."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cxresearch.core import validate
from cxresearch.core.remarks import Remark, Sentence, joined
from cxresearch.core.results import with_unit
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.experiments.metric_effects import METHODS, MetricEffect, correction_of
from cxresearch.experiments.segment_effects import SegmentEffect
from cxresearch.experiments.sums import Group
from cxresearch.experiments.units import Received
from cxresearch.experiments.wording import as_figure, named, table_of

if TYPE_CHECKING:
    from cxresearch.core.comparison import Comparison


_METRIC = Column("metric")
_VARIANT = Column("variant", role="name")
_AGAINST = Column("against", role="name")
_ROLE = Column("role")
_N = Column("n", "n", role="people")
_CONTROL = Column("control", "Control, observed", role="estimate", is_alone=True)
_BASIS = Column("control", "Against, observed", role="estimate", is_alone=True)
_TREATMENT = Column("treatment", "Variant, observed", role="estimate", is_alone=True)
_DIFFERENCE = Column("difference", role="estimate")
_LIFT = Column("lift", "Relative", role="estimate", is_alone=True)
_P = Column("p_value", "p", role="p")
_P_ADJUSTED = Column("p_adjusted", "p, adjusted", role="p")
_HELD = Column("guardrail")
_EFFECT_COLUMNS = (
    _METRIC, _VARIANT, _AGAINST, _ROLE, _N, _CONTROL, _TREATMENT, _DIFFERENCE, _LIFT, _P,
    _P_ADJUSTED, _HELD,
)  # fmt: skip
_GUARDRAIL_COLUMNS = (
    _METRIC, _VARIANT, _N, Column("most_harm", "Most harm still possible"),
    Column("margin", "Allowed harm"), _HELD,
)  # fmt: skip
_SEGMENT_COLUMNS = (
    _METRIC, _VARIANT, Column("segment"), Column("level"), _N, _DIFFERENCE,
    Column("p_differs", "p of a difference between levels, adjusted", role="p"),
)  # fmt: skip
_HOLDS = {True: "holds", False: "not shown to hold"}
_BROKEN = "broken"
_CHANGES = (
    "In {variant}, {metric} changes by {difference} against {control}; as a share of {control}, "
    "by {lift}."
)
_UNADJUSTED = "Without the adjustment, {metric} would change by {plain} in {variant}."
_TOGETHER = (
    "The intervals of several variants hold together: the chance that all of them hold is "
    "{confidence}."
)
_WITH_CONTROL = (
    "The plan compares each variant with {control} only, not the variants with one another."
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Analysis(Tabular):
    """The results of an experiment.

    Parameters
    ----------
    control : str
        The control.
    treatments : tuple of str
        The other variants.
    groups : mapping of str to Group
        The units of each variant with their sums.
    assigned : mapping of str to int
        How many units or clusters chance assigned to each.
    readings : tuple of MetricEffect
        Every metric for every treatment against the control, in the order of the metrics.
    missing : mapping of str to mapping of str to int
        Of each metric, how many units of each variant have no outcome.
    between : tuple of MetricEffect
        Every metric for the treatments against one another, where that was asked for.
    segments : tuple of SegmentEffect
        Every metric's effect in every segment.
    remarks : tuple of Remark
        What was done to the values.
    confidence : float
        The coverage of the intervals.
    clustered : bool
        Whether chance assigned clusters of units.
    received : mapping of str to Received
        What the units of each variant received; empty where that is not given.
    """

    control: str
    treatments: tuple[str, ...]
    groups: Mapping[str, Group]
    assigned: Mapping[str, int]
    readings: tuple[MetricEffect, ...]
    missing: Mapping[str, Mapping[str, int]]
    between: tuple[MetricEffect, ...] = ()
    segments: tuple[SegmentEffect, ...] = ()
    remarks: tuple[Remark, ...] = ()
    confidence: float = 0.95
    clustered: bool = False
    received: Mapping[str, Received] = field(default_factory=dict)

    @property
    def variants_said(self) -> Remark:
        """The treatments, one after the other, by their labels."""
        return joined([Remark("{name}", {"name": name}) for name in self.treatments], ", ")

    @property
    def variants(self) -> tuple[str, ...]:
        """All variants, the control first."""
        return (self.control, *self.treatments)

    def of(self, role: str) -> tuple[MetricEffect, ...]:
        """Return the readings of the metrics with a role."""
        return tuple(one for one in self.readings if one.metric.role == role)

    def correction(self, *roles: str) -> Remark:
        """Return how the p-values of the metrics with these roles are adjusted."""
        own = [one for role in roles for one in self.of(role)]
        return correction_of([one for one in own if one.metric.role in METHODS])

    @property
    def primary(self) -> str:
        """The name of the first primary metric."""
        return self.of("primary")[0].metric.name

    def table(self) -> Table:
        """Return the metrics of the plan, for each treatment against the control."""
        return planned_table(self)

    def reading(self, metric: str, variant: str | None = None) -> MetricEffect:
        """Return a metric's reading for a treatment, the first where none is named.

        Raises
        ------
        ValueError
            If there is no such metric or no such treatment.
        """
        validate.one_of("metric", metric, [one.metric.name for one in self.readings])
        chosen = validate.one_of("variant", variant or self.treatments[0], self.treatments)
        return next(
            one for one in self.readings if (one.metric.name, one.variant) == (metric, chosen)
        )


def effects_table(readings: Sequence[MetricEffect]) -> Table:
    """Return some readings of an analysis, one row for each metric and comparison.

    Parameters
    ----------
    readings : sequence of MetricEffect
        The readings, such as ``analysis.of("primary")`` or ``analysis.between``.

    Returns
    -------
    Table
        One row per metric and comparison: `metric`, `variant`, `against`, `role`, `n` (the units
        of both with an outcome), `control` and `treatment` (of `against` and of `variant`, as
        observed), `difference` (the planned one, adjusted where the plan says so, with one
        confidence for several treatments) and `lift` (the same, as a share of the control), each
        with its two-sided interval, `p_value` (by itself), `p_adjusted` (for how many there are),
        and `guardrail` (whether it holds; empty for other metrics).

    Examples
    --------
    >>> from cxresearch.experiments import MetricColumns, analyse
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> found = analyse(CUSTOMERS, metrics=[MetricColumns(name="bought", kind="proportion")])
    >>> effects_table(found.readings).frame[["metric", "control", "treatment"]].round(3)
       metric  control  treatment
    0  bought    0.333      0.667
    """
    return _effects(readings, _EFFECT_COLUMNS, caption="Metrics of an experiment")


def planned_table(analysis: Analysis) -> Table:
    """Return the metrics of the plan, for each treatment against the control."""
    readings = [one for one in analysis.readings if one.metric.role != "exploratory"]
    columns = (
        _METRIC, *_of_several(analysis), _ROLE, _N, _CONTROL, _TREATMENT, _DIFFERENCE, _LIFT,
        _P_ADJUSTED,
    )  # fmt: skip
    return _effects(
        readings,
        columns,
        caption="The metrics of the plan, {variants} against {control}, with intervals of "
        "{confidence} confidence",
        variants=analysis.variants_said,
        control=analysis.control,
        confidence=(analysis.confidence, "share"),
    )


def exploratory_table(analysis: Analysis) -> Table:
    """Return what the plan does not name, for each treatment against the control."""
    columns = (
        _METRIC, *_of_several(analysis), _N, _CONTROL, _TREATMENT, _DIFFERENCE, _LIFT, _P,
        _P_ADJUSTED,
    )  # fmt: skip
    return _effects(
        analysis.of("exploratory"),
        columns,
        caption="Steps, times and errors, which the plan does not name, {variants} against "
        "{control}: they are exploratory",
        variants=analysis.variants_said,
        control=analysis.control,
    )


def between_tables(analysis: Analysis) -> list[Table]:
    """Return the treatments against one another; no table where the plan compares none."""
    columns = (
        _METRIC, _VARIANT, _AGAINST, _N, _BASIS, _TREATMENT, _DIFFERENCE, _LIFT, _P_ADJUSTED,
    )  # fmt: skip
    caption = "The variants against one another, as the plan asks"
    own = analysis.between
    return [_effects(own, columns, caption=caption)] if own else []


def guardrails_table(analysis: Analysis) -> Table:
    """Return what each guardrail is judged by: its one-sided bound beside its margin.

    Parameters
    ----------
    analysis : Analysis
        The results.

    Returns
    -------
    Table
        One row per guardrail and treatment: `metric`, `variant`, `n`, `most_harm` (the most harm
        still possible at the analysis' confidence, to the bad side only, or to either where the
        plan says so; below 0 where only a gain is), `margin` in the same unit, and `guardrail`.

    Examples
    --------
    >>> from cxresearch.experiments import MetricColumns, analyse
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> bought = MetricColumns(name="bought", kind="proportion", role="guardrail", margin=0.02)
    >>> guardrails_table(analyse(CUSTOMERS, metrics=[bought])).frame[["most_harm", "margin"]]
                    most_harm                 margin
    0  11.4 percentage points  2.0 percentage points
    """
    return table_of(
        [_guardrail(one) for one in analysis.of("guardrail")],
        _GUARDRAIL_COLUMNS,
        caption="The guardrails: the most harm still possible (one-sided, {confidence} confidence) "
        "and the harm allowed",
        confidence=(analysis.confidence, "share"),
    )


def segments_table(effects: Sequence[SegmentEffect]) -> Table:
    """Return every effect in every level of every segment.

    Parameters
    ----------
    effects : sequence of SegmentEffect
        Those of an analysis, or some of them.

    Returns
    -------
    Table
        One row per metric, treatment and level: `metric`, `variant`, `segment`, `level`, `n`,
        `difference` with its interval, and `p_differs`: the adjusted p-value of the test that the
        effect is the same in all levels of the segment.
    """
    rows = [
        {
            "metric": named(effect.metric.name),
            "variant": effect.variant,
            "segment": effect.segment,
            "level": level,
            "n": reading.difference.n,
            **with_unit("difference", reading.difference),
            "p_differs": effect.p_adjusted,
        }
        for effect in effects
        for level, reading in effect.levels.items()
    ]
    return table_of(
        rows,
        _SEGMENT_COLUMNS,
        caption="The effect by segment: primary metrics and guardrails, one by one",
    )


def decisive_segments(analysis: Analysis) -> Table:
    """Return the effect by segment, of the primary metrics and the guardrails."""
    decisive = ("primary", "guardrail")
    return segments_table([one for one in analysis.segments if one.metric.role in decisive])


def primary_sentences(analysis: Analysis) -> Iterator[Sentence]:
    """Yield how each primary metric changes, and how several treatments are read together.

    Each is for :func:`cxresearch.report.say`.
    """
    for one in analysis.of("primary"):
        own = {"variant": one.variant, "metric": one.called}
        against = {"control": one.against, "difference": one.planned, "lift": one.lift}
        yield Sentence(_CHANGES, own | against)
        if one.plain:
            yield Sentence(_UNADJUSTED, own | {"plain": one.plain})
    if len(analysis.treatments) > 1:
        yield Sentence(_TOGETHER, {"confidence": (analysis.confidence, "share")})
        if not analysis.between:
            yield Sentence(_WITH_CONTROL, {"control": analysis.control})


def primary_effects(analysis: Analysis) -> dict[str, Comparison]:
    """Return the effects on the first primary metric, by the names they are recorded under."""
    found = {}
    for variant in analysis.treatments:
        one = analysis.reading(analysis.primary, variant)
        found[f"primary_difference_{variant}"] = one.planned
        found[f"primary_lift_{variant}"] = one.lift
    return found


def _of_several(analysis: Analysis) -> tuple[Column, ...]:
    """Return the column of the variants; one treatment is named in the caption."""
    return (_VARIANT,) if len(analysis.treatments) > 1 else ()


def _effects(
    readings: Sequence[MetricEffect], columns: Sequence[Column], *, caption: str, **values: Any
) -> Table:
    return table_of([_effect(one) for one in readings], columns, caption=caption, **values)


def _effect(reading: MetricEffect) -> dict[str, Any]:
    return {
        "metric": named(reading.metric.name),
        "variant": reading.variant,
        "against": reading.against,
        "role": reading.metric.role,
        "n": reading.planned.n,
        **with_unit("control", reading.control),
        **with_unit("treatment", reading.treatment),
        **with_unit("difference", reading.planned),
        **with_unit("lift", reading.lift),
        "p_value": reading.alone.p_value,
        "p_adjusted": reading.p_adjusted,
        "guardrail": _holds(reading),
    }


def _guardrail(reading: MetricEffect) -> dict[str, Any]:
    metric = reading.metric

    def size(value: float) -> Remark:
        unit = "share" if metric.relative else metric.unit
        return Remark("{size}", {"size": as_figure(value, unit, relative=metric.relative)})

    return {
        "metric": named(metric.name),
        "variant": reading.variant,
        "n": reading.planned.n,
        "most_harm": size(reading.most_harm),
        "margin": size(metric.margin or math.nan),
        "guardrail": _holds(reading),
    }


def _holds(reading: MetricEffect) -> str:
    if reading.guard is None:
        return ""
    return _BROKEN if reading.broken else _HOLDS[reading.guard.holds]
