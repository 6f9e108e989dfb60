"""Predicted purchases beside actual ones, and who of each cohort comes back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cxresearch.core.figure import Figure
from cxresearch.core.languages import Language, Words
from cxresearch.core.missing import or_missing
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, heat_map, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from cxresearch.value import Holdout, NextPurchase, RetentionTriangle

_LINE = "as predicted"
_ACTUAL = {
    "purchases": "actual purchases per customer",
    "share": "share of customers who bought",
}
_RETAINED = "share of the cohort who buy"
_DOWN = "new in"
_ACROSS = "periods since the first order"
#: The cohorts that a page has room for, the last ones; the data behind the figure have all.
_COHORTS = 24
#: By the period: how many come back in the first one after that of their first order.
_NEXT = {
    "month": "{share} of new customers buy again in the month after their first",
    "week": "{share} of new customers buy again in the week after their first",
}


@or_missing
def predicted_purchases(holdout: Holdout) -> Figure:
    """Draw the actual purchases per customer against the predicted ones, in ten classes.

    Parameters
    ----------
    holdout : Holdout
        From :func:`cxresearch.value.holdout`.
    """
    return Figure(
        title="{predicted} purchases were predicted for {days}, {actual} were made",
        data=holdout.deciles,
        draw=partial(_draw, unit="purchases"),
        describe=partial(_describe, unit="purchases"),
        values={"days": (holdout.days, "days"), **_totals(holdout.deciles)},
        people="customers",
    )


@or_missing
def calibration(found: NextPurchase) -> Figure:
    """Draw the share of customers who bought against the predicted chance, in ten classes.

    Parameters
    ----------
    found : NextPurchase
        From :func:`cxresearch.value.next_purchase`.
    """
    rows = found.calibration
    return Figure(
        title="{predicted} customers were predicted to buy in {days}, {actual} bought",
        data=rows,
        draw=partial(_draw, unit="share"),
        describe=partial(_describe, unit="share"),
        values={"days": (found.days, "days"), **_totals(rows)},
        people="customers",
    )


def _totals(rows: pd.DataFrame) -> dict[str, int]:
    """Return the predicted and the actual number over all customers of the deciles."""
    of_all = rows[["predicted", "actual"]].mul(rows["customers"], axis=0).sum()
    return {"predicted": round(of_all["predicted"]), "actual": round(of_all["actual"])}


@or_missing
def retention(triangle: RetentionTriangle) -> Figure:
    """Draw the share of each of the last 24 cohorts that buys in each later period.

    Parameters
    ----------
    triangle : RetentionTriangle
        From :func:`cxresearch.value.retention_triangle`.
    """
    rows = triangle.frame
    rows = rows[rows["later"] > 0]
    first = rows[(rows["later"] == 1) & rows["share"].notna()]
    title = "Who comes back: cohorts of new customers, by time since the first order"
    values: dict[str, tuple[float, str]] = {}
    if len(first) and triangle.kind == "classic":
        title = _NEXT[triangle.unit]
        values = {"share": (first["retained"].sum() / first["customers"].sum(), "share")}
    return Figure(
        title=title,
        values=values,
        data=rows,
        draw=_draw_cohorts,
        describe=_describe_cohorts,
        people="customers",
        within=(),
    )


def _draw(rows: pd.DataFrame, language: Language, *, unit: str) -> Axes:
    axes = _axes.new_axes()
    axes.vlines(rows["predicted"], rows["actual_low"], rows["actual_high"], color=theme.SERIES)
    axes.plot(rows["predicted"], rows["actual"], "o", color=theme.SERIES)
    most = float(rows[["predicted", "actual_high"]].max().max()) if len(rows) else 1.0
    axes.plot([0, most], [0, most], color=theme.RULE, linestyle="--", label=language.text(_LINE))
    _axes.legend_above(axes)
    axes.set_xlim(0, None)
    axes.set_ylim(0, None)
    shown = "share" if unit == "share" else ""
    _axes.set_quantity(axes, "predicted", shown, language, across=True)
    _axes.set_quantity(axes, _ACTUAL[unit], shown, language)
    return axes


def _describe(rows: pd.DataFrame, language: Language, *, unit: str) -> Words:
    shown = "share" if unit == "share" else ""
    said = [
        language.text(
            "Tenth {tenth}: predicted {predicted}, actual {actual} (interval {interval}).",
            tenth=language.number(int(row["decile"])),
            predicted=language.quantity(row["predicted"], shown),
            actual=language.quantity(row["actual"], shown),
            interval=language.interval(Interval(row["actual_low"], row["actual_high"]), shown),
        )
        for _, row in rows.iterrows()
    ]
    return Words(" ".join(said))


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row per cohort; of those hidden for their few people not even the name is left."""
    known = rows.dropna(subset=["cohort", "later"])
    wide = known.drop_duplicates(["cohort", "later"]).pivot(
        index="cohort", columns="later", values="share"
    )
    return wide.rename(columns=str).tail(_COHORTS)


def _draw_cohorts(rows: pd.DataFrame, language: Language) -> Axes:
    return heat_map.draw(_wide(rows), language, label=_RETAINED, down=_DOWN, across=_ACROSS)


def _describe_cohorts(rows: pd.DataFrame, language: Language) -> Words:
    return Words(
        heat_map.describe(_wide(rows), language, label=_RETAINED, down=_DOWN, across=_ACROSS)
    )
