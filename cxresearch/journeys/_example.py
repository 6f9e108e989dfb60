"""Six events of three customers, for the examples in docstrings."""

from __future__ import annotations

import pandas as pd

from cxresearch.journeys.prepare import prepare

_LATER = ["2026-05-02 18:00", "2026-05-02 18:10", "2026-05-03 09:00"]
EVENTS = pd.DataFrame(
    {
        "customer_id": ["A", "A", "A", "B", "B", "C"],
        "ts": pd.to_datetime(["2026-05-01 10:00", "2026-05-01 10:05", "2026-05-01 10:09", *_LATER]),
        "event": ["view", "cart", "buy", "view", "cart", "view"],
    }
)
PREPARED = prepare(EVENTS)
