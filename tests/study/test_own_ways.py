"""`cxresearch new`: columns of one file that are not written alike each have their own way."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from cxresearch.study import open_study, starting
from tests.study.begun import begun


def test_columns_of_times_that_are_not_written_alike(project: Path):
    text = (
        "Numero ordine;Data spedizione;Data consegna;Consegna prevista\n"
        "A1;2026-02-26;27 feb 2026;28/02/2026 18.00\nA2;2026-02-05;7 feb 2026;03/02/2026 18.00\n"
    )
    source, asks, rows = begun(project / "d.csv", "deliveries", text)
    assert asks == []
    assert source.time_format is None
    forms = {name: own.time_format for name, own in source.own_way.items()}
    assert forms == {"delivered": ["%d %b %Y"], "promised": ["%d/%m/%Y %H.%M"]}
    local = rows.set_index("order_id")[["shipped", "delivered", "promised"]]
    local = local.apply(lambda one: one.dt.tz_localize("UTC").dt.tz_convert("Europe/Rome"))
    assert local.map(lambda one: one.strftime("%d.%m %H")).values.tolist() == [
        ["26.02 00", "27.02 00", "28.02 18"],
        ["05.02 00", "07.02 00", "03.02 18"],
    ]


def test_columns_that_may_be_read_in_two_ways_are_asked_for_once(project: Path):
    text = (
        "Numero ordine;Data spedizione;Data consegna;Consegna prevista\n"
        "A1;01/02/2026;02/02/2026;2026-02-03\n"
    )
    (project / "d.csv").write_text(text, "utf-8")
    asks = starting.start("shop", [project / "d.csv"]).asks
    assert len(asks) == 1
    assert "'01/02/2026' may have the day first or the month" in asks[0]


def test_numbers_of_two_columns_with_two_marks(project: Path):
    text = "Numero ordine;Data;Totale;Sconto\nA;2026-02-05;1.210,50;1.25\nB;2026-02-06;7,00;0.50\n"
    source, asks, rows = begun(project / "o.csv", "orders", text)
    assert asks == []
    assert source.of("revenue").decimal == ","
    assert rows[["revenue", "discount"]].values.tolist() == [[1210.5, 1.25], [7.0, 0.5]]


def test_numbers_of_one_column_with_two_marks_are_asked_for(project: Path):
    text = "Numero ordine;Data;Totale\nA;2026-02-05;1.210,50\nB;2026-02-06;7.25\n"
    _, asks, _ = begun(project / "o.csv", "orders", text)
    assert asks == ["o.csv: orders: '1.210,50' and '7.25' have different decimal marks"]


def test_of_a_sheet_the_cells_that_are_numbers_show_no_mark(project: Path):
    book = openpyxl.Workbook()
    for row in (
        ["Numero ordine", "Data", "Totale"],
        ["A", datetime(2026, 2, 5, 14, 30), 7.25],
        ["B", "25/02/2026", "1.210,50 €"],
    ):
        book.active.append(row)
    book.save(project / "o.xlsx")
    source, asks, rows = begun(project / "o.xlsx", "orders")
    assert (asks, source.decimal) == ([], ",")
    assert rows["revenue"].tolist() == [7.25, 1210.5]
    assert [str(one) for one in rows["ts"]] == ["2026-02-05 13:30:00", "2026-02-24 23:00:00"]


def test_a_column_of_which_some_times_name_their_offset(project: Path):
    text = (
        "Order ID,Order Date,Total\nA,2026-07-05 10:00:00 CEST,1.5\n"
        "B,2026-07-05T08:00:00Z,1.5\nC,25/07/2026 10:00,1.5\nD,2026-07-05 10:00,1.5\n"
    )
    _, asks, rows = begun(project / "o.csv", "orders", text)
    assert asks == []
    assert {str(one)[11:] for one in rows["ts"]} == {"08:00:00"}
    assert len(rows) == 4


def test_what_a_database_writes_for_nothing_is_nobody(project: Path):
    text = (
        "order_id,customer_id,created_at,total,channel\n1,NULL,2026-02-25 10:00:00,10,web\n"
        "2,\\N,2026-02-25 11:00:00,10,NULL\n3,ada,2026-02-25 11:00:00,10,web\n"
        "4,Null,2026-02-25 12:00:00,NULL,web\n5,ada,0000-00-00 00:00:00,10,web\n"
    )
    source, asks, rows = begun(project / "o.csv", "orders", text)
    assert asks == []
    assert source.values["customer_id"] == {"NULL": "", "\\N": ""}
    assert rows["customer_id"].fillna("nobody").tolist() == ["nobody", "nobody", "ada"]
    assert rows["channel"].fillna("none").tolist() == ["web", "none", "web"]
    rejected = open_study("shop").quarantine("orders")
    assert rejected["rule"].tolist() == ["missing_value", "missing_value"]


def test_times_of_which_many_are_null(project: Path):
    text = (
        "order_id,shipped_at,delivered_at\nA,25/02/2026 10:00,NULL\nB,13/02/2026 10:00,NULL\n"
        "C,13/02/2026 10:00,15/02/2026 09:30\n"
    )
    _, asks, rows = begun(project / "d.csv", "deliveries", text)
    assert asks == []
    assert rows["delivered"].notna().tolist() == [False, False, True]


def test_ids_that_a_spreadsheet_has_shortened_are_asked_for(project: Path):
    text = (
        "Order ID,Customer ID,Order Date,Total\n1.23E+12,C1,2026-01-05,10.5\n"
        "1.23E+12,C2,2026-01-06,10.5\n7E+05x,C2,2026-01-06,11.5\n"
    )
    _, asks, _ = begun(project / "o.csv", "orders", text)
    assert [one.partition(", so")[0] for one in asks] == [
        "o.csv: orders: order_id: a spreadsheet has shortened '1.23E+12' (2 of 3)"
    ]


def test_a_person_is_the_first_of_the_ids_that_a_row_gives(project: Path):
    # Who did not log in has no user's number, however the file writes that.
    text = (
        "timestamp,event_name,user_id,visitor_id\n2026-02-25 10:00:00,view,,v1\n"
        "2026-02-25 10:01:00,view,NULL,v2\n2026-02-25 10:02:00,buy,u3,v3\n"
    )
    source, asks, rows = begun(project / "e.csv", "events", text)
    assert asks == []
    assert source.columns["customer_id"].first_of == ["user_id", "visitor_id"]
    assert rows["customer_id"].tolist() == ["v1", "v2", "u3"]


def test_a_user_that_every_row_names_is_the_person(project: Path):
    text = "timestamp,event_name,user_id,visitor_id\n2026-02-25 10:00:00,view,u1,v1\n"
    source, _, rows = begun(project / "e.csv", "events", text)
    assert source.columns["customer_id"].names == ["user_id"]
    assert rows["customer_id"].tolist() == ["u1"]


def test_a_heading_that_comes_twice_is_asked_for_where_its_columns_differ(project: Path):
    text = "Order ID,Order Date,Total,Total,Order Date\nA,2026-01-05,10,11,2026-01-05\n"
    _, asks, _ = begun(project / "o.csv", "orders", text)
    assert asks == ["o.csv: orders: revenue: the heading comes twice: 'Total (1)' or 'Total (2)'"]


def test_a_hidden_sheet_is_asked_for(project: Path):
    book = openpyxl.Workbook()
    for name, hidden in (("Ordini", False), ("Bozza", True)):
        sheet = book.create_sheet(name)
        sheet.append(["Numero ordine", "Data", "Totale"])
        sheet.append([name, datetime(2026, 2, 5), 10])
        sheet.sheet_state = "hidden" if hidden else "visible"
    del book["Sheet"]
    book.save(project / "o.xlsx")
    asks = starting.start("shop", [project / "o.xlsx"]).asks
    assert asks == [
        "o.xlsx/Bozza: orders: the sheet is hidden: take this out if its rows do not count"
    ]


def test_scores_that_are_written_with_a_comma(project: Path):
    text = "Data risposta;Quanto ci consiglieresti? (0-10)\n25/02/2026;9,0\n26/02/2026;10,0\n"
    source, asks, rows = begun(project / "s.csv", "surveys", text)
    assert (asks, source.decimal) == ([], ",")
    assert rows["score"].tolist() == [9.0, 10.0]


@pytest.mark.parametrize(("clock", "asked"), [("930", True), ("0,4375", True), ("9.30", False)])
def test_a_clock_that_is_not_read_is_asked_for(project: Path, clock: str, asked: bool):
    text = f"Numero ordine;Data;Ora;Totale\n1;25/01/2026;{clock};1,5\n2;26/01/2026;{clock};2,5\n"
    _, asks, rows = begun(project / "o.csv", "orders", text)
    said = f"o.csv: orders: ts: 'Ora' is not read: {clock!r} is no time of day"
    assert asks == ([said] if asked else [])
    assert {str(one)[11:] for one in rows["ts"]} == {"23:00:00" if asked else "08:30:00"}


def test_phones_that_a_spreadsheet_has_shortened_are_asked_for(project: Path):
    text = "Codice cliente;Nome;Telefono\nC1;Ada;3,93331E+11\nC2;Ugo;3331234567\n"
    _, asks, _ = begun(project / "c.csv", "customers", text)
    assert [one.partition(", so")[0] for one in asks] == [
        "c.csv: customers: phone: a spreadsheet has shortened '3,93331E+11' (1 of 2)"
    ]
    (found,) = open_study("shop").loaded("customers").findings
    assert (found.rule, found.column, found.rows) == ("shortened_code", "phone", 1)


def test_an_order_with_two_totals_is_asked_for(project: Path):
    text = "order_id,created_at,total\n1,2026-02-25,10\n1,2026-02-25,12\n2,2026-02-25,10\n"
    source, asks, rows = begun(project / "o.csv", "orders", text)
    assert source.add_up
    assert rows["revenue"].tolist() == [22.0, 10.0]
    assert asks == [
        "o.csv: orders: rows of one order are added up: where 'total' is the whole order's, "
        "say first_by: order_id in place of add_up"
    ]


def test_what_became_of_a_message_is_known_by_other_names(project: Path):
    text = (
        "message_id,campaign,channel,recipient,event,timestamp\n"
        "m1,N,email,a@example.com,Delivered,2026-02-25T10:00:00Z\n"
        "m1,N,email,a@example.com,Opened Email,2026-02-25T11:00:00Z\n"
        "m2,N,email,a@example.com,bounced,2026-02-25T11:00:00Z\n"
    )
    _, asks, rows = begun(project / "m.csv", "messages", text)
    assert rows["kind"].tolist() == ["delivered", "opened"]
    assert len(asks) == 1
    assert "must make of 'bounced' (1) one of sent, delivered, opened" in asks[0]


@pytest.mark.parametrize("months", [False, True])
def test_days_that_a_spreadsheet_has_read_as_months_are_asked_for(project: Path, months: bool):
    # An American Excel that opens an Italian export makes dates of the first twelve days alone.
    days = [datetime(2026, 2, day) for day in (3, 5, 12, 14, 20, 28)]
    book = openpyxl.Workbook()
    book.active.append(["Numero ordine", "Data", "Totale"])
    for n, day in enumerate(days):
        cell: object = f"{day:%d/%m/%Y}" if day.day > 12 else day
        if months and day.day <= 12:
            cell = datetime(2026, day.day, day.month)
        elif not months and n == 5:
            cell = day
        book.active.append([f"A{n}", cell, 1.5])
    book.save(project / "o.xlsx")
    _, asks, rows = begun(project / "o.xlsx", "orders")
    assert len(rows) == 6
    assert ["has read days as months" in one for one in asks] == ([True] if months else [])
