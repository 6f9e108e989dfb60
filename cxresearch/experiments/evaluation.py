"""Compare the variants of an experiment: every metric, for each treatment against the control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, get_args

import narwhals as nw

from cxresearch import engine
from cxresearch.core import validate
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.experiments.analysis import Analysis
from cxresearch.experiments.effect_estimates import read_clusters, read_estimates, read_sums
from cxresearch.experiments.metric_effects import MetricEffect, corrected
from cxresearch.experiments.segment_effects import segment_effects
from cxresearch.experiments.sums import Group, Sums, group_sums
from cxresearch.experiments.units import (
    UNKNOWN,
    received_versions,
    refuse_doubtful,
    refuse_missing,
    refuse_mixed,
    refuse_repeated,
    winsorised,
)
from cxresearch.experiments.variant_quantiles import quantiles
from cxresearch.experiments.wording import named
from cxresearch.study.plans import Adjustment, Compare

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

    from cxresearch.experiments.metric_columns import MetricColumns
    from cxresearch.experiments.trial import Trial


#: How a variant may be written in a frame; results call it by its text.
Label = str | int
_NO_COVARIATES = (
    "{metric} is not adjusted for what was before: that is the same for all units, or unknown of "
    "all in a variant"
)
_CLUSTERED = "{metric} is not adjusted for what was before: chance assigned clusters"


def analyse(
    frame: IntoFrame,
    *,
    metrics: Sequence[MetricColumns],
    variant: str = "variant",
    unit: str | None = None,
    received: str | None = None,
    control: Label | None = None,
    variants: Sequence[Label] | None = None,
    segments: Sequence[str] = (),
    cluster: str | None = None,
    adjust: Adjustment = "cuped",
    compare: Compare = "with_control",
    confidence: float = 0.95,
) -> Analysis:
    """Compare the variants of an experiment, of which there is one row per unit.

    Parameters
    ----------
    frame : frame
        One row per unit, any kind of frame; ten million rows stay in the engine.
    metrics : sequence of MetricColumns
        The metrics, with the columns they are in.
    variant : str, default "variant"
        The column of the variants.
    unit : str, optional
        The column that names the unit of a row. A unit with several rows is refused: its rows are
        not several people.
    received : str, optional
        The column of the version that a unit actually received, written as the variants are. The
        units stay in the variant they were assigned to; a check says how many got another.
    control : str or int, optional
        The control; the first variant, in the order given or by name, where it is not named.
    variants : sequence of str or int, optional
        The variants there should be; those in the data by default.
    segments : sequence of str
        Columns of what the units were before: the effect is read in each level.
    cluster : str, optional
        The column of the clusters that chance assigned, where those were not the units.
    adjust : {"cuped", "lin", "none"}
        How the covariates of metrics are used.
    compare : {"with_control", "all_pairs"}
        Whether the treatments are compared with the control only, or with one another as well;
        by exploratory metrics with the control only.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Returns
    -------
    Analysis
        Every metric for every treatment.

    Raises
    ------
    SchemaError
        If a column is missing, a variant is none of those given, a value is infinite, not a
        number or beyond 1e75, or the values of a proportion are not 0 and 1. If a unit has several
        rows, or a cluster several variants. Where `variants` are not given, also if two differ in
        spaces or capitals only or, where no `control` is named either, one has less than a tenth of
        an equal share: six rows of a misspelt name would become the control of all others.
    ValueError
        If there are fewer than two variants, two metrics share a name, a column stands for two
        things, or an option is out of range.

    Notes
    -----
    A unit with null has no outcome and is left out of that metric. A blank variant, segment,
    cluster or version is a missing one. The p-values of primary
    metrics are adjusted by Holm, with one chance of a false alarm over all metrics and comparisons;
    those of the secondary and those of the exploratory ones by Benjamini-Hochberg, each role by
    itself: what is looked at besides the plan changes no number of the plan. The comparisons of
    several treatments have one confidence together: Dunnett's with the control, Games and Howell's
    for all pairs; Bonferroni's over clusters.

    Examples
    --------
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> from cxresearch.experiments.metric_columns import MetricColumns
    >>> revenue = MetricColumns(name="revenue", kind="mean", unit="EUR", covariates=("before",))
    >>> found = analyse(CUSTOMERS, metrics=[revenue]).reading("revenue")
    >>> round(found.difference.value, 2), round(found.adjusted.value, 2)
    (15.0, 0.67)
    """
    metrics = validate.listed("metrics", metrics)
    segments = validate.listed("segments", segments)
    variants = None if variants is None else validate.listed("variants", variants)
    validate.one_of("compare", compare, get_args(Compare))
    validate.one_of("adjust", adjust, get_args(Adjustment))
    validate.share("confidence", confidence)
    segments = validate.listed("segments", segments)
    more = [name for name in (cluster, unit, received) if name]
    units = _checked(frame, metrics, [variant, *segments, *more])
    _refuse_twice([variant, *segments, *([cluster] if cluster else [])], metrics)
    if unit:
        refuse_repeated(units, unit)
    named_by = [variant, *segments, *(name for name in (cluster, received) if name)]
    units = frames.without_blanks(units, frames.maybe_blank(units, named_by))
    units, own, remarks = winsorised(units, metrics)
    sums = group_sums(units, own, by=[variant, cluster] if cluster else [variant, *segments])
    if cluster:
        refuse_mixed(units, cluster, sums.groups)
    if not variants:
        refuse_doubtful(units, variant, _rows(sums), control_is_named=control is not None)
    elif UNKNOWN in map(str, variants):
        refuse_missing(units, variant)
    order = _order(sums, control, variants)
    found = sums.along(variant)
    whole = {name: found.get((name,), sums.nothing) for name in order}
    readings: list[MetricEffect] = []
    for metric in own:
        asked: Compare = "with_control" if metric.role == "exploratory" else compare
        if metric.kind == "quantile":
            levels = quantiles(
                units, metric, variant=variant, variants=order, confidence=confidence
            )
            readings += read_estimates(metric, levels, compare=asked, confidence=confidence)
        elif cluster:
            readings += read_clusters(metric, sums, order, compare=asked, confidence=confidence)
        else:
            each = [group.metrics[metric.name] for group in whole.values()]
            readings += read_sums(
                metric, each, order, adjust=adjust, compare=asked, confidence=confidence
            )
    readings = corrected(readings)
    unadjusted = [] if adjust == "none" else _unadjusted(readings, order, clustered=bool(cluster))
    summed = [metric for metric in own if metric.kind != "quantile"]
    return Analysis(
        control=order[0],
        treatments=tuple(order[1:]),
        groups=whole,
        assigned={name: _assigned(sums, name, clustered=bool(cluster)) for name in order},
        readings=tuple(one for one in readings if one.against == order[0]),
        missing=_missing(whole, [one for one in readings if one.against == order[0]]),
        between=tuple(one for one in readings if one.against != order[0]),
        segments=segment_effects(
            sums, summed, order, [] if cluster else segments, confidence=confidence
        ),
        remarks=(*remarks, *unadjusted),
        confidence=confidence,
        clustered=cluster is not None,
        received=received_versions(units, variant, received, order) if received else {},
    )


def evaluate(trial: Trial) -> Analysis:
    """Compare the variants of an experiment as its plan says.

    Parameters
    ----------
    trial : Trial
        The experiment, from :func:`cxresearch.experiments.read`.
    """
    plan = trial.plan
    return analyse(
        trial.frame.to_native(),
        metrics=trial.metrics,
        variants=tuple(plan.variants),
        segments=tuple(plan.segments),
        cluster="cluster" if plan.unit == "cluster" else None,
        received="received" if "received" in trial.frame.collect_schema().names() else None,
        adjust=plan.adjustment,
        compare=plan.compare,
        confidence=plan.confidence,
    )


def _checked(
    frame: IntoFrame, metrics: Sequence[MetricColumns], others: Sequence[str]
) -> frames.Frame:
    names = [metric.name for metric in metrics]
    if len(set(names)) < len(names) or not names:
        raise ValueError(f"metrics must be some, each with a name of its own; got {names!r}")
    columns = [column for metric in metrics for column in metric.columns]
    needed = dict.fromkeys([*others, *columns])
    units = engine.lazy(frames.lazy(frame, "the units", needed).to_native())
    kinds = units.collect_schema()
    others = [
        name
        for name in dict.fromkeys(columns)
        if not (kinds[name].is_numeric() or kinds[name] == nw.Boolean)
    ]
    # Where nothing is known a column is of any kind: nobody has an outcome.
    there = {name: ~nw.col(name).is_null() for name in others}
    known = frames.counts(units, **there) if there else {}
    empty = {name: nw.lit(None, nw.Float64) for name in others if not known[name]}
    units = units.with_columns(**empty) if empty else units
    faults = [f"{name}: must be numbers; it is {kinds[name]}" for name in others if known[name]]
    if faults:
        raise SchemaError("the units", faults)
    return units


def _refuse_twice(groups: Sequence[str], metrics: Sequence[MetricColumns]) -> None:
    """Refuse a column that stands for two things, such as the variants and a metric."""
    taken = [name for metric in metrics for name in metric.columns]
    for place, name in enumerate(groups):
        if name in groups[:place] or name in taken:
            rule = "columns of their own, none twice and none of a metric"
            raise validate.refused("variant, segments and cluster", rule, name)


def _order(sums: Sums, control: Label | None, variants: Sequence[Label] | None) -> list[str]:
    """Return the variants, the control first."""
    there = _rows(sums)
    named = [str(name) for name in variants] if variants else sorted(there)
    faults = [
        f"{sums.by[0]}: {there[name]} rows of {name!r}, which is none of {', '.join(named)}"
        for name in sorted(there)
        if name not in named
    ]
    if faults:
        raise SchemaError("the units", faults)
    validate.whole("the number of variants", len(named), low=2)
    if len(set(named)) < len(named):
        raise validate.refused("variants", "different names", named)
    first = validate.one_of("control", named[0] if control is None else str(control), named)
    return [first, *(name for name in named if name != first)]


def _rows(sums: Sums) -> dict[str, int]:
    """Return the rows of each variant."""
    return {key[0]: group.units for key, group in sums.along(sums.by[0]).items()}


def _unadjusted(
    readings: Sequence[MetricEffect], order: Sequence[str], *, clustered: bool
) -> list[Remark]:
    """Return which metrics have covariates that could not be used."""
    message = _CLUSTERED if clustered else _NO_COVARIATES
    first = [one for one in readings if (one.against, one.variant) == (order[0], order[1])]
    return [
        Remark(message, {"metric": named(one.metric.name)})
        for one in first
        if one.metric.covariates and one.adjusted is None and one.control.n and one.treatment.n
    ]


def _assigned(sums: Sums, variant: str, *, clustered: bool) -> int:
    """Return how many units, or clusters of them, a variant has."""
    own = [group.units for key, group in sums.groups.items() if key[0] == variant]
    return len(own) if clustered else sum(own)


def _missing(
    whole: Mapping[str, Group], readings: Sequence[MetricEffect]
) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for one in readings:
        metric = one.metric.name
        if one.metric.kind == "quantile":
            known = {next(iter(whole)): one.control.n, one.variant: one.treatment.n}
            own = {name: whole[name].units - n for name, n in known.items()}
        else:
            own = {name: group.missing(metric) for name, group in whole.items()}
        found.setdefault(metric, {}).update(own)
    return found
