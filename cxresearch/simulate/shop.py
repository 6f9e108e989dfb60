"""One call that simulates a whole linked study."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cxresearch import _checks
from cxresearch.simulate.clock import Clock, utc_times
from cxresearch.simulate.events import apart_from_orders, around_orders, events_table
from cxresearch.simulate.marketing import marketing_table
from cxresearch.simulate.orders import lines_table, orders_table
from cxresearch.simulate.planted import Planted
from cxresearch.simulate.surveys import draw_answers, surveys_table
from cxresearch.simulate.world import World, draw_world, stream


@dataclass(frozen=True, slots=True)
class Shop:
    """A simulated study.

    Parameters
    ----------
    seed : int
        The seed it was drawn from.
    tables : dict of str to pandas.DataFrame
        The canonical tables, clean, times in UTC.
    truth : dict
        Every planted value, and what came of it.
    """

    seed: int
    tables: dict[str, pd.DataFrame]
    truth: dict[str, Any]


def shop(
    *,
    seed: int = 2026,
    customers: int = 20_000,
    days: int = 365,
    start: str = "2025-11-01",
    faults: bool = True,
    planted: Planted | None = None,
) -> Shop:
    """Simulate a year of an Italian online shop, with known truth."""
    clock = Clock(date.fromisoformat(start), _checks.whole("days", days, low=7))
    world = draw_world(
        _checks.whole("seed", seed),
        _checks.whole("customers", customers, low=1),
        clock,
        planted or Planted(),
    )
    tables = _tables(seed, world)
    return Shop(seed, tables, world.planted.to_dict())


def _tables(seed: int, world: World) -> dict[str, pd.DataFrame]:
    lines = lines_table(stream(seed, "order_lines"), world.orders, world.planted)
    orders = orders_table(world.orders, lines, world.visits, world.people)
    answers = draw_answers(stream(seed, "surveys"), world)
    around = [
        *around_orders(stream(seed, "around_orders"), world),
        *apart_from_orders(stream(seed, "apart_from_orders"), world),
    ]
    return {
        "events": events_table(world, around, orders["revenue"].to_numpy()),
        "orders": orders,
        "order_lines": lines.drop(columns="discount"),
        "surveys": surveys_table(world, answers),
        "exposures": _exposures_table(world),
        "marketing": marketing_table(stream(seed, "marketing"), world.visits, world.clock),
    }


def _exposures_table(world: World) -> pd.DataFrame:
    exposures, plan = world.exposures, world.planted.experiment
    by_time = np.argsort(exposures.first, kind="stable")
    return pd.DataFrame(
        {
            "experiment": plan.name,
            "variant": np.array(plan.variants, dtype=object)[exposures.variant[by_time]],
            "customer_id": world.people.ids[exposures.customer[by_time]],
            "ts": utc_times(exposures.first[by_time]),
        }
    )
