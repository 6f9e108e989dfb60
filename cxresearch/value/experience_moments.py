"""The moments of an experience in a study: whose, when it is known, and in which group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.missing import Missing
from cxresearch.engine import frames

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

Experience = Literal["late_delivery", "payment_error", "unsolved_ticket", "low_score"]
_LACKS = {
    "late_delivery": "the study has no deliveries with the day they were promised",
    "payment_error": "the study has no events",
    "unsolved_ticket": "the study has no tickets",
    "low_score": "the study has no surveys",
}
#: The tables, with a column where one is needed, that the moments of an experience are made of.
_TABLES: dict[Experience, list[tuple[str, ...]]] = {
    "late_delivery": [("deliveries", "promised"), ("orders", "customer_id")],
    "payment_error": [("events",)],
    "unsolved_ticket": [("tickets",)],
    "low_score": [("surveys",)],
}
_MICROSECONDS = 86_400_000_000
_SOLVED_WITHIN = 7
#: The highest of the scores that count as low.
_LOW = {"nps": 6.0, "csat": 2.0, "ces": 3.0}


def moments(study: Study, experience: Experience) -> pd.DataFrame | Missing:
    """Return the moments of an experience in a study, with those of customers who did not meet it.

    Parameters
    ----------
    study : Study
        The study.
    experience : {"late_delivery", "payment_error", "unsolved_ticket", "low_score"}
        A parcel that has not come a day after it was promised, beside one that has; a payment that
        failed, beside one that did not (events `payment_error`, `payment_step`); a ticket that is
        not solved a week after it was opened, beside one that is; a low score (NPS to 6, CSAT to 2,
        CES to 3), beside a higher one.

    Returns
    -------
    pandas.DataFrame or Missing
        `customer_id`, `day` and `group`, for :func:`worth_of`: the day on which the group is known,
        of a parcel the one after it was promised, of a ticket a week after it was opened.

    Raises
    ------
    ValueError
        If `experience` is none of these.
    """
    validate.one_of("experience", experience, get_args(Experience))
    tables = _TABLES[experience]
    if not all(study.has(*needed) for needed in tables):
        return Missing(_LACKS[experience])
    rows: list[Any] = [nw.from_native(study.frame(name)).lazy() for name, *_ in tables]
    made: dict[str, Any] = {
        "late_delivery": _deliveries,
        "payment_error": _payments,
        "unsolved_ticket": _tickets,
        "low_score": _scores,
    }
    found: pd.DataFrame = made[experience](*rows)
    return found


def _deliveries(rows: frames.Frame, orders: frames.Frame) -> pd.DataFrame:
    """Return parcels a day after they were promised: who is late is known, how late is not."""
    whose = orders.filter(frames.KNOWN & (nw.col("status").fill_null("") != "cancelled"))
    due = rows.filter(~nw.col("promised_us").is_null()).join(
        whose.select("order_id", "customer_id"), on="order_id", how="inner"
    )
    after = nw.col("delivered_us").fill_null(2**62) - nw.col("promised_us")
    dated = due.with_columns(
        day=nw.col("promised").dt.date().dt.offset_by("1d"), is_late=after >= _MICROSECONDS
    )
    return _named(dated, nw.col("is_late"), "a late delivery", "a delivery on time")


def _payments(rows: frames.Frame) -> pd.DataFrame:
    events = rows.filter(nw.col("event").is_in(["payment_step", "payment_error"]) & frames.KNOWN)
    failed = frames.indicator(nw.col("event") == "payment_error").max()
    days = events.group_by("customer_id", "day").agg(failed=failed)
    return _named(days, nw.col("failed") > 0, "a payment error", "no payment error")


def _tickets(rows: frames.Frame) -> pd.DataFrame:
    """Return tickets at the end of a week: who is looked at must still be the same in both."""
    week = _SOLVED_WITHIN * _MICROSECONDS
    solved = nw.col("resolved_us").fill_null(2**62) - nw.col("opened_us") <= week
    ended_well = nw.col("outcome").fill_null("solved") != "no_solution"
    at = nw.col("day").dt.offset_by(f"{_SOLVED_WITHIN}d")
    dated = rows.filter(frames.KNOWN).with_columns(day=at, is_solved=solved & ended_well)
    return _named(dated, ~nw.col("is_solved"), "an unsolved ticket", "a solved ticket")


def _scores(rows: frames.Frame) -> pd.DataFrame:
    known = rows.filter(frames.KNOWN & nw.col("metric").is_in(list(_LOW)))
    low = nw.lit(value=False)
    for metric, highest in _LOW.items():
        low = low | ((nw.col("metric") == metric) & (nw.col("score") <= highest))
    lows = known.group_by("customer_id", "day").agg(low=frames.indicator(low).max())
    return _named(lows, nw.col("low") > 0, "a low score", "a higher score")


def _named(rows: frames.Frame, met: nw.Expr, experience: str, beside: str) -> pd.DataFrame:
    import pandas as pd

    group = nw.when(met).then(nw.lit(experience)).otherwise(nw.lit(beside))
    found: pd.DataFrame = (
        rows.select("customer_id", day=nw.col("day").cast(nw.Date), group=group)
        .collect("pandas")
        .to_native()
    )
    return found.assign(day=pd.to_datetime(found["day"]))
