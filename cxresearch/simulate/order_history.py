"""Orders: what became of each, when its parcel was promised and came, what its table shows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxresearch.simulate.block import CARRIERS, CHANNELS, METHODS, Orders, People, Visits
from cxresearch.simulate.clock import DAY_S, HOUR_S, Clock, utc_times
from cxresearch.simulate.draws import Draws, Flags, Ints, Texts, blanked, numbered
from cxresearch.simulate.planted import Planted
from cxresearch.simulate.steps import Steps

#: Orders of one block are numbered from its number times this.
PER_BLOCK = 1_000_000
_CANCEL_AFTER_H = (1.0, 20.0)
_RETURN_AFTER_DAYS = (1.0, 12.0)
#: The share of the promised time after which a parcel leaves at the earliest and at the latest.
_SHIPPED_AFTER = (0.1, 0.4)


def draw_orders(
    draws: Draws,
    people: People,
    visits: Visits,
    steps: Steps,
    clock: Clock,
    planted: Planted,
    block: int,
) -> Orders:
    """Return one order per purchase."""
    bought = steps.of("purchase")
    visit, at = steps.visit[bought], steps.at[bought]
    by_time = np.lexsort((visits.person[visit], at))
    visit, at = visit[by_time], at[by_time]
    key, person = visits.key[visit], visits.person[visit]
    plan, parcel, bad = planted.orders, planted.parcels, planted.late_month
    method = draws.place("method", key, np.array(parcel.method))
    days = np.array(parcel.promised)[method]
    share = np.where(clock.within(at, bad.first_day, bad.last_day), bad.late, parcel.late)
    late = draws.uniform("late", key) < share
    takes = np.where(
        late,
        days + draws.between("late_by", key, *parcel.late_by),
        days * draws.between("on_time", key, 0.5, 1.0),
    )
    fate = draws.uniform("fate", key)
    cancelled = fate < plan.cancelled
    delivered = at + (takes * DAY_S).astype(np.int64)
    leaves = at + (days * draws.between("shipped", key, *_SHIPPED_AFTER) * DAY_S).astype(np.int64)
    asked = delivered + _after(draws, "return_asked", key, _RETURN_AFTER_DAYS, DAY_S)
    returned = (fate >= plan.cancelled) & (fate < plan.cancelled + plan.returned)
    cancel = at + _after(draws, "cancel", key, _CANCEL_AFTER_H, HOUR_S)
    return Orders(
        key=key,
        ids=numbered("O", len(key), 8, first=block * PER_BLOCK + 1),
        visit=visit,
        person=person,
        at=at,
        category=visits.category[visit],
        promised=at + (days * DAY_S).astype(np.int64),
        shipped=_when(leaves, ~cancelled, clock),
        delivered=_when(delivered, ~cancelled, clock),
        return_asked=_when(asked, returned, clock),
        cancelled_at=_when(cancel, cancelled, clock),
        method=method,
        carrier=draws.place("carrier", key, np.array(parcel.carrier)),
        late=late & ~cancelled,
        guest=(draws.uniform("guest", key) < plan.guest) | ~people.known[person],
        failed_payment=visits.failed[visit],
    )


def _after(draws: Draws, name: str, key: Ints, ends: tuple[float, float], unit_s: int) -> Ints:
    return (draws.between(name, key, *ends) * unit_s).astype(np.int64)


def _when(at: Ints, happens: Flags, clock: Clock) -> Ints:
    """Return `at` where the thing happens before the end of the study, else -1."""
    return np.where(happens & (at < clock.end_s), at, -1)


def shown_ids(people: People, orders: Orders) -> Texts:
    """Return the customer id that each order shows; None for a guest's."""
    return blanked(people.ids_at(orders.person, orders.at), orders.guest)


def orders_table(
    people: People, visits: Visits, orders: Orders, lines: pd.DataFrame
) -> pd.DataFrame:
    """Return the canonical orders; revenue is what the lines come to, to the cent."""
    order, quantity = lines["order"].to_numpy(), lines["quantity"].to_numpy()
    full, paid = lines["full"].to_numpy(), lines["paid"].to_numpy()

    def total(of_lines: Ints) -> Ints:
        return np.rint(np.bincount(order, of_lines, minlength=len(orders))).astype(np.int64)

    return pd.DataFrame(
        {
            "order_id": orders.ids,
            "customer_id": shown_ids(people, orders),
            "ts": utc_times(orders.at),
            "revenue": total(quantity * paid) / 100,
            "currency": "EUR",
            "channel": np.array(CHANNELS, dtype=object)[visits.channel[orders.visit]],
            "items": total(quantity),
            "discount": total(quantity * (full - paid)) / 100,
            "status": _status(orders),
        }
    )


def lines_table(orders: Orders, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the canonical order lines; `price` is what one piece cost after the discount."""
    return pd.DataFrame(
        {
            "order_id": orders.ids[lines["order"].to_numpy()],
            "sku": lines["sku"].to_numpy(),
            "quantity": lines["quantity"].to_numpy(),
            "price": lines["paid"].to_numpy() / 100,
            "category": lines["category"].to_numpy(),
        }
    )


def deliveries_table(orders: Orders) -> pd.DataFrame:
    """Return the canonical deliveries; a cancelled order has none."""
    kept = orders.take(orders.cancelled_at < 0)
    return pd.DataFrame(
        {
            "order_id": kept.ids,
            "promised": utc_times(kept.promised),
            "shipped": utc_times(kept.shipped),
            "delivered": utc_times(kept.delivered),
            "carrier": np.array(CARRIERS, dtype=object)[kept.carrier],
            "method": np.array(METHODS, dtype=object)[kept.method],
        }
    )


def _status(orders: Orders) -> Texts:
    status = np.full(len(orders), "completed", dtype=object)
    status[orders.cancelled_at >= 0] = "cancelled"
    status[orders.return_asked >= 0] = "returned"
    return status
