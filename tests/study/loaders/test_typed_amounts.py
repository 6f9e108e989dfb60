"""Where a file has numbers beside texts, the texts alone show how amounts are written."""

from __future__ import annotations

import io
import json
from datetime import date

import openpyxl
import pandas as pd
import pytest

from cxresearch.errors import SchemaError
from tests.study.loaders import made_files

HEADING = ("order_id", "ts", "revenue")


def xlsx(*rows: object) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_json(*rows: object) -> bytes:
    heading, *below = rows
    return json.dumps([dict(zip(heading, row, strict=False)) for row in below]).encode()


def made(kind: str, *amounts: object) -> dict[str, object]:
    rows = [(f"A{n}", "2026-01-05", one) for n, one in enumerate(amounts)]
    write = {"xlsx": xlsx, "ods": made_files.ods, "json": as_json}[kind]
    return {"text": write(HEADING, *rows), "name": f"o.{kind}"}


@pytest.mark.parametrize("kind", ["xlsx", "ods", "json"])
@pytest.mark.parametrize("text", ["1.234", "€ 1.234", "1.234 €", "-1,234"])
def test_a_text_of_two_readings_is_asked_about_beside_numbers(orders, kind: str, text: str):
    with pytest.raises(SchemaError, match="say which with decimal"):
        orders(**made(kind, 12.5, text, 99.9))


@pytest.mark.parametrize("kind", ["xlsx", "ods", "json"])
def test_a_number_is_read_as_what_it_is(orders, kind: str):
    assert orders(**made(kind, 1.234, 10, 5)).rows["revenue"].tolist() == [1.234, 10, 5]


@pytest.mark.parametrize("kind", ["xlsx", "ods", "json"])
def test_numbers_and_texts_with_a_comma_in_one_column(orders, kind: str):
    written = {"decimal": ",", "thousands": "."}
    outcome = orders(**made(kind, 1.234, "1.234", "€ 1.234,50", -0.5, "n/d"), **written)
    assert outcome.rows["revenue"].tolist() == [1.234, 1234, 1234.5, -0.5]
    assert outcome.rejected["detail"].tolist() == [
        "revenue must be a number with the decimal mark ,, thousands grouped by '.'; got n/d"
    ]


def test_a_text_of_spss_is_asked_about(orders, tmp_path):
    rows = [("A", "2026-01-05", "1.234"), ("B", "2026-01-05", "12,5")]
    data = made_files.sav(pd.DataFrame(rows, columns=HEADING), tmp_path)
    with pytest.raises(SchemaError, match="say which with decimal"):
        orders(data, name="o.sav")


def test_what_tells_a_text_is_no_part_of_it(orders):
    text = as_json(
        ("order_id", "ts", "revenue", "channel", "customer_id"),
        ("1.5", "2026-01-05", "x 1.5", "2.50", "11.22"),
        ("1.7", "2026-01-05", 3, "2.50", "11.22"),
    )
    outcome = orders(text, name="o.json")
    assert outcome.rows[["order_id", "channel", "customer_id"]].values.tolist() == [
        ["1.7", "2.50", "11.22"]
    ]
    assert json.loads(outcome.rejected["record"][0])["order_id"] == "1.5"


def test_the_first_filled_of_several_columns_is_asked_about(orders):
    rows = [
        ("order_id", "ts", "a", "b"),
        ("A", "2026-01-05", None, "1.234"),
        ("B", None, 1.5, None),
    ]
    with pytest.raises(SchemaError, match="say which with decimal"):
        orders(xlsx(*rows), name="o.xlsx", columns={"revenue": ["a", "b"]})


@pytest.mark.parametrize("wide", [1, 3])
def test_a_remark_beside_a_sheet_spoils_no_row(orders, wide: int):
    rows = [(f"A{n}", date(2026, 1, n + 1), n + 0.5) for n in range(20)]
    rows[3] = (*rows[3], *["da ricontrollare"] * wide)
    outcome = orders(xlsx(HEADING, *rows), name="o.xlsx")
    assert outcome.rows["revenue"].tolist() == [n + 0.5 for n in range(20)]
    assert outcome.counts() == [(20, 20, 0)]
