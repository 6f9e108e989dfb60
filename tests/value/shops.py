"""Shops whose customers buy, leave and spend by laws that are known."""

from __future__ import annotations

import numpy as np
import pandas as pd

START = pd.Timestamp("2024-01-01")


def leaving_shop(
    seed: int,
    *,
    customers: int = 600,
    days: int = 400,
    arrive: int = 100,
    r: float = 0.9,
    alpha: float = 40.0,
    a: float = 0.8,
    b: float = 2.4,
    price: float = 30.0,
) -> pd.DataFrame:
    """Return orders of customers who may leave after each purchase (MBG/NBD), with gamma spend.

    `alpha` is in days. Each order knows its customer's truth: `leaves_at` (the last purchase, or
    never).
    """
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        rate, leave = rng.gamma(r) / alpha, rng.beta(a, b)
        level = price * 3 / rng.gamma(4)
        day = float(rng.integers(0, arrive))
        while day < days:
            rows.append((f"C{customer:05d}", int(day), round(level * rng.gamma(6) / 6, 2) + 0.01))
            if rng.random() < leave:
                break
            day += rng.exponential(1 / rate)
    frame = pd.DataFrame(rows, columns=["customer_id", "at", "revenue"])
    frame["order_id"] = [f"O{number:06d}" for number in range(len(frame))]
    frame["day"] = START + pd.to_timedelta(frame.pop("at"), unit="D")
    return frame.assign(status="completed", currency="EUR")


def order(customer: str | None, day: str, revenue: float, status: str | None = None) -> dict:
    return {"customer_id": customer, "day": day, "revenue": revenue, "status": status}


def orders(*rows: dict) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame.astype({"status": "string"}).assign(currency="EUR")
