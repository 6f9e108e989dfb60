"""The answers: every planted value, what to expect of it, what came of it; and their page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from cxresearch.simulate.block import DEVICES, SEGMENTS, TOWNS, VERSIONS
from cxresearch.simulate.clock import STUDY_DAYS, TIME_ZONE, Clock, utc_times
from cxresearch.simulate.draws import Draws, Floats
from cxresearch.simulate.events import checkout_entries
from cxresearch.simulate.planted import Planted
from cxresearch.simulate.surveys import asked_in_waves
from cxresearch.simulate.visit_paths import units, variant
from cxresearch.simulate.world import World

_ABOUT = {
    "faults": "broken rows added to the exports: table, rule, number of rows; empty when clean",
    "expected": "what the planted values imply for numbers that a study estimates",
    "realised": "what happened in this simulation, counted in the clean tables",
    "order_lines": "price is per piece after discount; quantity times price sums to the revenue",
    "guests": "a guest's order, answer, text or ticket has no customer_id; the events have it",
    "people": "truth_people: each true person, when they came and left, their rate and spending",
    "identities": "truth_identities: source, record_id and the person it is",
    "coding": "codes_first.csv, codes_second.csv and decisions.csv: sheets as people fill them in",
    "themes": "truth_themes: themes and polarities of each text in one order, sentiment of all",
    "rates": "shares are between 0 and 1; NPS is in points from -100 to 100; money is in euro",
}
_STEPS = ("view_product", "add_to_cart", "begin_checkout", "purchase")

#: Where each topic is seen: tables and columns of the written study.
SEEN = {
    "arrivals": "`truth_people`: `arrived`, `known`; ids with V in `events` are browsers",
    "habits": "`orders` by `customer_id`; `truth_people`: `visits_per_year`, `left`, `spend`",
    "segments": "`customers`: `segment` of web and app records",
    "accounts": "`truth_people`: `second_id`; two web records of one `person_id`",
    "season": "`events` and `orders` by day",
    "channels": "`events`: the first of a visit, and `channel`",
    "app": "`events`: `app_version` on mobile",
    "funnel": "`events` by `session_id`; a visit with `reorder` is outside it",
    "orders": "`orders`: `status`, `discount`, `customer_id`; `events`: `reorder`",
    "parcels": "`deliveries`: `delivered` after `promised`, by `method` and `carrier`",
    "nps": "`surveys`: `metric` nps, by `wave` and the customer's `segment`",
    "response": "`surveys` against `realised.asked` and the orders",
    "scores": "`surveys`: `metric` csat and ces, by `touchpoint`",
    "employees": "`surveys`: `metric` enps",
    "tickets": "`tickets`: times, `channel`, `outcome`",
    "stores": "`events`: `store_visit`, by the `city` of the web record",
    "texts": "`feedback`; `truth_themes` has what each is about",
    "coders": "`codes_first.csv`, `codes_second.csv`, `decisions.csv`",
    "consent": "`customers`: `consent`, `consent_sms`, `consent_profiling` at `updated`",
    "records": "`customers`; `truth_identities` has the person of each",
    "letters": "`messages` by `campaign` and `kind`",
    "payment_error": "`events`: `payment_error` after `payment_step`, by `device` and day",
    "experiment": "`exposures`; `purchase` after `begin_checkout`, by variant",
    "late_month": "`deliveries` of orders of the month; delivery surveys, texts and tickets",
    "recovery": "visits after a late parcel, by whether a ticket of the days after solved it",
    "stock_out": "`events`: visits with the page `/product/shoes`, and `order_lines`",
    "slow_search": "`events`: `view_product` after `search`, and the wait, by `app_version`",
    "pickup_launch": "`add_to_cart` after `view_product`, CSAT of returns, by `city` and day",
    "home_page_launch": "`view_product` in the weeks around; orders rise with the season",
    "other_people_asked": "who answers the wave 2025-09, by `segment`; NPS within segments stays",
    "social": "`exposures`: social_holdout; visits per customer in its weeks",
    "retargeting": "`channel` retargeting; `exposures`: retargeting_holdout; visits and orders",
    "offers": "`exposures`: offer_holdout; visits in the days after an offer was sent",
    "store_sms": "`exposures`: store_sms_holdout; `store_visit` in the days after",
    "baskets": "`order_lines`: pairs of `sku` in one order",
    "bots": "`events`: ids with B, hundreds of events in a visit",
    "doubled_events": "`events`: same session, event and second, two ids",
}
_HEAD = f"""<!-- Written by `python -m cxresearch.simulate --page`; a test holds it. -->
# The simulated shop

