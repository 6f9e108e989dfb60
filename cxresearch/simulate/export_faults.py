"""The dirt of real exports: rows added to the clean ones, each broken by one named rule.

Nothing true is lost: without the rejected rows the clean table is back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.simulate.draws import Ints, numbered
from cxresearch.study import schema

#: Table, then rule, then the places of the rows that are copied and broken.
Plan = dict[str, dict[str, Ints]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of broken row.

    Parameters
    ----------
    table, rule : str
        The table, and the rule that finds the row.
    rows : int
        How many such rows are added, where the table has so many to copy.
    column : str, optional
        The column that is broken; without it the row is an exact copy of another.
    value : str, optional
        What the column holds instead; None is nothing.
    """

    table: str
    rule: str
    rows: int
    column: str | None = None
    value: str | None = None


FAULTS = (
    Fault("events", "duplicate_key", 20),
    Fault("events", "missing_value", 15, "customer_id"),
    Fault("events", "unknown_event", 25, "event", "legacy_banner_v1"),
    Fault("orders", "duplicate_key", 12),
    Fault("orders", "not_a_number", 9, "revenue", "n/d"),
    Fault("orders", "future_date", 7, "ts", "2031-03-14T10:00:00Z"),
    Fault("orders", "missing_value", 6, "order_id"),
    Fault("surveys", "score_outside_scale", 14, "score", "99,0"),
    Fault("surveys", "not_a_time", 8, "ts", "31/02/2026 10:00:00"),
    # A lone Latin-1 byte (e with an acute, then a grave accent) in a file that is UTF-8.
    Fault("feedback", "unreadable_row", 8, "text", "Perch\udce9 il pacco non \udce8 arrivato?"),
    Fault("tickets", "times_out_of_order", 5, "first_response", "2020-01-01T09:00:00Z"),
)


def plan_faults(rng: np.random.Generator, tables: Mapping[str, pd.DataFrame]) -> Plan:
    """Return which rows are copied and broken; no row is used twice."""
    plan: Plan = {}
    unused = {
        name: rng.permutation(len(tables[name])) for name in sorted({one.table for one in FAULTS})
    }
    for fault in FAULTS:
        chosen, unused[fault.table] = np.split(
            unused[fault.table], [min(fault.rows, len(unused[fault.table]))]
        )
        if len(chosen):
            plan.setdefault(fault.table, {})[fault.rule] = np.sort(chosen)
    return plan


def counted(plan: Plan) -> dict[str, dict[str, int]]:
    """Return how many rows break each rule, by table."""
    return {
        table: {rule: len(places) for rule, places in rules.items()}
        for table, rules in plan.items()
    }


def spoiled(table: pd.DataFrame, name: str, plan: Plan) -> pd.DataFrame:
    """Return a table with its broken rows, each after the row it was copied from.

    A broken row has a key of its own, unless it is broken by having none or another's.
    """
    table = table.reset_index(drop=True)
    parts, fresh = [table], len(table) + 1
    for fault in FAULTS:
        places = plan.get(name, {}).get(fault.rule)
        if fault.table != name or places is None:
            continue
        rows = table.loc[places].astype(object)
        if fault.column is not None:
            key = schema.table(name).key[0]
            rows[key] = _ids_after(table[key], len(rows), fresh)
            # As objects: pandas' own texts cannot hold the lone bytes of a broken encoding.
            rows[fault.column] = pd.Series([fault.value] * len(rows), rows.index, dtype=object)
            fresh += len(rows)
        parts.append(rows.astype(table.dtypes.to_dict()))
    return pd.concat(parts).sort_index(kind="stable")


def _ids_after(ids: pd.Series[str], n: int, first: int) -> list[str]:
    """Return `n` ids like these, numbered from `first`."""
    like = str(ids.iloc[0])
    return [str(name) for name in numbered(like[0], n, len(like) - 1, first)]
