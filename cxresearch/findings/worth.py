"""What a finding is worth in a month: in money, with an interval, and on what it rests."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from scipy.special import ndtri

from cxresearch import value
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, Interval

if TYPE_CHECKING:
    from cxresearch.findings.finding import Finding
    from cxresearch.study import Study
    from cxresearch.value import Experience

#: Weeks in a month, on average.
WEEKS_A_MONTH = 365.25 / 12 / 7
#: From how many of the last weeks a month's visits are taken.
RECENT_WEEKS = 13

METHOD = "change per visit, times visits a month, times order value; delta method"
AFTERWARDS = "change, times units a month, times what is spent less in 90 days after one"
NOT_KNOWN = Remark("not known")
_DIFFER = Remark("not known: those who met it spent differently before it, too")
#: After what customers are followed, and for how many days.
_EXPERIENCES: dict[str, Experience] = {
    "late": "late_delivery",
    "ticket:unsolved": "unsolved_ticket",
}
_DAYS = 90


def orders_lost(
    change: Estimate, units: float, value: Estimate, *, share: float = math.nan
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
    share : float
        The share that buys now: no more can be lost than what they spend.

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
    if not math.isnan(share):
        most = abs(share * units * value.value) + abs(worth.value) if worth.value < 0 else math.inf
        worth = replace(worth, ci=Interval(max(worth.ci.low, -most), worth.ci.high))
    return worth


def of_experience(study: Study, found: Finding) -> Finding:
    """Return a finding with what is spent less after what its units met, where that can be known.

    Parameters
    ----------
    study : Study
        The study.
    found : Finding
        A break whose units are followed by no purchase of the same visit: parcels, tickets.
    """
    experience = _EXPERIENCES.get(found.measure)
    if experience is None or found.series is None or not study.has("orders"):
        return found
    confidence = found.worth.confidence
    after = value.experience_of(study, experience, days=_DAYS, confidence=confidence)
    if isinstance(after, Missing) or math.isnan(after.spent.value):
        return found
    if not after.is_credible:
        return replace(found, worth=unknown(found.worth.unit, confidence, _DIFFER))
    units = found.series.y[found.series.y > 0][-RECENT_WEEKS:].mean() * WEEKS_A_MONTH
    cost = _product(found.change, after.spent, float(units))
    return replace(found, worth=replace(cost, method=AFTERWARDS))


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
    z = float(ndtri((1 + change.confidence) / 2))
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