The demo and the test bed are an invented Italian online shop over three years
({STUDY_DAYS:,} days from 2023-11-01), drawn from one seed. `truth.json` holds the values below and
what came of them. Each belongs to a topic; those of the second part can be switched off or given
another size, each alone: `simulate.shop(effects={{"social": False}})`. Every draw belongs to its
person, visit or order, so what has no part in an effect stays as it is. What plain pandas finds of
each in the tables is [beside it](simulator_seen.md).
"""


def build(
    seed: int,
    customers: int,
    clock: Clock,
    planted: Planted,
    realised: Mapping[str, Any],
    faults: dict[str, dict[str, int]],
) -> dict[str, Any]:
    """Return the whole truth as JSON-ready values, nested by topic."""
    return {
        **planted.to_dict(),
        "about": dict(_ABOUT),
        "study": {
            "seed": seed,
            "customers": customers,
            "start": clock.start.isoformat(),
            "days": clock.days,
            "time_zone": TIME_ZONE,
        },
        "periods": _periods(clock, planted),
        "expected": {
            "purchase_given_checkout": _purchase(planted),
            "relational_nps": _relational_nps(planted),
        },
        "realised": dict(realised),
        "faults": faults,
    }


def _periods(clock: Clock, planted: Planted) -> dict[str, dict[str, str]]:
    """Return the first and last date, in the shop's time zone, of what holds for a time."""

    def dates(first: int, last: int) -> dict[str, str]:
        end = clock.day(last + 1) if last >= 0 else clock.days
        return {
            "first": clock.date(clock.day(first)).isoformat(),
            "last": clock.date(end - 1).isoformat(),
        }

    topics = {
        name: getattr(planted, name)
        for name in (
            *("payment_error", "experiment", "late_month", "stock_out", "pickup_launch"),
            *("home_page_launch",),
        )
    } | {"ad_holdouts": planted.social}
    slow = VERSIONS.index(planted.slow_search.version)
    releases = planted.app.released
    return {
        name: dates(topic.first_day, getattr(topic, "last_day", -1))
        for name, topic in topics.items()
    } | {"slow_search": dates(releases[slow], releases[slow + 1] - 1)}


def _purchase(planted: Planted) -> dict[str, float]:
    """Return the share of checkouts that end in a purchase, payment errors included."""
    error, share = planted.payment_error, planted.funnel.purchase
    lost = {name: error.gives_up * getattr(error, name) for name in ("before", "after")}
    return _rounded(
        {
            "usual": share * (1 - lost["before"]),
            "mobile_with_the_error": share * (1 - lost["after"]),
            "one_page": (share + planted.experiment.effect) * (1 - lost["before"]),
        }
    )


def _relational_nps(planted: Planted) -> dict[str, float]:
    """Return the NPS of each segment, of all people, of those who answer, and weighted.

    `of_all` is by the planted shares of the segments; who is asked in a wave is a little other,
    for those who come often are there sooner (see ``realised.asked``).
    """
    chances = np.array([planted.nps.new, planted.nps.returning, planted.nps.loyal])
    score = 100 * (chances[:, 0] - chances[:, 2])
    share, response = np.array(planted.segments.share), planted.response
    by_feeling = chances * np.array(response.satisfied)
    answering = np.array(response.relational)[:, None] * by_feeling
    heard = 100 * (by_feeling[:, 0] - by_feeling[:, 2]) / by_feeling.sum(axis=1)
    weight = share * answering.sum(axis=1)
    return _rounded(
        {
            **dict(zip(SEGMENTS, score.tolist(), strict=True)),
            "of_all": float(share @ score),
            "of_those_who_answer": float(weight @ heard / weight.sum()),
            "weighted_by_segment": float(share @ heard),
            **{
                f"heard_{name}": value for name, value in zip(SEGMENTS, heard.tolist(), strict=True)
            },
        }
    )


def people(world: World) -> pd.DataFrame:
    """Return each true person of a block: what they are, and what they would do unharmed."""
    who, end = world.people, world.clock.end_s
    conversion = _conversion(world)
    again = np.array(world.planted.orders.reorder)[who.segment]
    return pd.DataFrame(
        {
            "person_id": who.ids,
            "second_id": pd.Series(who.second_ids, dtype="str"),
            "known": who.known,
            "arrived": utc_times(who.arrived),
            "left": utc_times(np.where(who.left < end, who.left, -1)),
            "visits_per_year": who.visits_per_year,
            "orders_per_year": who.visits_per_year * (again + (1 - again) * conversion),
            "spend": who.spend,
            "segment": np.array(SEGMENTS, dtype=object)[who.segment],
            "device": np.array(DEVICES, dtype=object)[who.device],
            "town": np.array(list(TOWNS), dtype=object)[who.town],
        }
    )


def _conversion(world: World) -> Floats:
    """Return each person's own share of visits that end in an order, where nothing happens."""
    funnel, draws = world.planted.funnel, Draws(world.seed, "visits")

    def own(step: str, share: float) -> Floats:
        tendency = draws.normal(f"customer_{step}", world.people.key)
        score = ndtri(share) - np.sqrt(funnel.icc) * tendency
        return np.asarray(ndtr(score / np.sqrt(1 - funnel.icc)))

    carts = np.stack([own("add_to_cart", share) for share in funnel.add_to_cart])
    habit = 0.8 * np.eye(len(DEVICES))[world.people.device].T + 0.2 * np.array(
        [[0.30], [0.62], [0.08]]
    )
    error = 1 - world.planted.payment_error.before * world.planted.payment_error.gives_up
    return np.asarray(
        own("view_product", funnel.view_product)
        * (carts * habit).sum(axis=0)
        * own("begin_checkout", funnel.begin_checkout)
        * own("purchase", funnel.purchase)
        * error
    )


