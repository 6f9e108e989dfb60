"""What was foretold of customers beside what came, and who of each cohort comes back."""

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
_CAME = {
    "purchases": "actual purchases per customer",
    "share": "share of customers who bought",
}
_RETAINED = "share of the cohort who buy"
_DOWN = "new in"
_ACROSS = "periods since the first order"
#: The cohorts that a page has room for, the last ones; the data behind the figure have all.
_COHORTS = 24


@or_missing
def foretold(holdout: Holdout) -> Figure:
    """Draw the purchases per customer that came against those foretold, in tenths.

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
    """Draw the share of customers who bought against the chance foretold, in tenths.

    Parameters
    ----------
    found : NextPurchase
        From :func:`cxresearch.value.next_purchase`.
    """
    names = {"tenth": "decile", "bought": "came", "bought_low": "came_low"}
    rows = found.calibration.rename(columns=names | {"bought_high": "came_high"})
    return Figure(
        title="{predicted} customers were predicted to buy in {days}, {actual} bought",
        data=rows,
        draw=partial(_draw, unit="share"),
        describe=partial(_describe, unit="share"),
        values={"days": (found.days, "days"), **_totals(rows)},
        people="customers",
    )


def _totals(rows: pd.DataFrame) -> dict[str, int]:
    """Return what was foretold of all customers of the tenths, and what came."""
    of_all = rows[["foretold", "came"]].mul(rows["customers"], axis=0).sum()
    return {"predicted": round(of_all["foretold"]), "actual": round(of_all["came"])}


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
    return Figure(
        title="Who comes back: cohorts of new customers, by time since the first order",
        data=rows,
        draw=_draw_cohorts,
        describe=_describe_cohorts,
        people="customers",
        within=(),
    )


def _draw(rows: pd.DataFrame, language: Language, *, unit: str) -> Axes:
    axes = _axes.new_axes()
    axes.vlines(rows["foretold"], rows["came_low"], rows["came_high"], color=theme.SERIES)
    axes.plot(rows["foretold"], rows["came"], "o", color=theme.SERIES)
    most = float(rows[["foretold", "came_high"]].max().max()) if len(rows) else 1.0
    axes.plot([0, most], [0, most], color=theme.RULE, linestyle="--", label=language.text(_LINE))
    _axes.legend_above(axes)
    axes.set_xlim(0, None)
    axes.set_ylim(0, None)
    shown = "share" if unit == "share" else ""
    _axes.set_quantity(axes, "predicted", shown, language, across=True)
    _axes.set_quantity(axes, _CAME[unit], shown, language)
    return axes


def _describe(rows: pd.DataFrame, language: Language, *, unit: str) -> Words:
    shown = "share" if unit == "share" else ""
    said = [
        language.text(
            "Tenth {tenth}: predicted {predicted}, actual {came} (interval {interval}).",
            tenth=language.number(int(row["decile"])),
            predicted=language.quantity(row["foretold"], shown),
            came=language.quantity(row["came"], shown),
            interval=language.interval(Interval(row["came_low"], row["came_high"]), shown),
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
