"""The answers: every planted value, what is to be expected of it, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cxresearch.simulate.arrays import Flags
from cxresearch.simulate.clock import TIME_ZONE, Clock
from cxresearch.simulate.planted import DEVICES, SEGMENTS, YEAR_DAYS, Planted
from cxresearch.simulate.world import World

_ABOUT = {
    "faults": "broken rows added to the exports: table, rule, number of rows; empty when clean",
    "expected": "what the planted values imply for numbers that a study estimates",
    "realised": "what happened in this simulation, counted in the clean tables",
    "order_lines": "price is per piece after discount; quantity times price sums to the revenue",
    "guests": "a guest's order, answer, text or ticket has no customer_id; the events have it",
    "identities": "truth_identities.csv: source, record_id and the person it is",
    "coding": "codes_first.csv, codes_second.csv and decisions.csv: sheets as people fill them in",
    "themes": "truth_themes.csv: themes and polarities of each text in one order, sentiment of all",
    "rates": "shares are between 0 and 1; NPS is in points from -100 to 100; money is in euro",
}


def build(
    seed: int, world: World, tables: Mapping[str, pd.DataFrame], faults: dict[str, dict[str, int]]
) -> dict[str, Any]:
    """Return the whole truth as JSON-ready values, nested by topic."""
    return {
        **world.planted.to_dict(),
        "about": dict(_ABOUT),
        "study": {
            "seed": seed,
            "customers": len(world.people),
            "start": world.clock.start.isoformat(),
            "days": world.clock.days,
            "time_zone": TIME_ZONE,
        },
        "periods": _periods(world.clock, world.planted),
        "expected": _expected(world.planted),
        "realised": _realised(world, tables),
        "faults": faults,
    }


def _periods(clock: Clock, planted: Planted) -> dict[str, dict[str, str]]:
    """Return the first and last date, in the shop's time zone, of what holds for a time."""

    def dates(first: int, after: int) -> dict[str, str]:
        return {
            "first": clock.date(clock.day(first)).isoformat(),
            "last": clock.date(clock.day(after) - 1).isoformat(),
        }

    return {
        "delivery_problem": dates(planted.delivery.first_day, planted.delivery.last_day + 1),
        "experiment": dates(planted.experiment.first_day, planted.experiment.last_day + 1),
        "payment_error": dates(planted.payment_error.first_day, YEAR_DAYS),
    }


def _expected(planted: Planted) -> dict[str, Any]:
    return {
        "purchase_given_checkout": _purchase(planted),
        "relational_nps": _relational_nps(planted),
    }


def _purchase(planted: Planted) -> dict[str, float]:
    """Return the share of checkouts that end in a purchase, payment errors included."""
    error, share = planted.payment_error, planted.funnel.purchase
    usual, common = 1 - error.before * error.gives_up, 1 - error.after * error.gives_up
    control, treatment = planted.experiment.variants
    chances = {
        "usual": share * usual,
        f"{error.device}_with_the_error": share * common,
        control: share * usual,
        treatment: (share + planted.experiment.effect) * usual,
    }
    return _rounded(chances)


def _relational_nps(planted: Planted) -> dict[str, float]:
    """Return NPS by segment, of all customers, and of those who answer."""
    nps, share = planted.nps, np.array(planted.segments.share)
    points = np.array(
        [100 * (chance[0] - chance[2]) for chance in (nps.new, nps.returning, nps.loyal)]
    )
    answering = share * np.array(planted.response.relational)
    by_segment = dict(zip(SEGMENTS, points.tolist(), strict=True))
    return _rounded(
        {
            **by_segment,
            "all_customers": float(share @ points),
            "those_who_answer": float(answering @ points / answering.sum()),
        }
    )


def _realised(world: World, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    orders = tables["orders"]
    kept = orders["status"] == "completed"
    return {
        "rows": {name: len(table) for name, table in tables.items()},
        "funnel_visits": _funnel(world),
        "checkout_experiment": _experiment(world),
        "payment_errors": {
            "payment_steps": int(world.steps.of("payment_step").sum()),
            "failed": int(world.steps.of("payment_error").sum()),
        },
        "orders_by_status": {
            str(status): int(n)
            for status, n in orders["status"].value_counts().sort_index().items()
        },
        "late_orders": int(world.orders.late.sum()),
        "revenue_gross": _sum(orders["revenue"]),
        "revenue_of_completed": _sum(orders["revenue"][kept]),
        "repeat_purchase": {
            "persons": _repeat(pd.Series(world.orders.customer)),
            "customer_ids": _repeat(orders["customer_id"].dropna()),
        },
        "open_tickets": int(tables["tickets"]["resolved"].isna().sum()),
        "segments": {
            name: int((world.people.segment == code).sum()) for code, name in enumerate(SEGMENTS)
        },
        "visits_by_device": {
            name: int((world.visits.device == code).sum()) for code, name in enumerate(DEVICES)
        },
    }


def _funnel(world: World) -> dict[str, int]:
    """Return how many browsing visits reached each step."""
    browsing = ~world.visits.reorder
    steps = ("view_product", "add_to_cart", "begin_checkout", "purchase")
    return {
        "browsing": int(browsing.sum()),
        **{step: int((browsing & _reached(world, step)).sum()) for step in steps},
    }


def _experiment(world: World) -> dict[str, dict[str, int]]:
    """Return, by variant, who was exposed, and the checkouts and purchases of their visits."""
    visits, plan, exposures = world.visits, world.planted.experiment, world.exposures
    checkout, bought = _reached(world, "begin_checkout"), _reached(world, "purchase")
    inside = checkout & world.clock.within(visits.start, plan.first_day, plan.last_day)
    variant = np.full(len(world.people), -1)
    variant[exposures.customer] = exposures.variant
    found = {}
    for code, name in enumerate(plan.variants):
        met = inside & (variant[visits.customer] == code)
        found[name] = {
            "customers": int((exposures.variant == code).sum()),
            "checkouts": int(met.sum()),
            "purchases": int((met & bought).sum()),
        }
    return found


def _reached(world: World, step: str) -> Flags:
    """Return which visits have an event of a step; one past the end of the study is not there."""
    reached = np.zeros(len(world.visits), dtype=bool)
    reached[world.steps.visit[world.steps.of(step)]] = True
    return reached


def _repeat(customers: pd.Series[Any]) -> dict[str, int]:
    """Return how many buyers there are, and how many of them bought again."""
    orders = customers.value_counts()
    return {"buyers": len(orders), "bought_again": int((orders > 1).sum())}


def _rounded(numbers: dict[str, float]) -> dict[str, float]:
    """Return numbers without the noise of binary arithmetic."""
    return {name: round(number, 6) for name, number in numbers.items()}


def _sum(money: pd.Series[float]) -> float:
    return float(round(money.sum(), 2))
