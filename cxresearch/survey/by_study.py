"""What the answers of a study say: overall, and by touchpoint, segment and channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core.documented import documented
from cxresearch.core.intervals import difference_unit
from cxresearch.core.missing import Missing
from cxresearch.core.table import Column, Estimates, Table
from cxresearch.survey.groups import by_group, overall, with_attribute
from cxresearch.survey.metrics import METRICS

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

#: The metrics that customers are asked.
_SHOWN = ("nps", "csat", "ces")
_NAMES = {"nps": "NPS", "csat": "CSAT", "ces": "CES", "enps": "eNPS"}
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
    answers = study.frame("surveys")
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
        caption="What customers say when they are asked",
        n="Customers (n)",
    )


@documented
def scores_by_month(study: Study, *, confidence: float = 0.95) -> pd.DataFrame | Missing:
    """Return each metric by month: NPS and eNPS of the relational answers, CSAT and CES of all.

    A metric that was asked on several scales has the one of most answers.

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
    answers = study.frame("surveys").with_columns(month=nw.col("day").dt.to_string("%Y-%m"))
    found = []
    for touchpoint, metrics in (("relational", ("nps", "enps")), ("all", ("csat", "ces"))):
        rows = by_group(answers, "month", touchpoint=touchpoint, confidence=confidence)
        for metric in metrics:
            own = rows[rows["metric"] == metric]
            if len(own):
                most = own.groupby("scale")["n"].sum().idxmax()
                name = _NAMES[metric]
                found.append(own[own["scale"] == most].assign(indicator=metric, name=name))
    if not found:
        return _NO_SURVEYS
    rows = pd.concat(found, ignore_index=True)
    rows = rows.rename(columns={"ci_low": "value_low", "ci_high": "value_high"})
    return rows.assign(confidence=confidence)


def scores_by_touchpoint(study: Study, *, confidence: float = 0.95) -> list[Table] | Missing:
    """Return each metric by the touchpoint it was asked at, one table per metric and scale."""
    if not study.has("surveys"):
        return _NO_SURVEYS
    caption = "{name} by touchpoint (scale {scale})"
    return _tables(study.frame("surveys"), "touchpoint", caption, confidence=confidence)


def scores_by_segment(study: Study, *, confidence: float = 0.95) -> list[Table] | Missing:
    """Return NPS of the relational answers, CSAT and CES of all, by the customer's segment."""
    if not study.has("surveys"):
        return _NO_SURVEYS
    if not study.has("customers"):
        return Missing("the study has no customers")
    known = with_attribute(study.frame("surveys"), study.frame("customers"), "segment")
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


def scores_by_channel(study: Study, *, confidence: float = 0.95) -> list[Table] | Missing:
    """Return each metric by the channel of the order it was asked about."""
    if not study.has("surveys"):
        return _NO_SURVEYS
    if not study.has("orders"):
        return Missing("the study has no orders")
    known = with_attribute(study.frame("surveys"), study.frame("orders"), "channel", on="order_id")
    return _tables(
        nw.from_native(known).drop_nulls("channel"),
        "channel",
        "{name} by channel of the order, all touchpoints together (scale {scale})",
        touchpoint="all",
        confidence=confidence,
    )


def _tables(
    answers: Any, by: str, caption: str, *, metrics: Sequence[str] = _SHOWN, **options: Any
) -> list[Table]:
    """Return the levels of the groups of a column, one table per metric and scale."""
    groups: Any = by_group(answers, by, **options).groupby(["metric", "scale"], sort=False)
    return [
        Table(
            frame=rows,
            columns=_columns(by, metric),
            caption=caption,
            values={"name": METRICS[metric].label, "scale": scale},
            within=None,
        )
        for (metric, scale), rows in groups
        if metric in metrics
    ]


def _columns(by: str, metric: str) -> list[Column]:
    unit = METRICS[metric].unit
    shown = "" if unit == "score" else unit
    apart = difference_unit(shown)
    return [
        Column(by, role="name"),
        Column("n", "Answers"),
        Column("people", role="people"),
        Column("value", unit=shown, role="estimate", ends="ci"),
        Column("difference", "Difference from the rest", unit=apart, role="estimate", signed=True),
        Column("p_adjusted", "p", role="p"),
    ]
