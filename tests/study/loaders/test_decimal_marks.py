"""A number that may be read in two ways is asked about, unless its file shows which is meant."""

from __future__ import annotations

import pytest

from cxresearch.errors import SchemaError

#: What says nothing of the decimal mark.
SILENT = ["950", "-3", "", "n/a", "100"]


def table(values: list[str], delimiter: str) -> str:
    cells = [f'"{value}"' if delimiter in value else value for value in values]
    rows = [f"A{i}{delimiter}2026-01-05{delimiter}{cell}\n" for i, cell in enumerate(cells)]
    return delimiter.join(["order_id", "ts", "revenue\n"]) + "".join(rows)


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("value", ["1.210", "1,210", "-12.345", "+999.000", "100,000"])
def test_a_number_of_two_readings_is_asked_about(orders, delimiter: str, value: str):
    with pytest.raises(SchemaError, match=r"say which with decimal: \"\.\" or decimal: \",\""):
        orders(table([value, *SILENT], delimiter))


def test_the_question_names_file_column_value_rows_and_both_readings(orders):
    with pytest.raises(SchemaError) as caught:
        orders(table(["7", "1.210", "3.000"], ";"))
    assert caught.value.faults[0].startswith(
        "orders.csv: revenue: '1.210' and 1 more may be 1.210 or 1210; "
    )


@pytest.mark.parametrize(
    "shown", ["45.5", "0.125", "1234.567", ".5", "1,210.50", "1,210,000", "2.", "1.5e3", "1.2345"]
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_point_that_is_shown_to_be_decimal_is_read_as_one(orders, shown: str, delimiter: str):
    outcome = orders(table(["1.210", shown], delimiter))
    assert outcome.rows["revenue"].iloc[0] == 1.21


@pytest.mark.parametrize("shown", ["45,5", "0,125", "1234,567", "1.210,50", "1.210.000", ",5"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_point_beside_decimal_commas_is_no_decimal_point(orders, shown: str, delimiter: str):
    with pytest.raises(SchemaError, match="say which"):
        orders(table(["1.210", shown], delimiter))


def test_another_column_of_the_file_shows_it_as_well(orders):
    head = "order_id;ts;revenue;discount\n"
    outcome = orders(head + "A1;2026-01-05;1.210;0.5\n")
    assert outcome.rows["revenue"].tolist() == [1.21]
    with pytest.raises(SchemaError, match=r"revenue: '1\.210'"):
        orders(head + "A1;2026-01-05;1.210;0,5\n")


def test_what_shows_both_marks_shows_neither(orders):
    with pytest.raises(SchemaError, match="say which"):
        orders(table(["1.210", "4.5", "4,5"], ";"))


def test_commas_between_fields_say_nothing_of_the_decimal_mark(orders):
    # What Meta and Google write in Italian has both: fields by commas, thousands by points.
    for values in (["1.210", "950"], ["1.210", "1,210"]):
        with pytest.raises(SchemaError, match="say which"):
            orders(table(values, ","))
    assert orders(table(["1.210", "9.5"], ",")).rows["revenue"].tolist() == [1.21, 9.5]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"decimal": "."}, 1.21),
        ({"decimal": ",", "thousands": "."}, 1210),
        ({"thousands": ","}, 1.21),
        ({"values": {"revenue": {"1.210": "1210"}}}, 1210),
    ],
)
def test_a_manifest_that_says_is_not_asked(orders, written: dict[str, str], value: float):
    assert orders(table(["1.210"], ";"), **written).rows["revenue"].tolist() == [value]


def test_counts_are_numbers_too(orders):
    with pytest.raises(SchemaError, match=r"items: '2\.000' may be 2\.000 or 2000"):
        orders("order_id;ts;revenue;items\nA1;2026-01-05;5;2.000\n")


def test_texts_and_times_are_not_numbers(orders):
    text = "order_id;ts;revenue;channel\n1.210;2026-01-05;5;1.210\n"
    assert orders(text).rows["order_id"].tolist() == ["1.210"]


def test_a_number_with_a_decimal_comma_that_nobody_announced_is_rejected(orders):
    outcome = orders(table(["1,5", "12"], ";"))
    assert outcome.rows["revenue"].tolist() == [12]
    assert outcome.found()["not_a_number", "revenue"] == 1


def test_typed_numbers_are_what_they_are(bench):
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"order_id": ["A"], "ts": ["2026-01-05"], "revenue": [1.21]}), sink)
    outcome = bench("orders", {"o.parquet": sink.getvalue().to_pybytes()})
    assert outcome.rows["revenue"].tolist() == [1.21]
