"""One call that simulates a whole linked study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxresearch.core import validate
from cxresearch.simulate import truth
from cxresearch.simulate.channel_costs import marketing_table
from cxresearch.simulate.clock import Clock, utc_times
from cxresearch.simulate.coders import coding_sheets
from cxresearch.simulate.customer_feedback import draw_occasions, write_texts
from cxresearch.simulate.customer_records import customers_tables
from cxresearch.simulate.events import (
    apart_from_orders,
    around_orders,
    around_service,
    events_table,
)
from cxresearch.simulate.export_faults import Plan, counted, plan_faults
from cxresearch.simulate.order_history import lines_table, orders_table
from cxresearch.simulate.planted import Planted
from cxresearch.simulate.surveys import draw_answers, surveys_table
from cxresearch.simulate.tickets import draw_tickets, tickets_table
from cxresearch.simulate.world import World, draw_world, stream


@dataclass(frozen=True, slots=True)
class Shop:
    """A simulated study.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        The canonical tables, clean, times in UTC.
    answer_keys : dict of str to pandas.DataFrame
        ``identities``: which person each customer record is; ``themes``: what each text is about.
    sheets : dict of str to pandas.DataFrame
        What two people coded of a sample of the texts, and what was decided where they differ.
    truth : dict
        Every planted value, and what came of it.
    faults : dict of str to dict
        The rows that :func:`cxresearch.simulate.write` copies and breaks, by table and rule.
    """

    tables: dict[str, pd.DataFrame]
    answer_keys: dict[str, pd.DataFrame]
    sheets: dict[str, pd.DataFrame]
    truth: dict[str, Any]
    faults: Plan


def shop(
    *,
    seed: int = 2026,
    customers: int = 20_000,
    days: int = 365,
    start: str = "2025-11-01",
    faults: bool = True,
    planted: Planted | None = None,
) -> Shop:
    """Simulate an invented Italian online shop whose truth is known.

    Parameters
    ----------
    seed : int
        The same seed, with the same other arguments, gives the same shop.
    customers : int
        How many true persons have an account.
    days : int
        How many days, at least 7. What is planted for a part of a year keeps its part.
    start : str
        The first day, ISO 8601, in the shop's time zone (Europe/Rome).
    faults : bool
        Whether the exports get broken rows; the tables returned here are always clean.
    planted : Planted, optional
        The effects to plant; the usual ones where it is not given.

    Returns
    -------
    Shop
        The tables, linked by ``customer_id``, ``order_id`` and ``session_id``, and their truth.

    Raises
    ------
    TypeError
        If `seed`, `customers` or `days` is not a whole number.
    ValueError
        If one of them is too small, or `start` is not a day.

    Examples
    --------
    >>> small = shop(seed=1, customers=50, days=30)
    >>> small.truth["realised"]["rows"]["orders"] == len(small.tables["orders"])
    True
    """
    clock = Clock(validate.day("start", start), validate.whole("days", days, low=7))
    world = draw_world(
        validate.whole("seed", seed),
        validate.whole("customers", customers, low=1),
        clock,
        planted or Planted(),
    )
    tables, answer_keys = _tables(seed, world)
    sheets = coding_sheets(
        stream(seed, "coders"), tables["feedback"], answer_keys["themes"], world.planted.coders
    )
    plan = plan_faults(stream(seed, "faults"), tables) if faults else {}
    return Shop(tables, answer_keys, sheets, truth.build(seed, world, tables, counted(plan)), plan)


def _tables(seed: int, world: World) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Return the canonical tables, and the true identities and themes."""
    lines = lines_table(stream(seed, "order_lines"), world.orders, world.planted)
    orders = orders_table(world.orders, lines, world.visits, world.people)
    customers, identities = customers_tables(stream(seed, "customers"), world.people)
    answers = draw_answers(stream(seed, "surveys"), world)
    tickets = draw_tickets(stream(seed, "tickets"), world)
    occasions = draw_occasions(stream(seed, "occasions"), world, answers, tickets)
    feedback, themes = write_texts(stream(seed, "texts"), world, occasions)
    around = [
        *around_orders(stream(seed, "around_orders"), world),
        *apart_from_orders(stream(seed, "apart_from_orders"), world),
        *around_service(world, answers, tickets, occasions),
    ]
    tables = {
        "events": events_table(world, around, orders["revenue"].to_numpy()),
        "orders": orders,
        "order_lines": lines.drop(columns="discount"),
        "surveys": surveys_table(world, answers),
        "feedback": feedback,
        "tickets": tickets_table(stream(seed, "ticket_details"), world, tickets),
        "exposures": _exposures_table(world),
        "marketing": marketing_table(stream(seed, "marketing"), world.visits, world.clock),
        "customers": customers,
    }
    return tables, {"identities": identities, "themes": themes}


def _exposures_table(world: World) -> pd.DataFrame:
    """Return each exposed customer's variant, at the first checkout they began."""
    plan, exposures, steps = world.planted.experiment, world.exposures, world.steps
    start = world.visits.start[steps.visit]
    met = steps.of("begin_checkout") & world.clock.within(start, plan.first_day, plan.last_day)
    first = np.full(len(world.people), np.iinfo(np.int64).max)
    np.minimum.at(first, world.visits.customer[steps.visit[met]], steps.at[met])
    at = first[exposures.customer]
    by_time = np.argsort(at, kind="stable")
    return pd.DataFrame(
        {
            "experiment": plan.name,
            "variant": np.array(plan.variants, dtype=object)[exposures.variant[by_time]],
            "customer_id": world.people.ids[exposures.customer[by_time]],
            "ts": utc_times(at[by_time]),
        }
    )
