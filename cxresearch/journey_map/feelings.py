"""How customers feel at each touchpoint, and where it decides whether they come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from cxresearch import stats
from cxresearch.core.comparison import Comparison
from cxresearch.engine import order_rules
from cxresearch.engine.windows import DAY_US
from cxresearch.findings.finding import Finding
from cxresearch.findings.fires import Key
from cxresearch.findings.watched_series import WHOLE, Series
from cxresearch.journey_map.behaviours import of_known
from cxresearch.journey_map.map_cells import Point
from cxresearch.survey import METRICS

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

#: Of several scores at one touchpoint the first of these is drawn.
_DRAWN = ("csat", "ces", "nps")
#: Within how many days a customer must buy again to count as come back.
_DAYS = 90
_ENDS = {"csat": (0.0, 1.0), "nps": (-100.0, 100.0)}


def points_at(
    touchpoints: set[str],
    series: Mapping[Key, Series],
    findings: tuple[Finding, ...],
    weeks: int,
    *,
    min_cell: int,
    confidence: float,
) -> tuple[Point, ...]:
    """Return the score of each touchpoint of a stage over the last year, one each."""
    found: dict[str, Point] = {}
    for (name, group), one in series.items():
        if not name.startswith("score:") or group != WHOLE:
            continue
        _, metric, touchpoint, top = name.split(":")
        if touchpoint not in touchpoints or metric not in _DRAWN:
            continue
        low, high = _ENDS.get(metric, (1.0, float(top)))
        score = one.estimate(max(0, weeks - 52), weeks, confidence=confidence)
        if score.n < min_cell:
            continue
        fires = [f for f in findings if f.measure == name and f.state == "past"]
        worst = (fires[0].during.value - low) / (high - low) if fires else None
        point = Point(
            touchpoint=touchpoint,
            metric=METRICS[metric].label,
            score=score,
            at=(score.value - low) / (high - low),
            ends=((score.ci.low - low) / (high - low), (score.ci.high - low) / (high - low)),
            worst=worst,
        )
        known = found.get(touchpoint)
        drawn = [METRICS[name].label for name in _DRAWN]
        if known is None or drawn.index(point.metric) < drawn.index(known.metric):
            found[touchpoint] = point
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Moment:
    """How much more often those who were satisfied at a touchpoint buy again.

    Parameters
    ----------
    touchpoint : str
        The touchpoint.
    difference : Comparison
        The share of the satisfied that bought again within 90 days, minus that of the others.
    """

    touchpoint: str
    difference: Comparison


def after_answers(study: Study) -> pd.DataFrame:
    """Return who answered at which touchpoint, whether satisfied, and whether they bought again.

    The first answer of each customer at a touchpoint counts, where 90 days have passed since; the
    satisfied gave one of the two highest scores (NPS: 9 or 10).

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    pandas.DataFrame
        `customer_id`, `touchpoint`, `satisfied`, `again`; empty where the study asks nobody or
        has no orders.
    """
    import pandas as pd

    nothing = pd.DataFrame(columns=["customer_id", "touchpoint", "satisfied", "again"])
    if not (study.has("surveys", "touchpoint") and study.has("orders")):
        return nothing
    answers = of_known(study, "surveys", ~nw.col("touchpoint").is_null())
    given = (
        answers.select("customer_id", "touchpoint", "metric", "score", "scale_max", "ts_us")
        .collect("pandas")
        .to_native()
        .sort_values("ts_us", kind="stable")
    )
    orders = of_known(study, "orders", order_rules.SALE)
    bought = orders.select("customer_id", "ts_us").collect("pandas").to_native()
    if given.empty or bought.empty:
        return nothing
    mature = given["ts_us"] <= max(given["ts_us"].max(), bought["ts_us"].max()) - _DAYS * DAY_US
    first = given[mature].drop_duplicates(["touchpoint", "customer_id"])
    times = bought.sort_values("ts_us").groupby("customer_id")["ts_us"].apply(np.asarray)
    again = np.array(
        [
            _bought_within(times.get(customer), at)
            for customer, at in zip(first["customer_id"], first["ts_us"], strict=True)
        ],
        dtype=bool,
    )
    satisfied = first["score"] >= first["scale_max"] - 1
    found: pd.DataFrame = first[["customer_id", "touchpoint"]].assign(
        satisfied=satisfied, again=again
    )
    return found


def moments_of_truth(answers: pd.DataFrame, *, min_cell: int, confidence: float) -> list[Moment]:
    """Return the touchpoints by how surely satisfaction there goes with buying again.

    The first has the largest lower bound. It is an association: those who are satisfied differ in
    other ways too.

    Parameters
    ----------
    answers : pandas.DataFrame
        From :func:`after_answers`.
    min_cell : int
        The fewest customers on either side.
    confidence : float
        Coverage of the intervals.
    """
    found = []
    for touchpoint, here in answers.groupby("touchpoint"):
        satisfied = here["satisfied"].to_numpy(bool)
        again = here["again"].to_numpy(bool)
        groups = [(int(again[side].sum()), int(side.sum())) for side in (~satisfied, satisfied)]
        if min(n for _, n in groups) < min_cell:
            continue
        difference = stats.difference_of_proportions(*groups, confidence=confidence)
        found.append(Moment(str(touchpoint), difference))
    return sorted(found, key=lambda one: -one.difference.ci.low)


def _bought_within(times: object, at: int) -> bool:
    if not isinstance(times, np.ndarray):
        return False
    place = int(np.searchsorted(times, at, side="right"))
    return place < len(times) and bool(times[place] <= at + _DAYS * DAY_US)
