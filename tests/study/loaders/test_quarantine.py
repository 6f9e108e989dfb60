from __future__ import annotations

import json

import pytest

COLUMNS = ["file", "line", "row", "rule", "column", "detail", "record"]
HEADER = "order_id,ts,revenue\n"


def test_an_empty_quarantine_has_its_columns(orders):
    outcome = orders(HEADER + "A1,2026-01-05,1\n")
    assert list(outcome.rejected) == COLUMNS
    assert outcome.rejected.empty


def test_a_rejected_row_can_be_found_in_its_file_and_read_as_it_was(orders):
    outcome = orders(
        'order_id,the "when",revenue\n\nA1, now ,"1\n2"\n', columns={"ts": 'the "when"'}
    )
    rejected = outcome.rejected
    assert rejected["rule"].tolist() == ["not_a_number", "not_a_time"]
    assert rejected["column"].tolist() == ["revenue", "ts"]
    assert rejected[["file", "line", "row"]].drop_duplicates().to_numpy().tolist() == [
        ["orders.csv", 3, 1]
    ]
    record = {"order_id": "A1", 'the "when"': " now ", "revenue": "1\n2"}
    assert json.loads(rejected["record"][0]) == record


def test_rejected_rows_come_in_the_order_of_their_files(bench):
    bad = HEADER + "A1,2026-01-05,x\nnone\nA2,2026-01-05,y\n"
    rejected = bench("orders", {"z.csv": bad, "a.csv": bad}).rejected
    assert rejected["file"].tolist() == ["z.csv"] * 3 + ["a.csv"] * 3
    assert rejected["line"].tolist() == [2, 3, 4] * 2


@pytest.mark.parametrize("start", ["=", "+", "@", "-", "\t="])
def test_no_cell_is_a_formula(orders, start: str):
    outcome = orders(
        HEADER + f'{start}HYPERLINK("http://example.com")\n', name=f"{start.strip()}a.csv"
    )
    (rejected,) = outcome.rejected.to_dict("records")
    assert rejected["record"].startswith("'")
    assert rejected["file"] == f"'{start.strip()}a.csv"


def test_typed_rows_are_written_by_their_number(bench):
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    columns = {"order_id": ["A1", "A2"], "ts": ["2026-01-05"] * 2, "revenue": [1.0, float("nan")]}
    pq.write_table(pa.table(columns), sink)
    outcome = bench("orders", {"o.parquet": sink.getvalue().to_pybytes()})
    assert outcome.rejected["row"].tolist() == [2]
    assert outcome.rejected["line"].isna().all()
    assert '"order_id":"A2"' in outcome.rejected["record"][0]


@pytest.mark.parametrize(
    ("row", "written", "detail"),
    [
        (
            "A1;2026-01-05;12 pezzi;",
            {"decimal": ",", "thousands": "."},
            "Importo must be a number with the decimal mark ,, thousands grouped by '.'; got 12"
            " pezzi",
        ),
        (
            "A1;5 Jan;1;",
            {},
            "ts must be such as 2026-01-31 10:00:00, or counted since 1970; for others the manifest"
            " gives time_format: %d/%m/%Y, epoch_ms or excel_day; got 5 Jan",
        ),
        (
            "A1;5 Jan;1;",
            {"time_format": "%d/%m/%Y"},
            "ts must be written as %d/%m/%Y; got 5 Jan",
        ),
        (
            "A1;2026-01-05;1;perso",
            {"values": {"status": {"perso": "completed", "reso": "returned"}, "channel": {}}},
            None,
        ),
        (
            "A1;2026-01-05;1;lost",
            {"values": {"status": {"reso": "returned"}}},
            "status must be one of 'completed', 'cancelled', 'returned'; got lost",
        ),
        (";2026-01-05;1;", {}, "order_id must be given; got nothing"),
    ],
)
def test_the_detail_says_what_is_allowed_and_what_was_written(orders, row, written, detail):
    text = f"order_id;ts;Importo;status\n{row}\n"
    outcome = orders(text, columns={"revenue": "Importo"}, **written)
    assert outcome.rejected["detail"].tolist() == ([detail] if detail else [])
