"""What a finding is worth in a month: in money, with an interval, and on what it rests."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxresearch.core.comparison import normal_quantile
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, Interval

#: Weeks in a month, on average.
WEEKS_A_MONTH = 365.25 / 12 / 7
#: From how many of the last weeks a month's visits are taken.
RECENT_WEEKS = 13

METHOD = "change per visit × visits a month × order value; delta method"
AFTERWARDS = "change × cases a month × spend lost in the days after each"
NOT_KNOWN = Remark("not known")
DIFFER = Remark("not known: these customers spent differently before it, too")


def orders_lost(
    change: Estimate, units: float, value: Estimate, *, most: float = math.nan
) -> Estimate:
    """Return what a change in how many buy brings in a month; what it costs is below 0.

    Parameters
    ----------
    change : Estimate
        The change of the share of units that buy.
    units : float
        How many units there are in a month.
    value : Estimate
        The mean order value, in money.
    most : float
        The largest share that may have bought before: no more can be lost than what they spent.

    Notes
    -----
    worth = change * units * value; its variance is by the delta method, the two estimates taken
    as independent.

    Examples
    --------
    >>> from cxresearch.core.results import Interval
    >>> drop = Estimate(value=-0.1, ci=Interval(-0.12, -0.08), n=900, unit="share difference",
    ...                 confidence=0.95, method="by hand")
    >>> order = Estimate(value=50.0, ci=Interval(50.0, 50.0), n=900, unit="EUR",
    ...                  confidence=0.95, method="by hand")
    >>> orders_lost(drop, 400, order).value, [round(x) for x in orders_lost(drop, 400, order).ci]
    (-2000.0, [-2400, -1600])
    """
    worth = _product(change, value, units)
    if math.isnan(worth.value):
        return unknown(value.unit, worth.confidence)
    if worth.value < 0 and not math.isnan(most):
        each = max(value.value, value.ci.high)  # where every order is worth the same, the first
        all_of_it = max(most * units * each, -worth.value)
        worth = replace(worth, ci=Interval(max(worth.ci.low, -all_of_it), worth.ci.high))
    return worth


def afterwards(change: Estimate, spent: Estimate, units: float) -> Estimate:
    """Return what a change in how many meet an experience brings in a month, by what each spends.

    Parameters
    ----------
    change : Estimate
        The change of the share of units that are such an experience.
    spent : Estimate
        What a customer spends more in the days after one; below 0 where it is less.
    units : float
        How many units there are in a month.
    """
    return replace(_product(change, spent, units), method=AFTERWARDS)


def a_month(units: NDArray[Any]) -> float:
    """Return how many units there are in a month, from the last weeks that have any.

    Examples
    --------
    The last week is too young to be known.

    >>> round(a_month(np.array([10.0, 20.0, 30.0, 0.0])), 2)
    86.96
    """
    known = units[: np.flatnonzero(units)[-1] + 1]
    return float(known[-RECENT_WEEKS:].mean()) * WEEKS_A_MONTH


def per_order(change: Estimate, orders: float) -> Estimate:
    """Return what a change of the order value brings in a month."""
    low, high = (bound * orders for bound in change.ci)
    return replace(change, value=change.value * orders, ci=Interval(low, high), method=METHOD)


def unknown(currency: str, confidence: float, why: Remark = NOT_KNOWN) -> Estimate:
    """Return a worth that is not known, and why."""
    return Estimate(
        value=math.nan,
        ci=Interval(math.nan, math.nan),
        n=0,
        unit=currency,
        confidence=confidence,
        method=METHOD,
        note=why.message,
    )


def _product(change: Estimate, value: Estimate, units: float) -> Estimate:
    z = normal_quantile(change.confidence)
    a, b = change.value, value.value
    sa, sb = ((one.ci.high - one.ci.low) / 2 / z for one in (change, value))
    if math.isnan(sb) and value.n > 1:  # every order is worth the same
        sb = 0.0
    half = z * units * math.sqrt((a * sb) ** 2 + (b * sa) ** 2)
    worth = a * b * units
    return Estimate(
        value=worth,
        ci=Interval(worth - half, worth + half),
        n=change.n,
        unit=value.unit,
        confidence=change.confidence,
        method=METHOD,
    )
