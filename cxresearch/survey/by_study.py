"""What the answers of a study say: overall, and by touchpoint, segment and channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core.missing import Missing
from cxresearch.core.table import Column, Estimates, Table
from cxresearch.survey.groups import DEFINITIONS, by_group, overall, with_attribute

if TYPE_CHECKING:
    from cxresearch.study import Study

_NO_SURVEYS = Missing("the study has no surveys")
#: What each metric is called, and the units of its level and of a difference of two.
_METRICS = {
    "nps": ("NPS", "points", "points"),
    "csat": ("CSAT", "share", "share difference"),
    "ces": ("CES", "", ""),
}


def scores(study: Study, *, confidence: float = 0.95) -> Estimates | Missing:
    """Return NPS of the relational answers, CSAT and CES of all touchpoints together.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.
    """
    if not study.has("surveys"):
        return _NO_SURVEYS
    answers = _frame(study, "surveys")
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
            "nps": DEFINITIONS["nps"],
            "csat_all_touchpoints": DEFINITIONS["csat"],
            "ces_all_touchpoints": DEFINITIONS["ces"],
        },
        caption="What customers say when they are asked",
        n="Customers (n)",
    )


def scores_by_touchpoint(study: Study, *, confidence: float = 0.95) -> list[Table] | Missing:
    """Return each metric by the touchpoint it was asked at, one table per metric and scale."""
    if not study.has("surveys"):
        return _NO_SURVEYS
    caption = "{name} by touchpoint (scale {scale})"
    return _tables(_frame(study, "surveys"), "touchpoint", caption, confidence=confidence)


def scores_by_segment(study: Study, *, confidence: float = 0.95) -> list[Table] | Missing:
    """Return NPS of the relational answers, CSAT and CES of all, by the customer's segment."""
    if not study.has("surveys"):
        return _NO_SURVEYS
    if not study.has("customers"):
        return Missing("the study has no customers")
    known = with_attribute(_frame(study, "surveys"), _frame(study, "customers"), "segment")
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
    known = with_attribute(
        _frame(study, "surveys"), _frame(study, "orders"), "channel", on="order_id"
    )
    return _tables(
        nw.from_native(known).drop_nulls("channel"),
        "channel",
        "{name} by channel of the order, all touchpoints together (scale {scale})",
        touchpoint="all",
        confidence=confidence,
    )


def _frame(study: Study, table: str) -> Any:
    frame: Any = study.frame(table)
    return frame


def _tables(
    answers: Any, by: str, caption: str, *, metrics: list[str] | None = None, **options: Any
) -> list[Table]:
    """Return the levels of the groups of a column, one table per metric and scale."""
    groups: Any = by_group(answers, by, **options).groupby(["metric", "scale"], sort=False)
    return [
        Table(
            frame=rows,
            columns=_columns(by, metric),
            caption=caption,
            values={"name": _METRICS[metric][0], "scale": scale},
            within=None,
        )
        for (metric, scale), rows in groups
        if metric in (metrics or _METRICS)
    ]


def _columns(by: str, metric: str) -> list[Column]:
    _, unit, of_difference = _METRICS[metric]
    return [
        Column(by, role="name"),
        Column("n", "Answers"),
        Column("people", role="people"),
        Column("value", unit=unit, role="estimate", ends="ci"),
        Column("difference", "Minus the others", unit=of_difference, role="estimate", signed=True),
        Column("p_adjusted", "p", role="p"),
    ]
