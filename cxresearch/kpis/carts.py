"""What was left behind: carts and checkouts that did not become a purchase."""

from __future__ import annotations

from functools import partial

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames
from cxresearch.kpis import visits
from cxresearch.kpis.kpi import Kpi, in_groups, kpi, over_all
from cxresearch.kpis.series import MONTH, Coverage, Ratio
from cxresearch.stats.shares.proportions import clustered_proportion
from cxresearch.study import plain_frames

_NEEDED = ("event", "ts_us", "day", "customer_id", "session_id")


@documented
def cart_abandonment(
    events: frames.AnyFrame,
    *,
    cart: str,
    purchase: str,
    unit: visits.Unit = "session",
    by: str | None = None,
    confidence: float = 0.95,
) -> Kpi:
    """Return the share of sessions (or customers) with a cart that was not bought.

    Parameters
    ----------
    events : frame
        A study's events.
    cart : str
        The event that puts something in the cart.
    purchase : str
        The event that buys.
    unit : {"session", "customer"}, default "session"
        What is counted. A cart that is bought in a later session is abandoned by session and not
        by customer. Events without a session are left out by session, and counted in the note.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        A share of units, with `n` customers; nan with a note where no unit has a cart,
        or no event is named so.

    Raises
    ------
    %(missing_column)s
    %(not_allowed)s

    Notes
    -----
    A unit has abandoned its cart when no purchase comes at or after its first cart event. The
    sessions of one customer are alike, so the interval is that of units in clusters
    (:func:`cxresearch.stats.shares.clustered_proportion`).

    Examples
    --------
    >>> from cxresearch.kpis._example import EVENTS
    >>> cart_abandonment(EVENTS, cart="add_to_cart", purchase="purchase").value
    0.666666666667
    >>> by_customer = cart_abandonment(
    ...     EVENTS, cart="add_to_cart", purchase="purchase", unit="customer"
    ... )
    >>> by_customer.value
    0.333333333333
    """
    validate.one_of("unit", unit, visits.UNITS)
    definition = {
        "session": "The share of sessions with something in the cart and no purchase after it.",
        "customer": "The share of customers with something in the cart and no purchase after it.",
    }
    return _abandonment(events, cart, purchase, unit, definition[unit], by, confidence)


@documented
def checkout_abandonment(
    events: frames.AnyFrame,
    *,
    checkout: str,
    purchase: str,
    unit: visits.Unit = "session",
    by: str | None = None,
    confidence: float = 0.95,
) -> Kpi:
    """Return the share of sessions (or customers) with a checkout that was not finished.

    Parameters
    ----------
    events : frame
        A study's events.
    checkout : str
        The event that begins the checkout.
    purchase : str
        The event that buys.
    unit : {"session", "customer"}, default "session"
        What is counted, as in :func:`cart_abandonment`.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        A share of units, with `n` customers; nan with a note where no unit has a
        checkout, or no event is named so.

    Raises
    ------
    %(missing_column)s
    %(not_allowed)s

    Examples
    --------
    >>> from cxresearch.kpis._example import EVENTS
    >>> checkout_abandonment(EVENTS, checkout="begin_checkout", purchase="purchase").value
    nan
    """
    validate.one_of("unit", unit, visits.UNITS)
    definition = {
        "session": "The share of sessions that began a checkout with no purchase after it.",
        "customer": "The share of customers who began a checkout with no purchase after it.",
    }
    return _abandonment(events, checkout, purchase, unit, definition[unit], by, confidence)


def _abandonment(
    events: frames.AnyFrame,
    start: str,
    purchase: str,
    unit: visits.Unit,
    definition: str,
    by: str | None,
    confidence: float,
) -> Kpi:
    every = plain_frames.lazy(events, "events", ["event", "ts_us", "day", *visits.UNITS[unit]])
    _, unmeasured = visits.logged(every, start, purchase)

    def within(rows: frames.AnyFrame) -> Kpi:
        found = plain_frames.lazy(rows, "events", ["event"])
        found = visits.none_of(found) if unmeasured else found
        return _abandoned(found, start, purchase, unit, definition, unmeasured, confidence)

    if by is None:
        return within(every)
    return in_groups(within, events, "events", by, unit=visits.UNITS[unit], needed=_NEEDED)


def _abandoned(
    every: frames.Frame,
    start: str,
    purchase: str,
    unit: visits.Unit,
    definition: str,
    unmeasured: tuple[Remark, ...],
    confidence: float,
) -> Kpi:
    keys = visits.UNITS[unit]
    with_unit = visits.with_session if unit == "session" else visits.with_customer
    relevant, remarks = with_unit(every, start, purchase)
    # A customer's cart of one month says nothing of the next, so a month counts its own.
    by_month = relevant.with_columns(period=MONTH)
    month_keys = keys if unit == "session" else (*keys, "period")
    share = Ratio(
        rows=_units(by_month, start, purchase, month_keys),
        x="abandoned",
        y="started",
        unit="share",
        estimate=clustered_proportion,
        reach=partial(Coverage.of, every),
    )
    if unit == "session":
        return over_all(share, definition, *unmeasured, *remarks, confidence=confidence)
    sums = frames.moments(_units(relevant, start, purchase, keys), ["abandoned", "started"])
    whole = clustered_proportion(sums.ratio("abandoned", "started"), confidence=confidence)
    return kpi(whole, definition, *unmeasured, *remarks, series=share)


def _units(events: frames.Frame, start: str, purchase: str, keys: tuple[str, ...]) -> frames.Frame:
    """Return one row per unit that started, with whether it abandoned, and its customer."""
    time = nw.col("ts_us")
    return (
        events.with_columns(
            started_us=nw.when(nw.col("event") == start).then(time),
            month=nw.when(nw.col("event") == start).then(MONTH),
            bought_us=nw.when(nw.col("event") == purchase).then(time),
        )
        .group_by(*keys)
        .agg(nw.col("started_us", "month").min(), nw.col("bought_us").max())
        .filter(~nw.col("started_us").is_null())
        .with_columns(
            nw.col("customer_id").alias(frames.CLUSTER),
            started=nw.lit(1.0),
            abandoned=nw.when(nw.col("bought_us") >= nw.col("started_us")).then(0.0).otherwise(1.0),
        )
    )
