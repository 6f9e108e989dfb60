from __future__ import annotations

import pandas as pd
import pytest

from cxresearch import engine
from cxresearch.study.loaders import row_faults
from cxresearch.study.schema import Column, Table

TABLE = Table(
    "t",
    "one row",
    (
        Column("a", required=True),
        Column("b", allowed=("x", "y")),
        Column("c", "number", low=0, high=1),
        Column("d"),
    ),
)
ROWS = pd.DataFrame(
    {
        "_id": [7, 8, 9, 10],
        "a": ["p", None, "p", "p"],
        "b": ["x", "z", None, "Y"],
        "c": [0.0, 1.0, -0.1, 1.1],
        "d": [None, None, None, None],
    }
)


def failures(rows: pd.DataFrame) -> list[tuple[int, str, str]]:
    with engine.connect() as connection:
        connection.register("given", rows)
        connection.execute("CREATE TABLE cast_rows AS SELECT * FROM given")
        batches = list(row_faults.failures(connection, "cast_rows", TABLE))
    return sorted(row for batch in batches for row in batch.itertuples(index=False, name=None))


EXPECTED = [
    (8, "missing_value", "a"),
    (8, "not_allowed", "b"),
    (9, "out_of_range", "c"),
    (10, "not_allowed", "b"),
    (10, "out_of_range", "c"),
]


@pytest.mark.parametrize("batch_rows", [1, 3, 1_000_000])
def test_each_failure_is_named_by_row_rule_and_column(batch_rows: int, monkeypatch):
    monkeypatch.setattr(row_faults, "BATCH_ROWS", batch_rows)
    assert failures(ROWS) == sorted(EXPECTED)


def test_rows_that_keep_the_contract_fail_nothing():
    assert failures(ROWS.iloc[[0]]) == []


def test_no_rows():
    empty = ROWS.iloc[:0].astype({"a": "str", "b": "str", "d": "str"})
    assert failures(empty) == []


def test_faults_over_many_batches_reach_the_quarantine(orders, monkeypatch):
    # The second batch is read after the faults of the first were written down.
    monkeypatch.setattr(row_faults, "BATCH_ROWS", 2_048)
    rows = [f"A{i},2026-01-05,1,{'lost' if i % 2 else ''}\n" for i in range(10_000)]
    outcome = orders("order_id,ts,revenue,status\n" + "".join(rows))
    assert outcome.found()["not_allowed", "status"] == 5_000
    assert outcome.counts() == [(10_000, 5_000, 5_000)]


def test_more_values_than_the_list_has():
    rows = pd.DataFrame({"_id": range(9), "a": "p", "b": ["x", "y", None, *"abcdef"], "c": 0.5})
    assert failures(rows) == [(i, "not_allowed", "b") for i in range(3, 9)]


def test_one_missing_value_among_many():
    rows = pd.DataFrame({"_id": range(99), "a": "p", "b": "x", "c": 0.5})
    rows.loc[50, "a"] = None
    assert failures(rows) == [(50, "missing_value", "a")]
