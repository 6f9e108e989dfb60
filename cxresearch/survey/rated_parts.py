"""Which parts of the experience go with the score in front, where a response rates them too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Remark, Sentence
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.stats.means.sample_means import mean
from cxresearch.survey.driver_analysis import Drivers, key_drivers
from cxresearch.survey.importance import (
    CONCENTRATE,
    MOST_PREDICTORS,
    ImportancePerformance,
    importance_performance,
)
from cxresearch.survey.satisfaction import Satisfaction

if TYPE_CHECKING:
    import pandas as pd

#: A part that fewer of the responses rate is left out: of who rates all parts few would be left.
_RATED_BY = 0.5
_FEWEST_PARTS = 2
_NONE = Missing("no answer rates at least two parts of the experience beside the score")
_COLUMNS = (
    Column("driver", "Part", role="name"),
    Column("share", "Share of what they explain", "share", role="estimate"),
    Column("rated", "Mean rating", "", role="estimate"),
    Column("quadrant"),
    Column("n", "Answers", role="people"),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class RatedParts(Tabular):
    """The parts of an experience: how much each goes with the score, and how it is rated.

    Parameters
    ----------
    drivers : Drivers
        How much of the score's variance goes with each.
    map : ImportancePerformance
        The importance of each against its mean rating.
    rated : mapping of str to Estimate
        The mean rating of each.
    scale : (int, int)
        The scale that all are rated on.
    left_out : int
        How many parts are left out: on another scale, or rated by few.
    label : Remark
        What the score is called.
    """

    drivers: Drivers
    map: ImportancePerformance
    rated: dict[str, Any]
    scale: tuple[int, int]
    left_out: int
    label: Remark

    @property
    def first(self) -> str | None:
        """The part to look at first: the most important that matters more and is rated lower."""
        points = self.map.points[self.map.points["quadrant"] == CONCENTRATE]
        if points.empty:
            return None
        return str(points.sort_values("importance", ascending=False)["driver"].iloc[0])

    @property
    def sentence(self) -> Sentence:
        """Which part to look at first, and how much all of them explain."""
        explained = (self.drivers.r2, "share")
        if self.first is None:
            return Sentence(
                "No part that matters more than most is rated lower; together they explain "
                "{explained} of the score.",
                {"explained": explained},
            )
        return Sentence(
            "{part} comes first: it matters more than most and is rated lower. Together the parts "
            "explain {explained} of the score. It is an association, not a cause.",
            {"part": self.first, "explained": explained},
        )

    def table(self) -> Table:
        """Return one row per part, the most important first."""
        quadrants = dict(zip(self.map.points["driver"], self.map.points["quadrant"], strict=True))
        rows = self.drivers.drivers[["driver", "share", "share_low", "share_high"]].assign(
            n=self.drivers.n
        )
        rows["rated"] = [self.rated[name].value for name in rows["driver"]]
        rows["rated_low"] = [self.rated[name].ci.low for name in rows["driver"]]
        rows["rated_high"] = [self.rated[name].ci.high for name in rows["driver"]]
        rows = rows.assign(quadrant=rows["driver"].map(lambda name: Remark(quadrants[name])))
        low, high = self.scale
        return Table(
            frame=rows.sort_values("share", ascending=False, ignore_index=True),
            columns=_COLUMNS,
            caption="Parts of the experience: what goes with {question}, and how they are rated "
            "({scale}); {n} complete answers",
            values={"question": self.label, "scale": f"{low}-{high}", "n": self.drivers.n},
        )


@or_missing
@documented
def rated_parts(satisfaction: Satisfaction, *, resamples: int = 1000) -> RatedParts | Missing:
    """Return how much each part that a response rates goes with the score in front.

    A part is a CSAT or a CES of a touchpoint in the response that has the score; all are taken on
    the scale that most of them have.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    resamples : int, default 1000
        Bootstrap samples behind the intervals of the importances.

    Notes
    -----
    Shares of the explained variance as in :func:`cxresearch.survey.key_drivers` (LMG; Johnson's
    relative weights beyond 15 parts), of the responses that rate all parts. A part rated in fewer
    than half of the responses is left out.
    """
    table, scale, left_out = _wide(satisfaction)
    if table is None or len(table.columns) < _FEWEST_PARTS:
        return _NONE
    parts = table.drop(columns=["score", "customer_id"], errors="ignore")
    found = key_drivers(
        table["score"],
        parts,
        method="lmg" if len(parts.columns) <= MOST_PREDICTORS else "johnson",
        respondents=_people(table),
        confidence=satisfaction.confidence,
        resamples=resamples,
    )
    rated = {
        str(name): mean(parts[name].dropna(), unit="", confidence=satisfaction.confidence)
        for name in parts
    }
    shares = dict(zip(found.drivers["driver"], found.drivers["share"], strict=True))
    against = importance_performance(shares, {name: one.value for name, one in rated.items()})
    return RatedParts(
        drivers=found,
        map=against,
        rated=rated,
        scale=scale,
        left_out=left_out,
        label=satisfaction.label,
    )


def _wide(satisfaction: Satisfaction) -> tuple[pd.DataFrame | None, tuple[int, int], int]:
    """Return one row per response with its score and its ratings, their scale, what is left out."""
    answers = satisfaction.recent
    rated = answers[
        answers["metric"].isin(["csat", "ces"])
        & answers["touchpoint"].notna()
        & (answers["touchpoint"] != satisfaction.touchpoint)
        & answers["response_id"].isin(satisfaction.now["response_id"])
    ]
    if rated.empty:
        return None, (0, 0), 0
    scales = rated.groupby(["scale_min", "scale_max"])["touchpoint"].nunique()
    low, high = max(scales.index, key=lambda one: (scales[one], one))
    own = rated[(rated["scale_min"] == low) & (rated["scale_max"] == high)]
    ratings = own.pivot_table(index="response_id", columns="touchpoint", values="score")
    kept = ratings.loc[:, ratings.notna().sum() >= _RATED_BY * len(satisfaction.now)]
    left_out = rated["touchpoint"].nunique() - len(kept.columns)
    if len(kept.columns) < _FEWEST_PARTS:
        return None, (0, 0), left_out
    front = satisfaction.now.set_index("response_id")[["score", "customer_id"]]
    return kept.join(front, how="inner"), (int(low), int(high)), left_out


def _people(table: pd.DataFrame) -> Any:
    """Return who gave each response; one without a customer is of a person of its own."""
    return table["customer_id"].fillna(table.index.to_series()).astype(str).to_numpy()
