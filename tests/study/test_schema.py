from __future__ import annotations

import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from cxresearch.study import schema


def test_the_canonical_tables():
    assert list(schema.TABLES) == [
        "events",
        "orders",
        "order_lines",
        "deliveries",
        "surveys",
        "feedback",
        "tickets",
        "exposures",
        "messages",
        "marketing",
        "customers",
    ]


@pytest.mark.parametrize("table", schema.TABLES.values(), ids=lambda table: table.name)
def test_a_contract_holds_together(table: schema.Table):
    assert len(set(table.names)) == len(table.names)
    assert set(table.key) <= set(table.names)
    assert set(table.required) <= set(table.names)
    made = {f"{name}_us" for name in table.times} | {"day"}
    assert not made & set(table.names)


def test_required_and_time_columns():
    tickets = schema.table("tickets")
    assert tickets.required == ("ticket_id", "opened")
    assert tickets.times == ("opened", "first_response", "resolved")


def test_another_table_is_refused():
    with pytest.raises(ValueError, match=r"^table must be one of 'events', .*; got 'order'$"):
        schema.table("order")


def test_the_checks_of_a_contract_are_named_by_their_rules():
    checked = schema.dataframe_schema(schema.table("marketing"))
    row = {"date": None, "channel": "x", "impressions": -1, "clicks": 0, "cost": 0.0}
    with pytest.raises(SchemaErrors) as caught:
        checked.validate(pd.DataFrame([row]), lazy=True)
    cases = caught.value.failure_cases
    assert sorted(zip(cases["column"], cases["check"], strict=True)) == [
        ("date", "missing_value"),
        ("impressions", "out_of_range"),
    ]
