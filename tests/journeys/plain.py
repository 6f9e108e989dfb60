"""The units of a log as plain Python lists, for deriving answers again by a plainer road."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from cxresearch.core.unit_sums import RatioSums
from cxresearch.journeys import Prepared, prepare
from cxresearch.journeys.counting_rules import Unit
from cxresearch.stats.shares.proportions import clustered_proportion

#: Customer and unit.
Key = tuple[str, object]


class Step(NamedTuple):
    """One event of a unit."""

    event: str
    ts_us: int


def units_of(prepared: Prepared, unit: Unit) -> dict[Key, list[Step]]:
    """Return the steps of each unit in their order."""
    rows = prepared.steps(unit).collect().rows(named=True)
    found: dict[Key, list[Step]] = {}
    for row in sorted(rows, key=lambda row: (row["customer_id"], str(row["unit"]), row["step"])):
        steps = found.setdefault((row["customer_id"], row["unit"]), [])
        steps.append(Step(prepared.events[row["event"]], row["ts_us"]))
        assert len(steps) == row["step"]
    return found


def journeys(*visits: str, minutes: float = 1.0) -> Prepared:
    """Return a prepared table of visits written as ``"A: view cart buy"``, a day apart."""
    rows = []
    for day, visit in enumerate(visits):
        customer, names = visit.split(":")
        for place, name in enumerate(names.split()):
            since = pd.Timedelta(days=day, minutes=minutes * place)
            rows.append((customer, pd.Timestamp("2026-05-01 10:00") + since, name))
    return prepare(pd.DataFrame(rows, columns=["customer_id", "ts", "event"]))


def share(inside: Iterable[Key], everyone: Iterable[Key]) -> tuple[float, float, float]:
    """Return the share of units inside with its interval, from one number per customer."""
    units, chosen = list(everyone), set(inside)
    customers = sorted({customer for customer, _ in units})
    counts: Mapping[str, list[int]] = {customer: [0, 0] for customer in customers}
    for key in units:
        counts[key[0]][0] += key in chosen
        counts[key[0]][1] += 1
    x, y = np.array([counts[customer] for customer in customers]).T
    found = clustered_proportion(RatioSums.from_arrays(x, y))
    return found.value, *found.ci
