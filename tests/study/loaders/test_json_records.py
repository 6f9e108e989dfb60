"""Files of JSON: what is a record, what is none, and where a file is damaged."""

from __future__ import annotations

import json

import pytest

from cxresearch.errors import SchemaError

A = {"order_id": "A", "ts": "2026-01-05", "revenue": 1}
B = {"order_id": "B", "ts": "2026-01-06", "revenue": 2}


@pytest.mark.parametrize("between", ["", "\n", " \n\n"])
@pytest.mark.parametrize("indent", [None, 2])
def test_records_that_follow_each_other_are_read(orders, between: str, indent: int | None):
    text = between.join(json.dumps(one, indent=indent) for one in (A, B, A | {"order_id": "C"}))
    outcome = orders(text, name="o.json")
    assert outcome.rows["order_id"].tolist() == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps([A, B])[:-20], "it is not JSON at line 1, column 87; it ends within a record"),
        (json.dumps([A, B], indent=1)[:-12], "line 10, column "),
        ("[1, 2,, 3]", "it is not JSON at line 1, column 7"),
        ("order_id,ts", "it is not JSON at line 1, column 1"),
    ],
)
def test_where_a_file_is_damaged_is_said(orders, text: str, said: str):
    with pytest.raises(SchemaError) as caught:
        orders(text, name="o.json")
    assert said in caught.value.faults[0]


def test_a_key_given_twice_is_not_read_as_its_last_value(orders):
    good, twice = json.dumps(A), '{"order_id":"B","order_id":"C","ts":"2026-01-06","revenue":2}'
    same = twice.replace('"C"', '"B"')
    outcome = orders(f"{good}\n{twice}\n{same}\n", name="o.jsonl")
    assert outcome.rows["order_id"].tolist() == ["A", "B"]
    assert outcome.rejected["detail"].tolist() == ["key given twice: order_id"]
    with pytest.raises(SchemaError, match="key given twice: order_id"):
        orders(f"[{good}, {twice}]", name="o.json")


@pytest.mark.parametrize("key", ["", 'il "totale"', "a/b", "a~b", "a\\b", "$", "città", "a b"])
def test_a_key_may_have_any_signs(orders, key: str):
    record = {"order_id": "A", "ts": "2026-01-05", "revenue": 1, "il totale": "x", key: "12.5"}
    nested = record | {"n": {key: "web"}}
    columns = {"discount": key, "channel": f"n.{key}"} if key else {}
    outcome = orders(json.dumps(nested) + "\n", name="o.jsonl", columns=columns)
    assert outcome.rows["order_id"].tolist() == ["A"]
    if key:
        assert outcome.rows[["discount", "channel"]].values.tolist() == [[12.5, "web"]]


def test_what_is_called_nan_is_no_number(orders):
    text = '{"order_id":"A","ts":"2026-01-05","revenue":1,"discount":NaN}\n'
    outcome = orders(text + text.replace("NaN", "Infinity").replace('"A"', '"B"'), name="o.jsonl")
    assert outcome.rows["discount"].isna().tolist() == [True]
    assert outcome.found()["not_a_number", "discount"] == 1