def realised(world: World, orders: pd.DataFrame, rows: Mapping[str, int]) -> dict[str, Any]:
    """Return what happened in a block, as numbers that are summed over blocks."""
    who, visits = world.people, world.visits
    kept = orders["status"] == "completed"
    return {
        "rows": dict(rows),
        "funnel_visits": _funnel(world),
        "checkout_experiment": _experiment(world),
        "orders": {
            str(status): int(n)
            for status, n in orders["status"].value_counts().sort_index().items()
        },
        "late_orders": int(world.orders.late.sum()),
        "revenue_gross": _sum(orders["revenue"]),
        "revenue_of_completed": _sum(orders["revenue"][kept]),
        "repeat_purchase": {
            "persons": _repeat(pd.Series(world.orders.person)),
            "customer_ids": _repeat(orders["customer_id"].dropna()),
        },
        "open_tickets": int((world.tickets.resolved < 0).sum()),
        "segments": {name: int((who.segment == code).sum()) for code, name in enumerate(SEGMENTS)},
        "known": int(who.known.sum()),
        "still_there": int((who.left >= world.clock.end_s).sum()),
        "asked": {
            f"{world.clock.date(world.clock.day(day)):%Y-%m}": {
                name: int((who.segment[asked] == code).sum()) for code, name in enumerate(SEGMENTS)
            }
            for day, asked in zip(world.planted.nps.wave_days, asked_in_waves(world), strict=True)
        },
        "visits_by_device": {
            name: int((visits.device == code).sum()) for code, name in enumerate(DEVICES)
        },
    }


def added(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return nested numbers, summed.

    Examples
    --------
    >>> added([{"a": 1, "b": {"c": 2}}, {"a": 3, "b": {"d": 1.5}}])
    {'a': 4, 'b': {'c': 2, 'd': 1.5}}
    """
    total: dict[str, Any] = {}
    for name in dict.fromkeys(name for part in parts for name in part):
        values = [part[name] for part in parts if name in part]
        if isinstance(values[0], Mapping):
            total[name] = added(values)
        else:
            total[name] = round(sum(values), 2)
    return total


def _funnel(world: World) -> dict[str, int]:
    """Return how many browsing visits reached each step."""
    browsing = ~world.visits.reorder
    reached = {step: world.steps.reached(step, len(browsing)) & browsing for step in _STEPS}
    return {
        "browsing": int(browsing.sum()),
        **{step: int(visits.sum()) for step, visits in reached.items()},
    }


def _experiment(world: World) -> dict[str, dict[str, int]]:
    """Return, by variant, who was exposed, and the checkouts and purchases of their visits."""
    visits, plan = world.visits, world.planted.experiment
    *_, entered = checkout_entries(world)
    checkout = world.steps.reached("begin_checkout", len(visits))
    bought = world.steps.reached("purchase", len(visits)) & ~visits.reorder
    inside = checkout & world.clock.within(visits.start, plan.first_day, plan.last_day)
    given = variant(Draws(world.seed, "visits"), units(world.people, visits.person, visits.start))
    found = {}
    for code, name in enumerate(plan.variants):
        met = inside & (given == code)
        found[name] = {
            "customers": int((entered == code).sum()),
            "checkouts": int(met.sum()),
            "purchases": int((met & bought).sum()),
        }
    return found


def _repeat(customers: pd.Series[Any]) -> dict[str, int]:
    """Return how many buyers there are, and how many of them bought again."""
    orders = customers.value_counts()
    return {"buyers": len(orders), "bought_again": int((orders > 1).sum())}


def _rounded(numbers: dict[str, float]) -> dict[str, float]:
    """Return numbers without the noise of binary arithmetic."""
    return {name: round(number, 6) for name, number in numbers.items()}


def _sum(money: pd.Series[float]) -> float:
    return float(round(money.sum(), 2))


def page(planted: Planted) -> str:
    """Return the page in Markdown."""
    switches = planted.switchable()
    traits = [one.name for one in fields(planted) if one.name not in switches]
    parts = [_HEAD, "## What the shop is like\n"]
    parts += [_section(name, getattr(planted, name)) for name in traits]
    parts.append("## What happens to it\n")
    parts += [_section(name, getattr(planted, name)) for name in switches]
    return "\n".join(parts)


def _section(name: str, topic: Any) -> str:
    rows = "\n".join(
        f"| `{one.name}` | {_shown(getattr(topic, one.name))} |" for one in fields(topic)
    )
    what = "\n".join(line.strip() for line in topic.__doc__.strip().splitlines())
    table = f"| value | planted |\n| --- | --- |\n{rows}"
    return f"### {name}\n\n{what}\n\nSeen in {SEEN[name]}.\n\n{table}\n"


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_shown(one) for one in value)
    return str(value)
