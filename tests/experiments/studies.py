"""A small invented study with an experiment, written as files, for the tests of the room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

PLAN: dict[str, Any] = {
    "name": "one_page",
    "hypothesis": {"en": "One page is better."},
    "variants": {"control": 0.5, "one_page": 0.5},
    "entry": "begin_checkout",
    "start": "2026-02-01",
    "end": "2026-02-10",
    "metrics": [
        {"name": "bought", "role": "primary", "kind": "proportion", "of": "purchase", "days": 7,
         "mde": 0.05},
    ],
}  # fmt: skip
EVENTS = ("begin_checkout", "purchase", "payment_error")
COLUMNS = {
    "exposures": ["customer_id", "variant", "ts"],
    "events": ["customer_id", "event", "ts", "device"],
    "orders": ["order_id", "customer_id", "ts", "revenue", "status", "currency"],
    "surveys": [
        "response_id", "customer_id", "ts", "metric", "score", "scale_min", "scale_max",
        "touchpoint",
    ],
    "tickets": ["ticket_id", "customer_id", "opened"],
    "customers": ["source", "record_id", "customer_id", "segment"],
}  # fmt: skip


def write(
    project: Path,
    rows: Mapping[str, Sequence[tuple[Any, ...]]],
    *,
    time_zone: str = "UTC",
    as_of: str | None = None,
    exposures: Sequence[str] = (),
    **plan: Any,
) -> None:
    """Write a study named ``shop`` with the given rows of its tables and the given plan."""
    folder = project / "data" / "shop"
    folder.mkdir(parents=True, exist_ok=True)
    tables = {}
    for name, own in rows.items():
        columns = [*COLUMNS[name], *(exposures if name == "exposures" else [])]
        frame = pd.DataFrame(list(own), columns=columns)
        if name == "exposures":
            frame = frame.assign(experiment=PLAN["name"])
        if name == "events":
            frame = frame.assign(event_id=[f"e{i}" for i in range(len(frame))])
        frame.to_csv(folder / f"{name}.csv", index=False)
        tables[name] = {"file": f"{name}.csv", "time_zone": "UTC"}
    manifest = {
        "title": {"en": "Shop"},
        "currency": "EUR",
        "time_zone": time_zone,
        "tables": tables,
        "touchpoints": {event: {"touchpoint": "page", "stage": "purchase"} for event in EVENTS},
        "funnel": ["begin_checkout", "purchase"],
        "experiments": [PLAN | plan],
    }
    if as_of:
        manifest["as_of"] = as_of
    (folder / "study.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False), "utf-8")
