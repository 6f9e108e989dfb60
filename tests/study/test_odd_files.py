"""`cxresearch new`: files that are damaged say how, and odd ones are read."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest

from cxresearch.study import manifest, open_study, starting
from tests.study.begun import begun


def asked(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (ask,) = starting.start("shop", [path]).asks
    return ask


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "order_id,date,total\nA,2026-01-05,12,50\nB,2026-01-06,9,90\n",
            "its heading has 3 names, its rows have 4 fields: is ',' a part of a value",
        ),
        (
            'order_id,date,total\n"A,2026-01-05,12.50"\n"B,2026-01-06,9.90"\n',
            "each line is in quotes as a whole",
        ),
        ("'order_id','date'\n'A','2026-01-05'\n", "its fields are in single quotes"),
        ("order_id,date\n'A','2026-01-05'\n'B','5,6'\n", "its fields are in single quotes"),
    ],
)
def test_why_a_text_is_no_table_is_said(project: Path, text: str, said: str):
    assert said in asked(project / "o.csv", text)


@pytest.mark.parametrize(("ending", "kind"), [("xlsx", "a workbook"), ("zip", "an archive")])
def test_a_workbook_that_is_cut_off_is_one(project: Path, ending: str, kind: str):
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["order_id", "date", "total"])
    book.save(out)
    said = f"it begins as {kind} and is cut off or damaged; export it again"
    assert said in asked(project / f"o.{ending}", out.getvalue()[:-400])


@pytest.mark.parametrize("codec", ["mac_roman", "cp850", "cp1252"])
def test_the_encoding_is_that_of_the_accents(project: Path, codec: str):
    text = "Numero ordine;Data;Canale;Totale\nA;25/01/2026;Città di Forlì;1,5\n"
    (project / "o.csv").write_bytes(text.encode(codec))
    started = starting.start("shop", [project / "o.csv"])
    assert manifest.parse(started.text).tables["orders"][0].encoding == codec
    assert open_study("shop").frame("orders").to_pandas()["channel"].tolist() == ["Città di Forlì"]


def test_a_line_of_an_order_is_of_the_order_whatever_ids_it_has(project: Path):
    lines = [{"id": 7, "sku": "S", "quantity": 2, "price": 1.5}]
    order = {"id": 1, "created_at": "2026-01-05T10:00:00Z", "total": "3.00", "line_items": lines}
    _, asks, rows = begun(project / "o.json", "order_lines", json.dumps([order, order | {"id": 2}]))
    assert asks == []
    assert rows["order_id"].tolist() == ["1", "2"]


@pytest.mark.parametrize("heading", ["total_cents", "Totale (centesimi)"])
def test_a_total_in_cents_is_a_total(project: Path, heading: str):
    text = f"order_id,created_at,{heading}\nA,2026-01-05,1250\nB,2026-01-06,999\n"
    _, asks, rows = begun(project / "o.csv", "orders", text)
    assert asks == []
    assert rows["revenue"].tolist() == [12.5, 9.99]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("05/Jan/2026:10:00:00 +0100", "2026-01-05 09:00:00"),
        ("25/Jul/2026:10:00:00 +0200", "2026-07-25 08:00:00"),
        ("25/lug/2026 10:00:00", "2026-07-25 08:00:00"),
        ("2026-07-25T10:00:00+02:00[Europe/Rome]", "2026-07-25 08:00:00"),
        ("2026-07-25T10:00:00Z[UTC]", "2026-07-25 10:00:00"),
        ("2026-07-25 10:00:00 Europe/Rome", "2026-07-25 08:00:00"),
        ("2026-01-25 10:00 America/New_York", "2026-01-25 15:00:00"),
    ],
)
def test_times_as_servers_write_them(project: Path, written: str, utc: str):
    text = f"visitor_id,event,time\nv1,view,{written}\n"
    _, asks, rows = begun(project / "e.csv", "events", text)
    assert asks == []
    assert rows["ts"].astype(str).tolist() == [utc]


def test_a_report_of_a_whole_account_is_read(project: Path):
    text = (
        "Day,Impressions,Link clicks,Amount spent (EUR)\n"
        "2026-01-05,10,1,5.00\n2026-01-06,10,1,6.00\n,20,2,11.00\n"
    )
    source, _, rows = begun(project / "m.csv", "marketing", text)
    assert source.profile == "meta_ads"
    assert rows["cost"].tolist() == [5.0, 6.0]


def test_a_ticket_is_reopened_however_often(project: Path):
    text = "Id,Status,Created at,Via,Satisfaction Score,Reopens\n"
    text += "".join(f"{n},Open,2026-01-05 10:00,Mail,,{n}\n" for n in (0, 1, 9, 12, 20))
    _, _, rows = begun(project / "t.csv", "tickets", text)
    assert rows["reopened"].tolist() == [False, True, True, True, True]


def test_of_an_older_courier_the_order_is_the_senders_reference(project: Path):
    text = "Rif. mittente;Data spedizione;Data consegna\nA1;25/01/2026;27/01/2026\n"
    _, asks, rows = begun(project / "d.csv", "deliveries", text)
    assert (asks, rows["order_id"].tolist()) == ([], ["A1"])


def test_dates_that_may_begin_with_the_year_are_asked_for(project: Path):
    text = "order_id;date;total\nA;26/01/05;1\nB;26/01/25;2\n"
    assert (
        "'26/01/05' may have the day first or the year: time_format: '%d/%m/%y' or '%y/%m/%d'"
        in (asked(project / "o.csv", text))
    )


def test_dates_of_one_year_end_with_it(project: Path):
    text = "order_id;date;total\nA;05/01/26;1\nB;25/01/26;2\n"
    _, asks, rows = begun(project / "o.csv", "orders", text)
    assert asks == []
    assert rows["day"].astype(str).tolist() == ["2026-01-05", "2026-01-25"]


def test_an_answer_beyond_the_stated_scale_changes_no_other(project: Path):
    text = "Data risposta;Quanto sei soddisfatto? (1-5)\n25/01/2026;5\n26/01/2026;6\n27/01/2026;1\n"
    _, _, rows = begun(project / "s.csv", "surveys", text)
    assert rows[["score", "scale_min", "scale_max"]].values.tolist() == [[5, 1, 5], [1, 1, 5]]
    assert open_study("shop").quarantine("surveys")["rule"].tolist() == ["score_outside_scale"]


@pytest.mark.parametrize("rating", ["4/5", "\u2605\u2605\u2605"])
def test_a_column_that_is_passed_over_is_named(project: Path, rating: str):
    text = f"Data;Voto;Testo\n25/01/2026;{rating};Ottimo davvero bello\n"
    said = f"feedback: rating: 'Voto' is not read: {rating!r} is no number"
    assert said in asked(project / "r.csv", text)


def test_zeros_that_a_sheet_shows_before_a_code_are_part_of_it(project: Path):
    book = openpyxl.Workbook()
    for row in (["Codice cliente", "Nome", "Email", "CAP"], [123, "Ada", "a@example.com", 184]):
        book.active.append(row)
    book.active["A2"].number_format, book.active["D2"].number_format = "000000", "00000"
    book.save(project / "c.xlsx")
    assert starting.start("shop", [project / "c.xlsx"]).asks == []
    rows = open_study("shop").frame("customers").to_pandas()
    assert rows[["record_id", "postcode"]].values.tolist() == [["000123", "00184"]]


def test_what_a_database_of_documents_says_of_types_is_no_part_of_a_value(project: Path):
    order = {
        "_id": {"$oid": "64a"},
        "createdAt": {"$date": "2026-01-05T10:00:00Z"},
        "total": {"$numberDecimal": "12.345"},
        "customer": {"email": "a@example.com"},
    }
    later = order | {
        "_id": {"$oid": "64b"},
        "createdAt": {"$date": {"$numberLong": "1767605400000"}},
    }
    text = json.dumps(order) + "\n" + json.dumps(later) + "\n"
    _, asks, rows = begun(project / "o.jsonl", "orders", text)
    assert asks == []
    assert rows["order_id"].tolist() == ["64a", "64b"]
    assert rows["revenue"].tolist() == [12.345] * 2
    assert rows["ts"].astype(str).tolist() == ["2026-01-05 10:00:00", "2026-01-05 09:30:00"]


def test_statuses_of_the_shops_own_database(project: Path):
    text = "order_id,date,total,status\nA,2026-01-05,1,wc-completed\nB,2026-01-05,1,wc-refunded\n"
    _, asks, rows = begun(project / "o.csv", "orders", text)
    assert (asks, rows["status"].tolist()) == ([], ["completed", "returned"])


def test_a_line_without_a_code_is_named_by_what_else_names_it(project: Path):
    lines = [
        {"id": 1, "sku": "S1", "product_id": 93, "quantity": 2, "price": 3},
        {"id": 2, "sku": "", "product_id": 94, "quantity": 1, "price": 6},
    ]
    order = {"id": 7, "status": "completed", "date_created": "2026-03-22T16:28:02", "total": "12"}
    (project / "o.json").write_text(json.dumps([order | {"line_items": lines}]), "utf-8")
    starting.start("shop", [project / "o.json"])
    rows = open_study("shop").frame("order_lines").to_pandas()
    assert rows["sku"].tolist() == ["S1", "94"]


def test_a_line_of_a_text_without_a_code_too(project: Path):
    flat = "order_id,sku,product name,quantity,price\nA,S1,Mug,1,2\nA,,Cup,1,3\n"
    assert begun(project / "l.csv", "order_lines", flat)[2]["sku"].tolist() == ["S1", "Cup"]


def test_a_sale_is_an_order_though_the_day_it_was_shipped_stands_there(project: Path):
    text = (
        "Sale Date,Order ID,Buyer User ID,Date Shipped,Currency,Order Value,Order Total\n"
        '02/14/26,2001,ada99,02/16/26,EUR,40,45.00\n01/04/26,2002,,,EUR,20,"1,018.00"\n'
    )
    rows = begun(project / "o.csv", "orders", text)[2]
    assert rows[["order_id", "revenue"]].to_numpy().tolist() == [["2001", 45.0], ["2002", 1018.0]]
    assert [str(one)[:10] for one in rows["day"]] == ["2026-02-14", "2026-01-04"]
