"""When each customer first reaches each stage of the journey."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from cxresearch import stats
from cxresearch.core.results import Estimate, Interval
from cxresearch.engine import frames, order_rules
from cxresearch.engine.windows import DAY_US
from cxresearch.journey_map.behaviours import of_known

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

_SECOND = 2
#: Within how many days customers are expected at the next stage.
_DAYS = 90.0


def arrivals(study: Study, stage_of: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per customer with the moment each stage was first reached.

    Parameters
    ----------
    study : Study
        The study.
    stage_of : mapping of str to str
        The stage of the map for each stage of the study.

    Returns
    -------
    pandas.DataFrame
        Index `customer_id`; per stage of the map a float, microseconds since 1970, nan for never.
        Loyalty is reached by the second kept order, not by an event.
    """
    import pandas as pd

    parts: list[pd.DataFrame] = []
    of = {role: stage_of[own] for role, own in study.manifest.placed.items() if own in stage_of}
    if study.has("events"):
        parts += _by_events(study, stage_of)
    if study.has("orders"):
        parts += _by_orders(study, of)
    elif study.has("events") and study.manifest.funnel:
        parts += _by_purchases(study, of)
    if study.has("surveys", "touchpoint") and not study.has("events"):
        parts += _by_answers(study, stage_of)
    if study.has("tickets"):
        opened = _first(study.frame("tickets"), "opened_us", "service", of)
        parts += [opened] if opened is not None else []
    if study.has("feedback"):
        reviews = study.frame("feedback").filter(nw.col("source") == "review")
        wrote = _first(reviews, "ts_us", "advocacy", of)
        parts += [wrote] if wrote is not None else []
    stages = list(dict.fromkeys(stage_of.values()))
    if not parts:
        return pd.DataFrame(columns=stages, dtype=float)
    every = pd.concat(parts)
    return every.groupby(level=0).min().reindex(columns=stages).astype(float)


def _by_events(study: Study, stage_of: Mapping[str, str]) -> list[pd.DataFrame]:
    met = study.manifest.touchpoints
    events = of_known(study, "events")
    firsts = {}
    for stage in dict.fromkeys(stage_of.values()):
        own = [
            event
            for event, one in met.items()
            if stage_of.get(one.stage) == stage and study.manifest.role(one.stage) != "loyalty"
        ]
        if own:
            moment = nw.when(nw.col("event").is_in(own)).then(nw.col("ts_us"))
            firsts[stage] = moment.min()
    if not firsts:
        return []
    return [_frame(events.group_by("customer_id").agg(**firsts))]


def _by_orders(study: Study, stage_of: Mapping[str, str]) -> list[pd.DataFrame]:
    return _by_sales(of_known(study, "orders", order_rules.SALE), stage_of)


def _by_purchases(study: Study, stage_of: Mapping[str, str]) -> list[pd.DataFrame]:
    """Return when customers bought first, and again, where the last step of the funnel says it."""
    bought = nw.col("event") == study.manifest.funnel[-1]
    return _by_sales(of_known(study, "events", bought), stage_of)


def _by_answers(study: Study, stage_of: Mapping[str, str]) -> list[pd.DataFrame]:
    """Return when customers answered about a touchpoint of each stage: they have been there."""
    answers = frames.without_blanks(study.frame("surveys"), frames.IDS)
    places = {one.touchpoint: one.stage for one in study.manifest.touchpoints.values()}
    found = [
        _first(answers.filter(nw.col("touchpoint") == touchpoint), "ts_us", stage, stage_of)
        for touchpoint, stage in places.items()
    ]
    return [one for one in found if one is not None]


def _by_sales(sales: frames.Frame, stage_of: Mapping[str, str]) -> list[pd.DataFrame]:
    import pandas as pd

    kept = sales.select("customer_id", "ts_us")
    found = kept.collect("pandas").to_native().sort_values("ts_us", kind="stable")
    place = found.groupby("customer_id").cumcount() + 1
    first, second = found[place == 1], found[place == _SECOND]
    parts = []
    for rows, stage in ((first, "purchase"), (second, "loyalty")):
        if stage in stage_of:
            reached = rows.set_index("customer_id")["ts_us"]
            parts.append(pd.DataFrame({stage_of[stage]: reached}))
    return parts


def _first(
    rows: frames.Frame, time: str, stage: str, stage_of: Mapping[str, str]
) -> pd.DataFrame | None:
    if stage not in stage_of:
        return None
    known = frames.without_blanks(rows, frames.IDS).filter(frames.KNOWN)
    return _frame(known.group_by("customer_id").agg(nw.col(time).min().alias(stage_of[stage])))


def _frame(rows: frames.Frame) -> pd.DataFrame:
    found: pd.DataFrame = rows.collect("pandas").to_native().set_index("customer_id")
    return found


def time_between(
    reached: pd.DataFrame, stage: str, after: str, last_us: int, *, confidence: float
) -> tuple[Estimate, Estimate, float]:
    """Return the median days from one stage to the next, the share that gets there in 90, and 90.

    Where nobody was followed for so long, it is the share in the days that the longest was.

    Customers who have not got there when last seen are censored; those who reached the next
    stage first are left out.
    """
    start: NDArray[np.float64] = reached[stage].to_numpy(float)
    end: NDArray[np.float64] = reached[after].to_numpy(float)
    known = ~np.isnan(start) & ~(end < start) & (start <= last_us)
    start, end = start[known], end[known]
    there = ~np.isnan(end)
    days = (np.where(there, end, float(last_us)) - start) / DAY_US
    if not len(days):
        nothing = Estimate(
            value=math.nan,
            ci=Interval(math.nan, math.nan),
            n=0,
            unit="days",
            confidence=confidence,
            method="Kaplan-Meier, log-log",
            note="nobody reached the stage",
        )
        return nothing, nothing, _DAYS
    curve = stats.kaplan_meier(days, there, unit="days", confidence=confidence)
    median = Estimate(
        value=curve.median,
        ci=curve.ci,
        n=curve.n,
        unit="days",
        confidence=confidence,
        method=curve.method,
        note=curve.note,
    )
    within = max(min(_DAYS, float(np.floor(days.max()))), 1.0)
    still: Any = curve.at(within)
    share = Estimate(
        value=1 - still.value,
        ci=Interval(1 - still.ci.high, 1 - still.ci.low),
        n=curve.n,
        unit="share",
        confidence=confidence,
        method=curve.method,
    )
    return median, share, within
