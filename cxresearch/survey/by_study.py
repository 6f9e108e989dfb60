"""What the answers of a study say: overall, and by touchpoint, segment and channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Remark, Sentence, joined
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.table import Column, Estimates, Table
from cxresearch.core.unit_formats import difference_unit
from cxresearch.engine import frames, order_rules
from cxresearch.survey.groups import RELATIONAL, UNKNOWN, by_group, overall, with_attribute
from cxresearch.survey.metrics import METRICS, shown
from cxresearch.survey.populations import weighted_to
from cxresearch.survey.satisfaction import satisfaction
from cxresearch.survey.study_answers import asked_well, last_months

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

#: The metrics that customers are asked.
_SHOWN = ("nps", "csat", "ces")
#: The touchpoint at which it is asked about a delivery, in the words of the schema's table.
_AT_DELIVERY = nw.col("touchpoint") == "delivery"
_NAMES = {"nps": "NPS", "csat": "CSAT", "ces": "CES", "enps": "eNPS"}
#: What the groups are called whose answers name none.
_OF_NONE = {RELATIONAL: Remark("Shop as a whole"), UNKNOWN: Remark("Unknown")}
_NO_SURVEYS = Missing("the study has no surveys")


@documented
def scores(study: Study, *, confidence: float = 0.95) -> Estimates | Missing:
    """Return NPS of the relational answers, CSAT and CES of all touchpoints together.

    Raises
    ------
    %(confidence_error)s
    """
    if not study.has("surveys"):
        return _NO_SURVEYS
    answers = asked_well(study)
    asked: dict[str, Any] = {"touchpoint": "all", "confidence": confidence}
    return Estimates(
        rows={
            "nps": overall(answers, "nps", confidence=confidence),
            "csat_all_touchpoints": overall(answers, "csat", **asked),
            "ces_all_touchpoints": overall(answers, "ces", **asked),
        },
        names={
            "nps": "NPS, relational answers",
            "csat_all_touchpoints": "CSAT, all touchpoints together",
            "ces_all_touchpoints": "CES, all touchpoints together",
        },
        definitions={
            "nps": METRICS["nps"].definition,
            "csat_all_touchpoints": METRICS["csat"].definition,
            "ces_all_touchpoints": METRICS["ces"].definition,
        },
        caption="What customers answer in surveys",
        n="Customers (n)",
    )


@documented
def scores_by_month(study: Study, *, confidence: float = 0.95) -> pd.DataFrame | Missing:
    """Return each metric by month: NPS and eNPS of the relational answers, CSAT and CES of all.

    A metric that was asked on several scales has the one of most answers. The NPS is weighted to
    all customers where each of its months can be.

    Returns
    -------
    pandas.DataFrame
        One row per metric and month: `indicator`, `name`, `unit`, `month`, `value`, `value_low`,
        `value_high`, `n`, `people`, `confidence` and `method`.

    Raises
    ------
    %(confidence_error)s
    """
    import pandas as pd

    if not study.has("surveys"):
        return _NO_SURVEYS
    answers = asked_well(study).with_columns(month=nw.col("day").dt.to_string("%Y-%m"))
    found = []
    for touchpoint, metrics in (("relational", ("nps", "enps")), ("all", ("csat", "ces"))):
        asked = answers.filter(nw.col("metric").is_in(metrics))
        rows = by_group(asked, "month", touchpoint=touchpoint, compare=False, confidence=confidence)
        for metric in metrics:
            own = rows[rows["metric"] == metric]
            if len(own):
                most = own.groupby("scale")["n"].sum().idxmax()
                level, name = own[own["scale"] == most], _NAMES[metric]
                weighted = _weighted_by_month(study, level, confidence) if metric == "nps" else None
                if weighted is not None:
                    level, name = weighted, "NPS, weighted"
                found.append(level.assign(indicator=metric, name=name))
    if not found:
        return _NO_SURVEYS
    rows = pd.concat(found, ignore_index=True)
    rows = rows.rename(columns={"ci_low": "value_low", "ci_high": "value_high"})
    return rows.assign(confidence=confidence)


def _weighted_by_month(study: Study, raw: pd.DataFrame, confidence: float) -> pd.DataFrame | None:
    """Return months of the NPS weighted to all customers; None where one cannot be."""
    import pandas as pd

    found = satisfaction(study, confidence=confidence)
    if isinstance(found, Missing) or not found.is_nps_of_all:
        return None
    months = found.rows["day"].map(lambda day: f"{day:%Y-%m}")
    rows = []
    for one in raw.to_dict("records"):
        weighted = weighted_to(found.rows[months == one["month"]], found.population.shares)
        if weighted is None:
            return None
        level = found.level(weighted)
        rows.append(one | {"value": level.value, "n": level.n, "method": level.method})
        rows[-1] |= {"ci_low": level.ci.low, "ci_high": level.ci.high}
    return pd.DataFrame(rows)


def scores_by_touchpoint(
    study: Study, *, months: int | None = None, confidence: float = 0.95
) -> list[Table] | Missing:
    """Return each metric by the touchpoint it was asked at, one table per metric and scale.

    Of the last months, or of all; relational answers are compared with no touchpoint.
    """
    if not study.has("surveys"):
        return _NO_SURVEYS
    caption = "{name} by touchpoint (scale {scale})"
    return _tables(_of_last(study, months), "touchpoint", caption, confidence=confidence)


def scores_by_stage(
    study: Study, *, months: int | None = None, confidence: float = 0.95
) -> list[Table] | Missing:
    """Return each metric of the touchpoints of each stage, of the last months or of all."""
    if not study.has("surveys"):
        return _NO_SURVEYS
    stages = {one.touchpoint: one.stage for one in study.manifest.touchpoints.values()}
    stage = nw.lit(None, dtype=nw.String)
    for touchpoint, name in stages.items():
        stage = nw.when(nw.col("touchpoint") == touchpoint).then(nw.lit(name)).otherwise(stage)
    known = _of_last(study, months).with_columns(stage=stage).filter(~nw.col("stage").is_null())
    tables = _tables(known, "stage", "{name} by stage (scale {scale})", confidence=confidence)
    return tables or Missing("study.yaml names no stage of a touchpoint that is asked about")


def scores_by_segment(
    study: Study, *, months: int | None = None, confidence: float = 0.95
) -> list[Table] | Missing:
    """Return NPS of the relational answers, CSAT and CES of all, by the customer's segment.

    Of the last months, or of all. The segment is that of the customers, else of the answers.
    """
    if not study.has("surveys"):
        return _NO_SURVEYS
    answers = _of_last(study, months)
    if study.has("customers"):
        known = with_attribute(answers, study.frame("customers"), "segment")
    elif study.has("surveys", "segment"):
        known = answers
    else:
        return Missing("nothing says of which segment a customer is")
    relational = _tables(
        known,
        "segment",
        "{name} by segment, relational answers (scale {scale})",
        touchpoint="relational",
        metrics=["nps"],
        confidence=confidence,
    )
    return relational + _tables(
        known,
        "segment",
        "{name} by segment, all touchpoints together (scale {scale})",
        touchpoint="all",
        metrics=["csat", "ces"],
        confidence=confidence,
    )


def scores_by_channel(
    study: Study, *, months: int | None = None, confidence: float = 0.95
) -> list[Table] | Missing:
    """Return each metric by the channel of the order it was asked about, of the last months."""
    if not study.has("surveys"):
        return _NO_SURVEYS
    if not study.has("orders"):
        return Missing("the study has no orders")
    known = with_attribute(_of_last(study, months), study.frame("orders"), "channel", on="order_id")
    return _tables(
        nw.from_native(known).drop_nulls("channel"),
        "channel",
        "{name} by channel of the order, all touchpoints together (scale {scale})",
        touchpoint="all",
        confidence=confidence,
    )


def scores_by_lateness(
    study: Study, *, months: int | None = None, confidence: float = 0.95
) -> list[Table] | Missing:
    """Return each metric asked about the delivery of an order, by whether it arrived on time.

    Where no touchpoint is called delivery, those of all questions that name an order are taken
    together. Answers given before the order came are left out.
    """
    if not study.has("surveys", "order_id"):
        return Missing("no survey of the study names an order")
    if not study.has("deliveries", "promised"):
        return Missing("no delivery of the study has a promised date")
    came = order_rules.arrivals(study.frame("deliveries")).filter(
        ~nw.col("promised_us").is_null(), ~nw.col("delivered_us").is_null()
    )
    arrived = nw.when(order_rules.LATE).then(nw.lit("late")).otherwise(nw.lit("on time"))
    asked = _of_last(study, months).filter(~nw.col("order_id").is_null())
    if frames.count(asked, _AT_DELIVERY):
        asked = asked.filter(_AT_DELIVERY)
    of_orders = came.select("order_id", "delivered_us", arrived=arrived)
    known = asked.join(of_orders, on="order_id", how="inner")
    after = known.filter(nw.col("ts_us") >= nw.col("delivered_us"))
    tables = _tables(
        after, "arrived", "{name} after the delivery, late or on time (scale {scale})",
        confidence=confidence,
    )  # fmt: skip
    return tables or Missing("no survey was answered about an order after it came")


@or_missing
def after_late(tables: Sequence[Table], *, confidence: float = 0.95) -> list[Sentence]:
    """Return each score after a late delivery and after one on time, in a sentence.

    Parameters
    ----------
    tables : sequence of Table
        One per question, from :func:`scores_by_lateness`.
    confidence : float, default 0.95
        The coverage of its intervals.
    """
    said = []
    for one in tables:
        sides = {row["arrived"]: row for row in one.frame.to_dict("records")}
        if {"late", "on time"} <= {*sides}:
            late, on_time = (_level(sides[side], confidence) for side in ("late", "on time"))
            values = {"name": Remark(one.values["name"]), "late": late, "on_time": on_time}
            said.append(
                Sentence("{name} is {late} after a late delivery, {on_time} on time.", values)
            )
    return said


def _level(row: dict[Any, Any], confidence: float) -> Estimate:
    """Return the level of a group as an estimate."""
    return Estimate(
        value=row["value"],
        ci=Interval(row["ci_low"], row["ci_high"]),
        n=row["n"],
        unit=shown(row["unit"]),
        confidence=confidence,
        method=row["method"],
        people=row["people"],
    )


@or_missing
def alike(tables: Sequence[Table], *, confidence: float = 0.95) -> list[Sentence]:
    """Return which scores differ in no group, in a sentence; none where all do.

    Parameters
    ----------
    tables : sequence of Table
        One per question, from :func:`scores_by_touchpoint` or its like.
    confidence : float, default 0.95
        How sure it must be that a group differs, its p-value being adjusted.
    """
    same = [one for one in tables if one.frame["p_adjusted"].min() >= 1 - confidence]
    named = [Remark("{name} ({scale})", one.values) for one in same]
    message = "No difference between these groups is shown in {scores}."
    return [Sentence(message, {"scores": joined(named, ", ")})] if same else []


def _of_last(study: Study, months: int | None) -> Any:
    """Return the answers of the last months, or all of them."""
    answers = asked_well(study)
    if months is None or not frames.count(answers, ~nw.col("day").is_null()):
        return answers
    return answers.filter(nw.col("day") >= nw.lit(last_months(study, answers, months)[1]))


def _tables(
    answers: Any, by: str, caption: str, *, metrics: Sequence[str] = _SHOWN, **options: Any
) -> list[Table]:
    """Return the levels of the groups of a column, one table per metric and scale."""
    groups: Any = by_group(answers, by, **options).groupby(["metric", "scale"], sort=False)
    return [
        Table(
            frame=rows.assign(**{by: [_OF_NONE.get(one, one) for one in rows[by]]}),
            columns=_columns(by, metric, is_compared=bool(rows["difference"].notna().any())),
            caption=caption,
            values={"name": METRICS[metric].label, "scale": scale},
            within=None,
        )
        for (metric, scale), rows in groups
        if metric in metrics
    ]


def _columns(by: str, metric: str, *, is_compared: bool) -> list[Column]:
    """Return the columns of a table; where no group is compared, no empty ones."""
    unit = METRICS[metric].unit
    shown = "" if unit == "score" else unit
    apart = difference_unit(shown)
    return [
        Column(by, role="value" if by in ("stage", "arrived") else "name"),
        Column("n", "Answers"),
        Column("people", role="people"),
        Column("value", METRICS[metric].label, unit=shown, role="estimate", ends="ci"),
    ] + [
        Column("difference", "Difference from the rest", unit=apart, role="estimate", signed=True),
        Column("p_adjusted", "p", role="p"),
    ] * is_compared
