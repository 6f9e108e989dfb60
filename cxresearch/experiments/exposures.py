"""Who is in an experiment, in which variant, and since when: the first exposure of each customer.

Every customer that is left out is counted, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import narwhals as nw

from cxresearch import engine
from cxresearch.core.remarks import Remark
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.experiments.wording import table_of
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

    from cxresearch.study.loaders.outcome import Rejection
    from cxresearch.study.plans import Experiment

_NEEDED = ("experiment", "variant", "customer_id", "ts_us", "day")
_KEPT = "kept"
#: The loader's rule for a later exposure of a customer to the same variant.
_REPEATED = "later_row"
#: How counts by a name are said.
_BY_NAME = {"customers": "customers: {name}", "unknown": "unknown: {name}"}
_COLUMNS = (Column("counted"), Column("number"))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RowCounts(Tabular):
    """What became of every exposure.

    Parameters
    ----------
    rows : int
        The exposures of the experiment that name a customer, those that the loader rejected as
        well.
    rejected : int
        Those that the loader rejected because a value is missing or cannot be read, those of a
        frame without a time, and all that name no experiment.
    repeated : int
        Later exposures of a customer to the same variant, which count for nothing; the loader
        takes them out.
    unknown : mapping of str to int
        The exposures to a variant that the plan does not have, left out, by its name.
    before_start, after_end : int
        The customers first exposed outside the planned days, left out.
    several_variants : int
        The customers exposed to several variants.
    several_left_out : int
        Those of them that are left out: all, or where the first exposure counts, those exposed to
        several at the same moment.
    mixed_clusters : int
        The clusters with customers in several variants, left out with them.
    without_customer : int
        The exposures that name no customer, left out and in no other count.
    customers : mapping of str to int
        The customers that are in, by variant, in the order of the plan.
    """

    rows: int
    rejected: int = 0
    repeated: int
    unknown: Mapping[str, int]
    before_start: int
    after_end: int
    several_variants: int
    several_left_out: int
    mixed_clusters: int = 0
    without_customer: int = 0
    customers: Mapping[str, int] = field(default_factory=dict)

    def table(self) -> Table:
        """Return one row per count: `counted` (what) and `number`."""
        rows: list[tuple[Remark, int]] = []
        for one in fields(self):
            value, message = getattr(self, one.name), one.name.replace("_", " ")
            if isinstance(value, Mapping):
                rows += [(Remark(_BY_NAME[one.name], {"name": k}), n) for k, n in value.items()]
            else:
                rows.append((Remark(message), value))
        return table_of(rows, _COLUMNS, caption="From the exposures received to those used")


@dataclass(frozen=True, slots=True)
class Period:
    """The moments, in microseconds since 1970 (UTC), between which exposures count."""

    start_us: int
    end_us: int

    @classmethod
    def of(cls, plan: Experiment, time_zone: str) -> Period:
        """Return the planned days of a study in a time zone."""
        last = date.fromisoformat(plan.end) + timedelta(days=1)
        return cls(
            midnight_us(date.fromisoformat(plan.start), time_zone), midnight_us(last, time_zone)
        )


def midnight_us(day: date, time_zone: str) -> int:
    """Return when a local day begins, in microseconds since 1970 (UTC).

    Examples
    --------
    >>> midnight_us(date(1970, 1, 2), "Europe/Rome")
    82800000000
    """
    moment = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone))
    return int(moment.timestamp()) * 1_000_000


def first_exposures(
    exposures: IntoFrame,
    plan: Experiment,
    *,
    time_zone: str,
    rejections: Sequence[Rejection] = (),
) -> tuple[frames.Frame, RowCounts]:
    """Return one row per customer in the experiment, and what became of every exposure.

    Parameters
    ----------
    exposures : frame
        A study's exposures, any kind of frame.
    plan : Experiment
        The plan.
    time_zone : str
        The study's time zone, in which the planned days begin and end.
    rejections : sequence of Rejection
        What the loader took out of the exposures, of any experiment and day.

    Returns
    -------
    tuple of LazyFrame and RowCounts
        The customers, with `variant`, `exposed_us` (of the first exposure), `day` (its local
        day) and, where the plan assigns clusters, `cluster`; `received`, of the first exposure,
        where the exposures have it.

    Raises
    ------
    SchemaError
        If a column is missing, or customers have no cluster where the plan assigns clusters.

    Notes
    -----
    Exposures to a variant that the plan does not have, and those after its end, are left out
    first; then customers first exposed before its start; then those in several variants, by the
    plan's rule.

    Examples
    --------
    >>> from cxresearch.experiments._example import EXPOSURES, PLAN
    >>> customers, tally = first_exposures(EXPOSURES, PLAN, time_zone="UTC")
    >>> dict(tally.customers), tally.repeated, tally.several_variants, tally.before_start
    ({'control': 1, 'one_page': 1}, 1, 1, 1)
    """
    clustered = plan.unit == "cluster"
    needed = (*_NEEDED, "cluster") if clustered else _NEEDED
    found = engine.lazy(plain_frames.lazy(exposures, "exposures", needed).to_native())
    every = found.filter(nw.col("experiment") == plan.name)
    named = every.filter(frames.KNOWN)
    rows = named.filter(~nw.col("ts_us").is_null())
    known = rows.filter(nw.col("variant").is_in(list(plan.variants)))
    if clustered:
        _refuse_without_cluster(known)
    period = Period.of(plan, time_zone)
    there = found.collect_schema().names()
    carried = [*(["cluster"] if clustered else []), *(["received"] if "received" in there else [])]
    standing = _standing(known, plan, period, carried)
    kept = standing.filter(nw.col("standing") == _KEPT).drop("standing", "variants")
    mixed = 0
    if clustered:
        kept, mixed = _whole_clusters(kept)
    tally = _tally(rows, standing, kept, plan, mixed)
    timeless = frames.count(named, nw.col("ts_us").is_null())
    tally = replace(
        tally,
        rows=tally.rows + timeless,
        rejected=timeless,
        without_customer=frames.count(every, ~frames.KNOWN),
    )
    return kept, _with_rejected(tally, rejections, plan)


def _standing(
    known: frames.Frame, plan: Experiment, period: Period, carried: list[str]
) -> frames.Frame:
    """Return one row per customer: the first exposure, and whether it is in or why not."""
    in_time = nw.col("exposed_us") < period.end_us
    pairs = known.group_by("customer_id", "variant").agg(nw.col("ts_us").min().alias("exposed_us"))
    firsts = (
        pairs.with_columns(counts=nw.when(in_time).then(1).otherwise(0))
        .group_by("customer_id")
        .agg(
            nw.col("exposed_us").min().alias("first_us"),
            nw.col("counts").sum().alias("variants"),
        )
    )
    own = (
        pairs.join(firsts, on="customer_id", how="inner")
        .filter(nw.col("exposed_us") == nw.col("first_us"))
        .join(
            known.group_by("customer_id", "variant", "ts_us").agg(nw.col("day", *carried).min()),
            left_on=["customer_id", "variant", "exposed_us"],
            right_on=["customer_id", "variant", "ts_us"],
            how="inner",
        )
        .group_by("customer_id", "variants")
        .agg(nw.col("variant", "exposed_us", "day", *carried).min(), nw.len().alias("at_once"))
    )
    several = nw.col("at_once" if plan.several_variants == "first" else "variants") > 1
    standing = (
        nw.when(nw.col("exposed_us") < period.start_us)
        .then(nw.lit("before_start"))
        .when(~in_time)
        .then(nw.lit("after_end"))
        .when(several)
        .then(nw.lit("several"))
        .otherwise(nw.lit(_KEPT))
    )
    return own.with_columns(standing=standing).drop("at_once")


def _refuse_without_cluster(known: frames.Frame) -> None:
    lacking = frames.count(known, nw.col("cluster").is_null())
    if lacking:
        fault = f"cluster: missing in {lacking} rows; the plan assigns clusters"
        raise SchemaError("exposures", [fault])


def _whole_clusters(kept: frames.Frame) -> tuple[frames.Frame, int]:
    """Return the customers of clusters that are in one variant, and how many clusters are not."""
    pairs = kept.group_by("cluster", "variant").agg(nw.len().alias("customers"))
    clusters = pairs.group_by("cluster").agg(nw.len().alias("variants"))
    mixed = frames.count(clusters, nw.col("variants") > 1)
    whole = clusters.filter(nw.col("variants") == 1).drop("variants")
    return kept.join(whole, on="cluster", how="inner"), mixed


def _tally(
    rows: frames.Frame,
    standing: frames.Frame,
    kept: frames.Frame,
    plan: Experiment,
    mixed: int,
) -> RowCounts:
    by_variant = _counts(rows, "variant")
    by_standing = _counts(standing, "standing")
    customers = _counts(kept, "variant")
    known = rows.filter(nw.col("variant").is_in(list(plan.variants)))
    pairs = known.group_by("customer_id").agg(nw.col("variant").n_unique().alias("variants"))
    (row,) = frames.rows(pairs.select(nw.col("variants").sum()))
    known_rows = sum(count for name, count in by_variant.items() if name in plan.variants)
    return RowCounts(
        rows=sum(by_variant.values()),
        repeated=known_rows - int(row["variants"] or 0),
        unknown={
            name: count for name, count in sorted(by_variant.items()) if name not in plan.variants
        },
        before_start=by_standing.get("before_start", 0),
        after_end=by_standing.get("after_end", 0),
        several_variants=frames.count(standing, nw.col("variants") > 1),
        several_left_out=by_standing.get("several", 0),
        mixed_clusters=mixed,
        customers={variant: customers.get(variant, 0) for variant in plan.variants},
    )


def _with_rejected(
    tally: RowCounts, rejections: Sequence[Rejection], plan: Experiment
) -> RowCounts:
    """Return the tally with what the loader took out: a repeated key, or a fault of a row."""
    rejected = repeated = 0
    unknown = dict(tally.unknown)
    for one in rejections:
        name, variant = one.values["experiment"], str(one.values["variant"])
        if name not in (plan.name, None):
            continue
        if one.rule != _REPEATED:
            rejected += one.rows
        elif variant in plan.variants:
            repeated += one.rows
        else:
            unknown[variant] = unknown.get(variant, 0) + one.rows
    return replace(
        tally,
        rows=tally.rows + sum(unknown.values()) - sum(tally.unknown.values()) + repeated + rejected,
        rejected=tally.rejected + rejected,
        repeated=tally.repeated + repeated,
        unknown=dict(sorted(unknown.items())),
    )


def _counts(frame: frames.Frame, key: str) -> dict[str, int]:
    found = frames.rows(frame.group_by(key).agg(nw.len().alias("n")))
    return {str(row[key]): int(row["n"]) for row in found}
