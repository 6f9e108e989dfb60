"""Shops of the simulator whose customers are known: who left, at what rate they buy, and what if.

A shop is drawn for four years, of which a forecast knows three: what came in the fourth is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxresearch import engine
from cxresearch.simulate import truth
from cxresearch.simulate.clock import TIME_ZONE, Clock
from cxresearch.simulate.order_history import deliveries_table, orders_table
from cxresearch.simulate.planted import Planted, Switch
from cxresearch.simulate.tickets import tickets_table
from cxresearch.simulate.world import World, draw_world

Array = NDArray[np.float64]

START = date(2023, 11, 1)
KNOWN, AHEAD = 1096, 365
#: What changes how often people buy: off where a steady shop is asked.
_CHANGES = (
    *("payment_error", "experiment", "late_month", "stock_out", "slow_search", "pickup_launch"),
    *("social", "offers", "recovery"),
)
STEADY: dict[str, Switch] = dict.fromkeys(_CHANGES, False)
_NODES = 60


@dataclass(frozen=True, slots=True, eq=False)
class KnownShop:
    """The orders of a shop, and the truth about those who placed them.

    Parameters
    ----------
    world : World
        What truly happened.
    orders : pandas.DataFrame
        The orders of all days, with their `day`.
    people : pandas.DataFrame
        By customer_id: `rate` and `placed` (orders kept, and placed, in a year of usual trade),
        `arrived` and `left` (days from the start), `segment`.
    cut : datetime.date
        The last day that a forecast knows.
    """

    world: World
    orders: pd.DataFrame
    people: pd.DataFrame
    cut: date

    @property
    def known(self) -> pd.DataFrame:
        """The orders that a forecast knows."""
        return self.orders[self.orders["day"] <= pd.Timestamp(self.cut)]

    def has(self, table: str, *_columns: str) -> bool:
        """Return whether the shop has a table, as a study does."""
        return table in {"orders", "deliveries", "tickets"}

    def frame(self, table: str) -> Any:
        """Return a table as a study has it."""
        made = {"deliveries": self._deliveries, "tickets": self._tickets}
        found = engine.lazy(self.orders if table == "orders" else made[table]())
        is_dated = "day" in found.collect_schema().names()
        return found.with_columns(nw.col("day").cast(nw.Date)) if is_dated else found

    def _deliveries(self) -> pd.DataFrame:
        return _timed(deliveries_table(self.world.orders), "promised", "delivered")

    def _tickets(self) -> pd.DataFrame:
        world, tickets = self.world, self.world.tickets
        whose = world.visible_ids(tickets.person, tickets.order, tickets.opened)
        table = tickets_table(world.draws("ticket_details"), whose, tickets, world.planted, 0)
        return _timed(table, "opened", "resolved").assign(
            day=lambda frame: frame["opened"].dt.normalize()
        )


def known_shop(
    seed: int, customers: int, *, days: int = KNOWN + AHEAD, effects: Mapping[str, Switch]
) -> KnownShop:
    """Draw a shop; the same seed is the same people and visits, whatever happens to them."""
    clock = Clock(START, days)
    planted = Planted().with_effects(effects)
    planted = replace(planted, accounts=replace(planted.accounts, second=0.0))  # an id is a person
    world = draw_world(seed, clock, planted, np.arange(customers), 0)
    orders = orders_table(world.people, world.visits, world.orders, world.lines)
    day = orders["ts"].dt.tz_convert(TIME_ZONE).dt.tz_localize(None).dt.normalize()
    plan = planted.orders
    kept = (1 - plan.cancelled - plan.returned) * (1 - plan.guest)
    started = clock.midnight(0)
    who = truth.people(world).assign(
        rate=lambda frame: frame["orders_per_year"] * kept,
        placed=lambda frame: frame["orders_per_year"] * (1 - plan.guest),
        arrived=(world.people.arrived - started) / 86_400,
        left=(world.people.left - started) / 86_400,
    )
    people = who.set_index("person_id")[["rate", "placed", "arrived", "left", "segment"]]
    return KnownShop(world, orders.assign(day=day), people, START + timedelta(days=KNOWN - 1))


def best_chances(shop: KnownShop, customers: pd.DataFrame, cut: date, days: int) -> Array:
    """Return the chance to buy of each customer where rates are known, and who has left is not.

    No forecast from orders can be better: it knows each customer's rate, the season, and the law by
    which people leave. With S(t) the share still there t after arrival and H the season's clock,
    P(there at T) is S(T) exp(-rate (H(T) - H(last))) over that plus the same of all times of
    leaving since the last order; P(buys) is 1 - P(left before an order or the end of the window).
    """
    own = shop.people.loc[customers["customer_id"]]
    rate, placed, arrived = (own[name].to_numpy(float) for name in ("rate", "placed", "arrived"))
    days_in = (pd.to_datetime(customers["last_day"]) - pd.Timestamp(START)).dt.days
    last = np.asarray(days_in, dtype=float) + 1
    now = float((cut - START).days + 1)
    busy = shop.world.clock.busy
    habits = shop.world.planted.habits

    def clock(at: Array) -> Array:
        return np.asarray(np.interp(at, np.arange(len(busy)), busy))

    def there(at: Array) -> Array:
        since = np.maximum(at - arrived, 0)
        return np.asarray((1 + since / habits.leave_days) ** -habits.leave_shape)

    def silent(start: Array, end: Array, rate: Array) -> Array:
        """P(leaves in the time, with no order from `start` on until then)."""
        edges = np.linspace(0, 1, _NODES + 1)
        chance = np.zeros_like(start)
        for low, high in pairwise(edges):
            a, b = start + (end - start) * low, start + (end - start) * high
            quiet = np.exp(-rate * (clock((a + b) / 2) - clock(start)))
            chance += (there(a) - there(b)) * quiet
        return chance

    today: Array = np.full(rate.shape, now)
    end: Array = today + days
    stays = there(today) * np.exp(-placed * (clock(today) - clock(last)))
    alive = stays / (stays + silent(last, today, placed))
    none = there(end) * np.exp(-rate * (clock(end) - clock(today))) + silent(today, end, rate)
    return np.asarray(alive * (1 - none / there(today)))


def true_difference(
    moments: pd.DataFrame, as_it_is: KnownShop, without: KnownShop, met: str, days: int
) -> float:
    """Return what an effect took from those who met it in the days after, beside the others.

    Both shops have the same people, visits and chance; only the effect is missing in one of them.
    """
    gaps = _spent(moments, as_it_is, days) - _spent(moments, without, days)
    is_met = (moments["group"] == met).to_numpy()
    return float(gaps[is_met].mean() - gaps[~is_met].mean())


def _spent(moments: pd.DataFrame, shop: KnownShop, days: int) -> Array:
    kept = shop.orders[shop.orders["status"] == "completed"]
    each = moments[["customer_id", "day"]].reset_index(drop=True).reset_index()
    joined = each.merge(kept[["customer_id", "day", "revenue"]], on="customer_id")
    apart = (joined["day_y"] - joined["day_x"]).dt.days
    after = joined[(apart > 0) & (apart <= days)].groupby("index")["revenue"].sum()
    return after.reindex(each["index"], fill_value=0.0).to_numpy(float)


def _timed(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return times on the shop's clock, and their microseconds; one that is missing is null."""
    found = table.copy()
    for name in columns:
        local = table[name].dt.tz_convert(TIME_ZONE).dt.tz_localize(None)
        micros = table[name].astype("int64").astype("Int64").where(table[name].notna())
        found[name], found[f"{name}_us"] = local, micros
    return found
