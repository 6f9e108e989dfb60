"""A log of a shop that the kit's simulator did not write, with one thing that broke."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

WEEKS, VISITS, FIRST = 44, 18_000, date(2025, 1, 6)
_MANIFEST = """\
title: {en: Planted}
currency: EUR
time_zone: Europe/Rome
tables:
  events: {file: events.csv, time_zone: UTC}
  orders: {file: orders.csv, time_zone: UTC}
touchpoints:
  item: {touchpoint: item page, stage: consideration}
  basket: {touchpoint: basket, stage: purchase}
  payment: {touchpoint: payment, stage: purchase}
  card_declined: {touchpoint: payment, stage: purchase}
  order_done: {touchpoint: order, stage: purchase}
funnel: [item, basket, payment, order_done]
"""
#: Share of visits that go on from each step, and of payments that fail.
BASKET, PAYMENT, FAILS, BUYS = 0.4, 0.6, 0.02, 0.75
#: Of those whose payment failed so many buy.
BUYS_AFTER_ALL = 0.3
ORDER_VALUE = 60.0


def write(root: Path, name: str, *, broken: str = "", since: int = 34, seed: int = 5) -> None:
    """Write a study in which cards are declined on Android, or a basket leads nowhere on e-mail.

    Parameters
    ----------
    root : Path
        The project.
    name : str
        The study's name.
    broken : {"", "cards", "basket", "cards basket", "mended"}
        What breaks: cards in week `since` and from then on, the basket for six weeks. Mended:
        cards failed until then.
    since : int
        The week.
    seed : int
        Of what is drawn.
    """
    rng = np.random.default_rng(seed)
    customer = rng.integers(0, VISITS // 4, VISITS)
    device = rng.choice(["ios", "android", "web"], VISITS // 4, p=[0.3, 0.4, 0.3])[customer]
    channel = rng.choice(["ads", "organic", "email"], VISITS)
    day = np.sort(rng.integers(0, 7 * WEEKS, VISITS))
    week = day // 7
    wander = rng.normal(0, 0.05, WEEKS)[week]

    def takes(share: float | np.ndarray) -> np.ndarray:
        odds = np.log(share / (1 - share)) + wander
        return rng.random(VISITS) < 1 / (1 + np.exp(-odds))

    basket = takes(BASKET)
    stuck = ("basket" in broken) & (channel == "email") & (week >= since) & (week < since + 6)
    payment = basket & takes(np.where(stuck, PAYMENT / 2, PAYMENT))
    declined = ("cards" in broken) & (device == "android") & (week >= since)
    declined |= (broken == "mended") & (device == "android") & (week < since)
    fails = payment & takes(np.where(declined, 0.2, FAILS))
    buys = payment & takes(np.where(fails, BUYS_AFTER_ALL, BUYS))
    hour = pd.to_timedelta(rng.integers(8, 21, VISITS), unit="h")
    begun = pd.Timestamp(FIRST) + pd.to_timedelta(day, unit="D") + hour
    steps = {
        "item": np.ones(VISITS, bool),
        "basket": basket,
        "payment": payment,
        "card_declined": fails,
        "order_done": buys,
    }
    visits = pd.DataFrame(
        {
            "customer_id": [f"u{one:05d}" for one in customer],
            "session_id": [f"s{one:06d}" for one in range(VISITS)],
            "device": device,
            "channel": channel,
        }
    )
    events = pd.concat(
        [
            visits[took].assign(event=event, ts=(begun + pd.Timedelta(minutes=place))[took])
            for place, (event, took) in enumerate(steps.items())
        ]
    )
    orders = visits.loc[buys, ["customer_id", "channel"]].assign(
        order_id=visits.loc[buys, "session_id"], ts=begun[buys], revenue=ORDER_VALUE, currency="EUR"
    )
    folder = root / "data" / name
    folder.mkdir(parents=True)
    events.to_csv(folder / "events.csv", index=False)
    orders.to_csv(folder / "orders.csv", index=False)
    (folder / "study.yaml").write_text(_MANIFEST, "utf-8")


def day_of(week: int) -> date:
    """Return the first day of a week."""
    return FIRST + timedelta(weeks=week)
