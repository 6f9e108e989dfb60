"""What a treatment is worth in a month."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import frames
from cxresearch.results import Estimate, Interval

if TYPE_CHECKING:
    from cxresearch.experiments.analysis import Analysis
    from cxresearch.experiments.trial import Trial

MONTH_DAYS = 30
NO_MONEY = "undefined: no metric of the plan is money per customer"
AS_MANY = "if as many customers meet it as in the experiment, and the effect lasts"
CAPPED = "the largest values count as their bound only"


def monthly_worth(trial: Trial, analysis: Analysis, variant: str) -> Estimate:
    """Estimate what 30 days of a treatment bring, were it given to all customers who meet it.

    Parameters
    ----------
    trial : Trial
        The experiment.
    analysis : Analysis
        Its results.
    variant : str
        The treatment.

    Returns
    -------
    Estimate
        The first mean in the study's currency, treatment minus control, times the customers of
        all variants in 30 days; nan with a note where the plan has none, or nobody is in it.

    Notes
    -----
    The interval is that of the difference: how many customers come is taken as known. A value
    that was winsorised is so here too, and the note says so.
    """
    money = [
        one
        for one in analysis.readings
        if (one.metric.kind, one.metric.unit, one.variant) == ("mean", trial.currency, variant)
    ]
    customers = sum(trial.tally.customers.values())
    if not money or not customers:
        nowhere = Interval(math.nan, math.nan)
        return Estimate(
            value=math.nan,
            ci=nowhere,
            n=customers,
            unit=trial.currency,
            confidence=analysis.confidence,
            method="",
            note=NO_MONEY,
        )
    effect = money[0].planned
    times = customers / _days(trial) * MONTH_DAYS
    return Estimate(
        value=frames.stable(effect.value * times),
        ci=Interval(*(frames.stable(bound * times) for bound in effect.ci)),
        n=effect.n,
        people=effect.people,
        unit=trial.currency,
        confidence=effect.confidence,
        method=effect.method,
        note=f"{AS_MANY}; {CAPPED}" if money[0].metric.winsorise else AS_MANY,
    )


def _days(trial: Trial) -> int:
    """Return how many days there were from the plan's start to the last exposure."""
    (row,) = frames.rows(trial.frame.select(last=nw.col("day").max()))
    last = date(row["last"].year, row["last"].month, row["last"].day)
    return (last - date.fromisoformat(trial.plan.start)).days + 1
