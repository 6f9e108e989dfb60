"""Sheets of OpenDocument are read as those of XLSX are."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cxresearch.errors import SchemaError
from cxresearch.study.loaders import workbooks
from tests.study.loaders import made_files

HEADING = ("order_id", "ts", "revenue", "status")


def test_an_opendocument_sheet(orders):
    rows = [
        ("Ordini di gennaio",),
        HEADING,
        (1001, datetime(2026, 1, 5, 10, 30), 1234.5, "completed"),
        (None, None, None, None),
        ("B & C", date(2026, 1, 6), 7, None),
        ("D", "2026-01-07", "tanto", None),
    ]
    outcome = orders(made_files.ods(*rows), name="o.ods", skip_rows=1)
    assert outcome.rows["order_id"].tolist() == ["1001", "B & C"]
    assert [str(one) for one in outcome.rows["ts"]] == [
        "2026-01-05 10:30:00",
        "2026-01-06 00:00:00",
    ]
    assert outcome.rows["revenue"].tolist() == [1234.5, 7.0]
    assert outcome.counts() == [(3, 2, 1)]
    assert json.loads(outcome.rejected["record"][0])["revenue"] == "tanto"


def test_its_sheets_are_asked_for_and_what_is_typed_is_written_as_the_file_says(orders):
    rows = [HEADING, ("A", datetime(2026, 2, 3, 9, 5), 1.5, None)]
    with pytest.raises(SchemaError, match="sheet: must be one of Foglio1, Foglio2; got None"):
        orders(made_files.ods(*rows, sheets=2), name="o.ods")
    written = {"decimal": ",", "time_format": "%d/%m/%Y %H:%M", "sheet": "Foglio1"}
    outcome = orders(made_files.ods(*rows, sheets=2), name="o.ods", **written)
    assert outcome.rows["revenue"].tolist() == [1.5]
    assert str(outcome.rows["ts"][0]) == "2026-02-03 09:05:00"


def test_it_may_be_gzipped(orders):
    packed = gzip.compress(made_files.ods(HEADING, ("A", date(2026, 1, 5), 3, None)))
    assert orders(packed, name="o.ods.gz").rows["revenue"].tolist() == [3.0]


def test_a_text_that_is_called_xls_is_read_as_text(orders):
    text = "order_id\tts\trevenue\nA\t2026-01-05\t3\n"
    assert orders(text, name="o.xls").rows["revenue"].tolist() == [3.0]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("o.xls", b"\xef\xbb\xbf<html><table><tr><td>order_id</td></tr></table></html>"),
        ("o.xlsb", b"PK"),
        ("o.xls", b"\xd0\xcf\x11\xe0\xa1\xb1"),
        ("o.ods", b"no archive"),
    ],
)
def test_what_is_not_read_says_what_to_save_it_as(orders, name, data):
    with pytest.raises(SchemaError, match=r"not read; save it as \.xlsx or \.csv"):
        orders(data, name=name)


def test_a_damaged_workbook_is_the_kits_own_error(orders):
    data = made_files.ods(HEADING)
    with pytest.raises(SchemaError, match=r"^o\.ods.*\n.*the file cannot be read: "):
        orders(data[: len(data) // 2], name="o.ods", format="ods")


def test_the_mark_of_an_archives_end_may_stand_in_any_binary(tmp_path):
    path = tmp_path / "tickets.parquet"
    texts = pa.table({"text": ["PK\x05\x06" + "\0" * 18]})
    pq.write_table(texts, path, compression="none", use_dictionary=False)
    assert zipfile.is_zipfile(path)  # Python looks for that mark only
    assert (workbooks.kind(path), workbooks.inside(path)) == ("", [])


def test_a_date_that_is_a_cell_keeps_its_clock_whatever_the_texts_beside_it_are_like(orders):
    # Some cells were typed as text, a day alone; the others are dates, of which one has a clock.
    cells = [datetime(2026, 2, 5, 14, 30, 15), "25/02/2026", date(2026, 2, 6)]
    rows = [HEADING, *((f"A{n}", one, 1.0, None) for n, one in enumerate(cells))]
    outcome = orders(made_files.ods(*rows), name="o.ods", time_format="%d/%m/%Y")
    assert [str(one) for one in outcome.rows["ts"]] == [
        "2026-02-05 14:30:15",
        "2026-02-25 00:00:00",
        "2026-02-06 00:00:00",
    ]


def test_a_day_and_a_clock_in_two_columns_are_one_time(orders):
    rows = [
        ("order_id", "day", "hour", "revenue"),
        ("A", datetime(2026, 2, 5), "09:05", 1.0),
        ("B", "25/02/2026", "10:30", 1.0),
    ]
    columns = {"ts": {"join": ["day", "hour"]}}
    written = {"columns": columns, "time_format": "%d/%m/%Y %H:%M"}
    outcome = orders(made_files.ods(*rows), name="o.ods", **written)
    times = [str(one) for one in outcome.rows["ts"]]
    assert times == ["2026-02-05 09:05:00", "2026-02-25 10:30:00"]


def test_a_cell_that_is_a_number_is_one_whatever_mark_its_column_has(orders):
    rows = [
        ("order_id", "ts", "revenue", "discount"),
        ("A", "2026-02-05", 1.234, "1.25"),
        ("B", "2026-02-05", "1.234", 2.5),
        ("C", "2026-02-05", "1.234,50", 0.0625),
    ]
    own_way = {"revenue": {"decimal": ",", "thousands": "."}, "discount": {"decimal": "."}}
    got = orders(made_files.ods(*rows), name="o.ods", own_way=own_way).rows
    assert got["revenue"].tolist() == [1.234, 1234.0, 1234.5]
    assert got["discount"].tolist() == [1.25, 2.5, 0.0625]
