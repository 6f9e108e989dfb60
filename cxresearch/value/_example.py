"""The small shop that the examples in the docstrings are worked on."""

from __future__ import annotations

import pandas as pd

#: Three customers; A bought twice on the first day.
ORDERS = pd.DataFrame(
    [
        ("A", "2024-01-01", 10.0),
        ("A", "2024-01-01", 5.0),
        ("A", "2024-01-15", 20.0),
        ("B", "2024-01-10", 8.0),
        ("C", "2024-01-02", 7.0),
        ("C", "2024-01-09", 9.0),
        ("C", "2024-01-30", 14.0),
    ],
    columns=["customer_id", "day", "revenue"],
).assign(day=lambda orders: pd.to_datetime(orders["day"]), status="completed", currency="EUR")
