"""Orders: what was bought, what it cost, when the parcel came, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.simulate.arrays import Flags, Floats, Ints, Texts, blanked, numbered
from cxresearch.simulate.clock import DAY_S, Clock, utc_times
from cxresearch.simulate.planted import CHANNELS, Planted
from cxresearch.simulate.shoppers import People
from cxresearch.simulate.steps import Steps
from cxresearch.simulate.visit_paths import Visits

#: Each category: the first letters of its article numbers, articles, and lowest and highest price.
CATALOGUE: dict[str, tuple[str, int, float, float]] = {
    "clothing": ("CLO", 40, 12.0, 89.0),
    "shoes": ("SHO", 20, 29.0, 139.0),
    "accessories": ("ACC", 25, 6.0, 49.0),
    "home": ("HOM", 30, 8.0, 120.0),
    "kitchen": ("KIT", 25, 5.0, 75.0),
    "beauty": ("BEA", 30, 4.0, 45.0),
    "kids": ("KID", 20, 7.0, 55.0),
}
_DISCOUNTS = (0.10, 0.15, 0.20)
_CANCEL_AFTER_H = (1, 20)
_RETURN_AFTER_DAYS = (1, 12)


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders by time, one entry each; all arrays have the same length. No time is -1.

    Parameters
    ----------
    ids : array of str
        Order ids.
    visit, customer : array of int
        Places in the visits and the people.
    at, delivered, return_asked, cancelled_at : array of int
        UTC seconds since 1970.
    late, guest, failed_payment : array of bool
        Whether the parcel came late, whether no customer id was left with the order, and whether
        a payment error came before.
    """

    ids: Texts
    visit: Ints
    customer: Ints
    at: Ints
    delivered: Ints
    return_asked: Ints
    cancelled_at: Ints
    late: Flags
    guest: Flags
    failed_payment: Flags

    def __len__(self) -> int:
        return len(self.ids)


def draw_orders(
    rng: np.random.Generator, visits: Visits, steps: Steps, clock: Clock, planted: Planted
) -> Orders:
    """Return one order per purchase."""
    bought = steps.of("purchase")
    by_time = np.argsort(steps.at[bought], kind="stable")
    visit, at = steps.visit[bought][by_time], steps.at[bought][by_time]
    n, plan, parcel = len(visit), planted.orders, planted.delivery
    bad = clock.within(at, parcel.first_day, parcel.last_day)
    late = rng.random(n) < np.where(bad, parcel.late_in_the_month, parcel.late_usually)
    fate = rng.random(n)
    cancelled = fate < plan.cancelled
    on_time, too_long = rng.uniform(*parcel.days_on_time, n), rng.uniform(*parcel.days_late, n)
    delivered = at + (np.where(late, too_long, on_time) * DAY_S).astype(np.int64)
    asked = delivered + (rng.uniform(*_RETURN_AFTER_DAYS, n) * DAY_S).astype(np.int64)
    returned = (fate >= plan.cancelled) & (fate < plan.cancelled + plan.returned)
    cancel = at + (rng.uniform(*_CANCEL_AFTER_H, n) * 3600).astype(np.int64)
    return Orders(
        ids=numbered("O", n, 6),
        visit=visit,
        customer=visits.customer[visit],
        at=at,
        delivered=_when(delivered, ~cancelled, clock),
        return_asked=_when(asked, returned, clock),
        cancelled_at=_when(cancel, cancelled, clock),
        late=late & ~cancelled,
        guest=rng.random(n) < plan.guest,
        failed_payment=visits.failed[visit],
    )


def _when(at: Ints, happens: Flags, clock: Clock) -> Ints:
    """Return `at` where the thing happens before the end of the study, else -1."""
    return np.where(happens & (at < clock.end_s), at, -1)


def lines_table(rng: np.random.Generator, orders: Orders, planted: Planted) -> pd.DataFrame:
    """Return the order lines; `price` is what one piece cost after the discount, in euro.

    `discount`, a column the canonical table does not have, is what the line's discount came to;
    :func:`orders_table` sums it and the caller drops it. All sums are of whole cents.
    """
    articles = _articles(rng)
    drawn = 1 + rng.poisson(0.9, len(orders))
    article = rng.choice(len(articles), size=drawn.sum(), p=articles["share"])
    pieces = 1 + (rng.random(len(article)) < 0.12) + (rng.random(len(article)) < 0.03)
    line, place = np.unique(
        np.repeat(np.arange(len(orders)), drawn) * len(articles) + article, return_inverse=True
    )
    order, article = np.divmod(line, len(articles))
    quantity = np.bincount(place, weights=pieces).astype(np.int64)
    full = articles["cents"].to_numpy()[article]
    paid = np.rint(full * (1 - _discounts(rng, len(orders), planted)[order])).astype(np.int64)
    return pd.DataFrame(
        {
            "order_id": orders.ids[order],
            "sku": articles["sku"].to_numpy()[article],
            "quantity": quantity,
            "price": paid / 100,
            "category": articles["category"].to_numpy()[article],
            "discount": quantity * (full - paid) / 100,
        }
    )


def _articles(rng: np.random.Generator) -> pd.DataFrame:
    """Return the articles on sale with their prices, all ending in 90 cents, and popularity."""
    rows = [
        (f"{letters}-{i:03d}", category, low, high)
        for category, (letters, count, low, high) in CATALOGUE.items()
        for i in range(1, count + 1)
    ]
    articles = pd.DataFrame(rows, columns=["sku", "category", "low", "high"])
    place = rng.beta(1.2, 2.4, len(articles))
    euros = np.floor(articles["low"] + place * (articles["high"] - articles["low"]))
    popularity = rng.gamma(0.8, size=len(articles)) + 0.05
    return articles.assign(
        cents=(euros * 100 + 90).astype(np.int64), share=popularity / popularity.sum()
    )


def _discounts(rng: np.random.Generator, n: int, planted: Planted) -> Floats:
    """Return the discount of each of `n` orders as a share of the full price."""
    some = rng.random(n) < planted.orders.discounted
    return np.where(some, rng.choice(_DISCOUNTS, size=n), 0.0)


def orders_table(
    orders: Orders, lines: pd.DataFrame, visits: Visits, people: People
) -> pd.DataFrame:
    """Return the canonical orders; revenue is what the lines come to, to the cent."""
    sums = pd.DataFrame(
        {
            "order_id": lines["order_id"],
            "revenue": lines["quantity"] * lines["price"],
            "items": lines["quantity"],
            "discount": lines["discount"],
        }
    )
    sums = sums.groupby("order_id").sum().round(2)  # ids have one width: sorted is by time
    return pd.DataFrame(
        {
            "order_id": orders.ids,
            "customer_id": blanked(people.ids[orders.customer], orders.guest),
            "ts": utc_times(orders.at),
            "revenue": sums["revenue"].to_numpy(dtype=float),
            "currency": "EUR",
            "channel": np.array(CHANNELS, dtype=object)[visits.channel[orders.visit]],
            "items": sums["items"].to_numpy(dtype=np.int64),
            "discount": sums["discount"].to_numpy(dtype=float),
            "status": _status(orders),
        }
    )


def _status(orders: Orders) -> Texts:
    status = np.full(len(orders), "completed", dtype=object)
    status[orders.cancelled_at >= 0] = "cancelled"
    status[orders.return_asked >= 0] = "returned"
    return status
