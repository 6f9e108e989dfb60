"""`cxresearch new`: which rows are totals, and which only begin like one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from cxresearch.study import open_study, starting


def rows_of(path: Path, table: str, text: str):
    path.write_text(text, "utf-8")
    assert starting.start("shop", [path]).asks == []
    study = open_study("shop")
    return study.frame(table).to_pandas(), study.counts()["rows_left_out"].tolist()


def test_a_text_that_begins_with_the_word_is_a_text(project: Path):
    text = "Data;Voto;Testo\n25/01/2026;1;Totale delusione, mai più\n26/01/2026;1;Total waste\n"
    rows, left_out = rows_of(project / "r.csv", "feedback", text)
    assert rows["text"].tolist() == ["Totale delusione, mai più", "Total waste"]
    assert left_out == [0]


def test_a_product_that_begins_with_the_word_is_a_line(project: Path):
    text = "order_id,sku,product,quantity,price\nA,S1,Mug,1,5.5\nB,S2,Total Black dress,1,9.5\n"
    rows, left_out = rows_of(project / "l.csv", "order_lines", text)
    assert (rows["price"].tolist(), left_out) == ([5.5, 9.5], [0])


@pytest.mark.parametrize("said", ["Totale", "TOTALE GENERALE", "Grand total"])
def test_a_row_that_lacks_what_each_has_is_a_total(project: Path, said: str):
    text = f"Ordine;Data;Cliente;Totale\nA;25/01/2026;C1;1,5\n;;{said};1,5\n"
    rows, left_out = rows_of(project / "o.csv", "orders", text)
    assert (rows["order_id"].tolist(), left_out) == (["A"], [1])


def test_totals_between_the_rows_are_totals_too(project: Path):
    book = openpyxl.Workbook()
    for row in (
        ("Numero ordine", "Data", "Cliente", "Totale"),
        ("A1", datetime(2026, 1, 5), "C1", 12.5),
        ("Totale gennaio", datetime(2026, 1, 31), None, 12.5),
        *((f"B{n}", datetime(2026, 2, n + 1), "C1", 1.5) for n in range(8)),
        ("Totale febbraio", datetime(2026, 2, 28), None, 12),
    ):
        book.active.append(row)
    book.save(project / "o.xlsx")
    assert starting.start("shop", [project / "o.xlsx"]).asks == []
    study = open_study("shop")
    assert study.frame("orders").to_pandas()["revenue"].sum() == 12.5 + 12
    assert study.counts()["rows_left_out"].tolist() == [2]
