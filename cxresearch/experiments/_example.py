"""The small experiments that the examples in the docstrings are worked on."""

from __future__ import annotations

import pandas as pd

from cxresearch.study.plans import Experiment

_PLAN = {
    "name": "one_page",
    "hypothesis": {"en": "One page is better."},
    "variants": {"control": 0.5, "one_page": 0.5},
    "entry": "begin_checkout",
    "start": "2026-02-01",
    "end": "2026-02-28",
    "metrics": [
        {"name": "bought", "role": "primary", "kind": "proportion", "of": "purchase", "days": 7,
         "mde": 0.05},
    ],
}  # fmt: skip
#: A plan of one metric.
PLAN = Experiment.model_validate(_PLAN)

#: Who met it: one customer twice, one in both variants, one before it started.
EXPOSURES = pd.DataFrame(
    [
        ("anna", "control", "2026-02-03"),
        ("anna", "control", "2026-02-05"),
        ("bruno", "one_page", "2026-02-03"),
        ("carla", "control", "2026-02-04"),
        ("carla", "one_page", "2026-02-06"),
        ("dario", "one_page", "2026-01-31"),
    ],
    columns=["customer_id", "variant", "day"],
).assign(
    experiment="one_page",
    ts_us=lambda rows: pd.to_datetime(rows["day"]).astype("datetime64[us]").astype("int64"),
)

#: One row per customer: what each spent in the experiment and before it.
CUSTOMERS = pd.DataFrame(
    {
        "variant": ["control"] * 6 + ["one_page"] * 6,
        "bought": [0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 0],
        "revenue": [0, 30, 0, 0, 20, 0, 40, 25, 0, 30, 45, 0],
        "orders": [0, 1, 0, 0, 1, 0, 2, 1, 0, 1, 2, 0],
        "before": [5, 30, 0, 10, 15, 0, 30, 20, 5, 25, 30, 10],
        "device": ["mobile", "desktop"] * 6,
    }
)
