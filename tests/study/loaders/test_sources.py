"""What a source may do to the rows of its file; every row is accounted for."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from cxresearch.errors import SchemaError

ORDERS = {"order_id": "Id", "ts": "Day", "revenue": "Sum"}


def fates(outcome) -> list[tuple[int, int, int, int]]:
    return [
        (c.rows_in, c.rows_accepted, c.rows_rejected, c.rows_left_out) for c in outcome.loaded.files
    ]


def xlsx(*rows: tuple[object, ...], sheets: int = 1) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for number in range(sheets - 1):
        book.create_sheet(f"more {number}")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def test_rows_that_a_condition_does_not_hold_for_are_left_out_and_not_rejected(orders):
    text = "Id,Day,Sum\nA,2026-01-05,0\nA,2026-01-05,\nB,never,\nC,never,3\n"
    outcome = orders(text, columns=ORDERS, where={"Sum": {"filled": True}})
    assert fates(outcome) == [(4, 1, 1, 2)]
    assert outcome.rows["order_id"].tolist() == ["A"]


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({"T": "a"}, ["1"]),
        ({"T": ["a", "b"]}, ["1", "2"]),
        ({"T": {"not": ["a"]}}, ["2", "3", "4"]),
        ({"T": {"matches": "^A"}}, ["3"]),
        ({"T": {"filled": False}}, ["4"]),
        ({"T": {"not": "a"}, "Sum": "7"}, ["2"]),
    ],
)
def test_conditions(orders, where, kept):
    text = "Id,Day,Sum,T\n1,2026-01-05,7,a\n2,2026-01-05,7,b\n3,2026-01-05,8,A\n4,2026-01-05,8,\n"
    assert orders(text, columns=ORDERS, where=where).rows["order_id"].tolist() == kept


def test_a_condition_on_a_column_that_is_not_there_names_the_nearest(orders):
    with pytest.raises(SchemaError, match=r"lacks 'Totl' for where \(did you mean 'Total'\?\)"):
        orders("order_id,ts,revenue,Total\n", where={"Totl": {"filled": True}})
    condition = {"column": "Nothing", "filled": True, "if_there": True}
    found = orders("order_id,ts,revenue\nA,2026-01-05,1\n", where=[condition])
    assert fates(found) == [(1, 1, 0, 0)]


def test_empty_cells_are_filled_from_the_row_above(orders):
    text = "Id,Day,Sum\nA,2026-01-05,1\nB,,2\nC, ,3\nD,2026-01-06,4\nE,,5\n"
    outcome = orders(text, columns=ORDERS, fill_down="Day")
    days = [day.isoformat() for day in outcome.rows["day"]]
    assert days == ["2026-01-05"] * 3 + ["2026-01-06"] * 2


def test_the_first_of_rows_alike_is_counted(orders):
    text = "Id,Day,Sum\nA,2026-01-05,1\nA,2026-01-07,1\nB,2026-01-05,1\n"
    outcome = orders(text, columns=ORDERS, first_by="Id")
    assert fates(outcome) == [(3, 2, 0, 1)]
    assert outcome.rows["day"].astype(str).tolist() == ["2026-01-05", "2026-01-05"]


def test_a_record_is_melted_into_its_answers(bench):
    text = (
        "id,when,Recommend,Site,Delivery\n"
        "r1,2026-01-05,9,4,\n"
        "r2,2026-01-05,3,,5\n"
        "r3,2026-01-05,,,x\n"
    )
    csat = {"metric": "csat", "scale_min": 1, "scale_max": 5}
    outcome = bench(
        "surveys",
        {"s.csv": text},
        columns={"response_id": "id", "ts": "when"},
        melt=[
            {
                "columns": {"score": "Recommend"},
                "constants": {"metric": "nps", "scale_min": 0, "scale_max": 10},
            },
            {"columns": {"score": "Site"}, "constants": csat | {"touchpoint": "site"}},
            {"columns": {"score": "Delivery"}, "constants": csat | {"touchpoint": "delivery"}},
        ],
    )
    # Three records of three questions; four were not answered, one is no number.
    assert fates(outcome) == [(9, 4, 1, 4)]
    found = outcome.rows[["response_id", "metric", "score", "touchpoint"]].values.tolist()
    assert [[str(one) for one in row[:3]] for row in found] == [
        ["r1", "nps", "9.0"],
        ["r1", "csat", "4.0"],
        ["r2", "nps", "3.0"],
        ["r2", "csat", "5.0"],
    ]


def test_elements_of_a_list_become_rows(bench):
    records = [
        {"id": "A", "items": [{"sku": "x", "n": 1, "p": 2.5}, {"sku": "y", "n": 2, "p": 1}]},
        {"id": "B", "items": []},
        {"id": "C", "items": [{"sku": "x", "n": "z", "p": 1}]},
    ]
    outcome = bench(
        "order_lines",
        {"o.jsonl": "\n".join(map(json.dumps, records))},
        unnest="items",
        columns={
            "order_id": "id",
            "sku": "items.sku",
            "quantity": "items.n",
            "price": "items.p",
        },
    )
    assert fates(outcome) == [(4, 2, 1, 1)]
    assert outcome.rows[["order_id", "sku", "quantity", "price"]].values.tolist() == [
        ["A", "x", 1, 2.5],
        ["A", "y", 2, 1.0],
    ]


def test_columns_of_another_file_are_joined_and_summed(bench):
    files = {
        "orders.csv": "Id,Day\nA,2026-01-05\nB,2026-01-05\nC,2026-01-05\n",
        "paid.csv": 'Id;amount\nA;"1.000,50"\nA;2\nB;x\nB;7\n',
        "who.csv": "Id,person\nA,p\nB,q\n",
    }
    paid = {"file": "paid.csv", "on": "Id", "sum": "amount", "decimal": ",", "thousands": "."}
    who = {"file": "who.csv", "on": "Id", "take": "person"}
    outcome = bench(
        "orders",
        files,
        file="orders.csv",
        columns={"order_id": "Id", "ts": "Day", "revenue": "amount", "customer_id": "person"},
        join=[paid, who],
    )
    # Part of what B paid cannot be read, and C paid nothing that is known: neither is worth 0.
    assert fates(outcome) == [(3, 1, 2, 0)]
    assert outcome.rows[["order_id", "revenue", "customer_id"]].values.tolist() == [
        ["A", 1002.5, "p"]
    ]


@pytest.mark.parametrize(("where", "counts"), [([], (5, 3, 0, 2)), (["B"], (5, 2, 0, 3))])
def test_rows_in_which_nothing_stands_are_left_out_and_counted(bench, where, counts):
    rows = "order_id;ts;revenue\nA;2026-01-05;1\n;;\nB;2026-01-06;2\nC;2026-01-07;3\n;;\n"
    steps = {"where": {"order_id": {"not": where}}} if where else {}
    outcome = bench("orders", {"o.csv": rows}, file="o.csv", delimiter=";", **steps)
    assert fates(outcome) == [counts]
    assert outcome.rows["order_id"].tolist() == [one for one in "ABC" if one not in where]


def test_a_key_that_comes_twice_is_no_key_to_take_by(bench):
    files = {"o.csv": "order_id,ts,revenue\nA,2026-01-05,1\n", "w.csv": "order_id,p\nA,1\nA,2\n"}
    who = {"file": "w.csv", "on": "order_id", "take": "p"}
    with pytest.raises(SchemaError, match=r"order_id must come once each .*'A' \(2 rows\)"):
        bench("orders", files, file="o.csv", join=[who], columns={"customer_id": "p"})
    found = bench(
        "orders",
        files,
        file="o.csv",
        join=[who | {"keep": "first"}],
        columns={"customer_id": "p"},
    )
    assert found.rows["customer_id"].tolist() == ["1"]


def test_campaigns_of_a_day_are_added_up(bench):
    text = "Day,Campaign,Cost\n2026-01-05,a,1\n2026-01-05,b,2\n2026-01-06,a,4\nx,a,9\n"
    outcome = bench(
        "marketing",
        {"m.csv": text},
        columns={"date": "Day", "cost": "Cost"},
        constants={"channel": "ads"},
        add_up=True,
    )
    assert fates(outcome) == [(4, 3, 1, 0)]
    assert outcome.rows["cost"].tolist() == [3.0, 4.0]


def test_lines_above_the_header(orders):
    text = 'Report\n"1 - 31 January"\norder_id,ts,revenue\nA,2026-01-05,1\nB,never,1\n'
    for how in ({"skip_rows": 2}, {"header_has": [["order_id", "revenue"]]}):
        outcome = orders(text, **how)
        assert fates(outcome) == [(2, 1, 1, 0)]
        assert outcome.rejected["line"].tolist() == [5]


def test_no_line_has_the_columns_of_the_header(orders):
    with pytest.raises(SchemaError, match="none of its first 50 lines has the columns Day, Cost"):
        orders("a,b\n1,2\n", header_has=[["Day", "Cost"]])


def test_two_header_rows_as_survey_tools_write_them(bench):
    text = "id,when,How likely?,Which?,\n,,Response,A,B\nr1,2026-01-05,9,x,y\n"
    scale = {"metric": "nps", "scale_min": 0, "scale_max": 10}
    outcome = bench(
        "surveys",
        {"s.csv": text},
        header_rows=2,
        columns={
            "response_id": "id",
            "ts": "when",
            "score": "How likely?",
            "wave": "Which? / B",
        },
        constants=scale,
    )
    assert outcome.rows[["score", "wave"]].values.tolist() == [[9.0, "y"]]


@pytest.mark.parametrize("pack", [lambda text: text, gzip.compress])
def test_a_file_is_known_by_its_first_bytes(orders, pack):
    text = b"order_id,ts,revenue\nA,2026-01-05,1\n"
    assert orders(pack(text), name="export").counts() == [(1, 1, 0)]
    wide = text.decode().encode("utf-16")
    assert orders(pack(wide), name="export").counts() == [(1, 1, 0)]


def test_a_workbook(orders):
    day = pd.Timestamp("2026-01-05 10:30").to_pydatetime()
    rows = [("Title",), (None,), ("Id", "Day", "Sum"), (1001, day, 12.5), ("B", "2026-01-06", 7)]
    outcome = orders(xlsx(*rows), name="o.xlsx", skip_rows=1, columns=ORDERS)
    found = outcome.rows[["order_id", "ts", "revenue"]].values.tolist()
    assert found[0] == ["1001", pd.Timestamp("2026-01-05 10:30"), 12.5]
    assert fates(outcome) == [(2, 2, 0, 0)]


def test_a_workbook_of_several_sheets_asks_which(orders):
    with pytest.raises(SchemaError, match="sheet: must be one of Sheet, more 0; got None"):
        orders(xlsx(("order_id",), sheets=2), name="o.xlsx")
    rows = [("order_id", "ts", "revenue"), ("A", "2026-01-05", 1)]
    assert orders(xlsx(*rows, sheets=2), name="o.xlsx", sheet="Sheet").counts() == [(1, 1, 0)]


def test_an_archive(orders):
    text = b"order_id,ts,revenue\nA,2026-01-05,1\n"
    assert orders(zipped(one__csv=text), name="o.zip").counts() == [(1, 1, 0)]
    added = dict.fromkeys(("x/__DS_Store", "Thumbs__db", "x/"), b"")
    packed = zipped(**{"x/one__csv": text}, **added)
    assert orders(packed, name="o.zip").counts() == [(1, 1, 0)]
    two = zipped(one__csv=text, two__csv=text.replace(b"A", b"B"))
    with pytest.raises(SchemaError, match=r"it has: one\.csv, two\.csv"):
        orders(two, name="o.zip")
    assert orders(two, name="o.zip", member="*.csv").counts() == [(1, 1, 0), (1, 1, 0)]


def test_json_records_and_what_is_none(orders):
    text = '{"order_id":"A","ts":"2026-01-05","revenue":1}\nnot json\n[1]\n\n{"order_id":"B"}\n'
    outcome = orders(text, name="o.jsonl")
    assert fates(outcome) == [(4, 1, 3, 0)]
    assert sorted(set(outcome.rejected["line"])) == [2, 3, 5]
    whole = json.dumps({"n": 1, "list": [{"order_id": "A", "ts": "2026-01-05", "revenue": "€ 2"}]})
    assert orders(whole, name="o.json").rows["revenue"].tolist() == [2.0]
    with pytest.raises(SchemaError, match=r"records: must lead to a list of records; got 'x\.y'"):
        orders(whole, name="o.json", records="x.y")


def test_what_an_analytics_export_nests(bench):
    def event(page: str, session: object) -> str:
        return json.dumps(
            {
                "event_name": "page_view",
                "event_timestamp": "1767607200000000",
                "user_id": None,
                "user_pseudo_id": "u.1",
                "device": {"category": "mobile"},
                "event_params": [
                    {"key": "page_location", "value": {"string_value": page}},
                    {"key": "ga_session_id", "value": {"int_value": session}},
                ],
            }
        )

    outcome = bench(
        "events",
        {"e.jsonl": event("/a", "17") + "\n" + event("/b", 18)},
        time_format="epoch_us",
        columns={
            "customer_id": ["user_id", "user_pseudo_id"],
            "ts": "event_timestamp",
            "event": "event_name",
            "device": "device.category",
            "page": "event_params.page_location",
            "session_id": {
                "join": ["user_pseudo_id", "event_params.ga_session_id"],
                "by": "-",
                "needs_all": True,
            },
        },
    )
    found = outcome.rows[["customer_id", "device", "page", "session_id"]].values.tolist()
    assert found == [["u.1", "mobile", "/a", "u.1-17"], ["u.1", "mobile", "/b", "u.1-18"]]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("€ 210,39", 210.39),
        ("10,50 €", 10.5),
        ("-€1.210,00", -1210.0),
        ("EUR 5", 5.0),
        ("12,50\N{NARROW NO-BREAK SPACE}€", 12.5),
        ("$3,00", 3.0),
        ("(12,30)", -12.3),
        ("(€ 1.210,50)", -1210.5),
        ("(1.210,50 €)", -1210.5),
        ("1.210,50 euro", 1210.5),
        ("1.210,50-", -1210.5),
        ("12,-", 12.0),
        ("\N{MINUS SIGN}12,50 €", -12.5),
        ("'12,50", 12.5),
        ('="1.210,50"', 1210.5),
    ],
)
def test_amounts_with_the_sign_of_a_currency(orders, written, value):
    text = f"order_id;ts;revenue\nA;2026-01-05;{written}\n"
    outcome = orders(text, decimal=",", thousands=".")
    assert outcome.rows["revenue"].tolist() == [value]
    odd = [one.rows for one in outcome.loaded.findings if one.rule == "other_currency"]
    assert odd == ([1] if "$" in written else [])


def test_an_amount_with_a_sign_that_may_be_read_in_two_ways_is_asked_about(orders):
    for written in ("€ 1.210", "'1.210", "1.210-"):
        with pytest.raises(SchemaError, match=r"1\.210 or -?1210"):
            orders(f"order_id;ts;revenue\nA;2026-01-05;{written}\n")


def test_codes_that_a_spreadsheet_kept_as_texts(orders):
    text = "order_id;ts;revenue\n'0012;2026-01-05;1\n=\"0013\";2026-01-05;1\n'Ax;2026-01-05;1\n"
    assert orders(text).rows["order_id"].tolist() == ["0012", "0013", "'Ax"]


def test_thousands_grouped_by_a_typeset_apostrophe(orders):
    mark = "\N{RIGHT SINGLE QUOTATION MARK}"
    text = f"order_id;ts;revenue\nA;2026-01-05;CHF 1{mark}234{mark}567.50\n"
    assert orders(text, thousands="'").rows["revenue"].tolist() == [1_234_567.5]


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("5 lug 2026", "%d %b %Y"),
        ("5 Luglio 2026", "%d %B %Y"),
        ("5 lug. 2026", "%d %b %Y"),
        ("5 Jul 2026", "%d %b %Y"),
        ("Jul 5, 2026 15:04:05 PM", ["%b %d, %Y %I:%M:%S %p", "%b %d, %Y %H:%M:%S PM"]),
    ],
)
def test_months_by_name(orders, written, form):
    outcome = orders(f"order_id;ts;revenue\nA;{written};1\n", time_format=form)
    assert outcome.rows["day"].astype(str).tolist() == ["2026-07-05"]


def test_columns_made_of_several(bench):
    text = (
        "id,opened,wait,closed,mail,phone,title,body\n"
        "1,2026-01-05 10:00,30,x,a@example.com,,Late,Broken\n"
        "2,2026-01-05 10:00,,,,39,,Only\n"
    )
    outcome = bench(
        "tickets",
        {"t.csv": text},
        columns={
            "ticket_id": "id",
            "first_response": {"plus": "wait", "unit": "minutes", "to": "opened"},
            "customer_id": ["mail", "phone"],
            "channel": {"join": ["title", "body"]},
            "outcome": {"filled": "closed", "gives": "done", "otherwise": "title"},
        },
        time_zone="UTC",
    )
    assert fates(outcome) == [(2, 2, 0, 0)]
    rows = outcome.rows
    assert rows["first_response"].tolist()[0] == pd.Timestamp("2026-01-05 10:30")
    assert rows["first_response"].isna().tolist() == [False, True]
    assert rows["customer_id"].tolist() == ["a@example.com", "39"]
    assert rows["channel"].tolist() == ["Late Broken", "Only"]
    assert rows["outcome"].tolist()[0] == "done"


def test_several_sources_of_one_table_and_a_key_that_both_give(bench_of, tmp_path: Path):
    (tmp_path / "a.csv").write_text("order_id,ts,revenue\nA,2026-01-05,1.5\nB,2026-01-05,2\n")
    (tmp_path / "b.csv").write_text("Nr;ts;revenue\nB;2026-01-06;3,5\nC;x;4,5\n")
    outcome = bench_of(
        "orders",
        [
            {"file": "a.csv", "constants": {"channel": "web"}},
            {"file": "b.csv", "decimal": ",", "columns": {"order_id": "Nr"}},
        ],
    )
    assert fates(outcome) == [(2, 2, 0, 0), (2, 0, 2, 0)]
    assert sorted(outcome.rejected["rule"]) == ["duplicate_key", "not_a_time"]


def test_a_column_that_is_written_in_its_own_way(bench):
    text = (
        "order_id;left;came;promised\n"
        "A;2026-02-03 10:00;05 feb 2026;06/02/2026\n"
        "B;2026-02-04 10:00;5 feb 2026;nessuna\n"
    )
    outcome = bench(
        "deliveries",
        {"d.csv": text},
        columns={"shipped": "left", "delivered": "came"},
        time_zone="UTC",
        own_way={
            "delivered": {"time_format": "%d %b %Y", "time_zone": "Europe/Rome"},
            "promised": {"time_format": ["%d/%m/%Y", "%d/%m/%y"]},
        },
    )
    assert fates(outcome) == [(2, 1, 1, 0)]
    (row,) = outcome.rows.to_dict("records")
    assert str(row["shipped"]) == "2026-02-03 10:00:00"
    assert str(row["delivered"]) == "2026-02-04 23:00:00"  # midnight in Rome
    assert str(row["promised"]) == "2026-02-06 00:00:00"
    (detail,) = outcome.rejected["detail"]
    assert detail == "promised must be written as %d/%m/%Y or %d/%m/%y; got nessuna"


def test_numbers_of_one_file_with_two_marks(bench):
    text = "order_id;ts;revenue;discount\nA;2026-01-05;1.210,50;1.210\nB;2026-01-05;7,5;x\n"
    written = {"decimal": ",", "thousands": "."}
    outcome = bench("orders", {"o.csv": text}, **written, own_way={"discount": {"decimal": "."}})
    assert outcome.rows[["revenue", "discount"]].values.tolist() == [[1210.5, 1.21]]
    (detail,) = outcome.rejected["detail"]
    assert detail == "discount must be a number with the decimal mark .; got x"
    # A mark that one column names is not asked for there, and is for the others.
    with pytest.raises(SchemaError) as refused:
        bench("orders", {"o.csv": text.replace(",50", "")}, own_way={"discount": {"decimal": "."}})
    assert [one.partition(";")[0] for one in refused.value.faults] == [
        "o.csv: revenue: '1.210' may be 1.210 or 1210"
    ]


def test_all_that_a_source_names_and_its_file_lacks_is_told_at_once(bench):
    with pytest.raises(SchemaError) as refused:
        bench(
            "orders",
            {"o.csv": "order_id,ts,revenue\n1,2026-01-01,1\n"},
            fill_down=["down"],
            where=[
                {"column": "kept", "filled": True},
                {"column": "odd", "is": 1, "if_there": True},
            ],
            first_by=["first"],
            columns={"customer_id": "person"},
        )
    told = [one.partition(";")[0] for one in refused.value.faults]
    assert told == [
        "o.csv lacks 'person' for customer_id",
        "o.csv lacks 'down'",
        "o.csv lacks 'first'",
        "o.csv lacks 'kept' for where",
    ]


def test_the_faults_of_all_files_are_told_at_once(bench):
    files = {
        "empty.csv": b"",
        "old.xls": b"\xd0\xcf\x11\xe0 and so on",
        "lacks.csv": b"order_id,ts\n1,2026-01-01\n",
        "good.csv": b"order_id,ts,revenue\n1,2026-01-01,1\n",
        "either.csv": b"order_id,ts,revenue\n1,2026-01-01,1.210\n",
    }
    with pytest.raises(SchemaError) as refused:
        bench("orders", files)
    assert refused.value.what == "orders"
    assert [one.split(":")[0].split(" lacks")[0] for one in refused.value.faults] == [
        "empty.csv",
        "old.xls",
        "lacks.csv",
        "either.csv",
    ]


def test_a_joined_file_is_told_all_that_it_lacks(bench_of, tmp_path: Path):
    (tmp_path / "o.csv").write_text("order_id,ts\nA,2026-01-05\n")
    (tmp_path / "p.csv").write_text("order,paid\nA,1\n")
    join = {"file": "p.csv", "on": "order_id", "sum": "total", "take": "mail"}
    with pytest.raises(SchemaError) as refused:
        bench_of("orders", [{"file": "o.csv", "join": [join], "columns": {"revenue": "total"}}])
    told = [one.partition(";")[0] for one in refused.value.faults]
    assert told == [
        "p.csv lacks 'order_id' (did you mean 'order'?)",
        "p.csv lacks 'total'",
        "p.csv lacks 'mail'",
    ]


def test_all_parts_of_a_join_must_be_there(orders):
    text = "order_id,Data,revenue\nA,2026-01-05,1\n"
    with pytest.raises(SchemaError, match="lacks 'Ora' for ts"):
        orders(text, columns={"ts": {"join": ["Data", "Ora"]}})


@pytest.mark.parametrize(("decimal", "total"), [(",", 1210.0), (".", 1.21), (None, None)])
def test_an_amount_of_two_readings_that_a_join_adds_up_is_asked_about(
    bench_of, tmp_path, decimal: str | None, total: float | None
):
    (tmp_path / "o.csv").write_text("order_id,ts\nA,2026-01-05\n")
    (tmp_path / "l.csv").write_text("order_id;amount\nA;1.210\n")
    join = {"file": "l.csv", "on": "order_id", "sum": "amount"}
    if decimal:
        join |= {"decimal": decimal, "thousands": "." if decimal == "," else ""}
    source = {"file": "o.csv", "join": [join], "columns": {"revenue": "amount"}}
    if total is None:
        with pytest.raises(SchemaError, match=r"l\.csv: amount: '1\.210' may be 1\.210 or 1210"):
            bench_of("orders", [source])
    else:
        assert bench_of("orders", [source]).rows["revenue"].tolist() == [total]
