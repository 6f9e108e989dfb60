from __future__ import annotations

import pytest

HEADER = "order_id,ts,revenue,status\n"
#: So that no order is flagged as anonymous.
NAMED = {"constants": {"customer_id": "c"}}


def test_every_fault_of_a_row_is_told_and_the_row_counted_once(orders):
    outcome = orders(HEADER + ",never,much,lost\n")
    assert outcome.found() == {
        ("missing_value", "order_id"): 1,
        ("not_a_time", "ts"): 1,
        ("not_a_number", "revenue"): 1,
        ("not_allowed", "status"): 1,
    }
    assert outcome.counts() == [(1, 0, 1)]


def test_a_text_that_could_not_be_read_is_not_missing_as_well(orders):
    assert orders(HEADER + "A1,,x,\n").found() == {
        ("missing_value", "ts"): 1,
        ("not_a_number", "revenue"): 1,
    }


def test_the_first_good_row_of_a_key_is_kept(orders):
    outcome = orders(HEADER + "A1,2026-01-05,1,\nA1,2026-01-05,2,\n A1 ,2026-01-05,3,\n", **NAMED)
    assert outcome.rows["revenue"].tolist() == [1.0]
    assert outcome.found() == {("duplicate_key", "order_id"): 2}
    assert outcome.rejected["line"].tolist() == [3, 4]


def test_the_duplicate_of_a_rejected_row_is_not_lost(orders):
    outcome = orders(HEADER + "A1,2026-01-05,x,\nA1,2026-01-05,2,\nA1,2026-01-05,3,\n", **NAMED)
    assert outcome.rows["revenue"].tolist() == [2.0]
    assert outcome.found() == {("not_a_number", "revenue"): 1, ("duplicate_key", "order_id"): 1}


def test_keys_are_compared_as_written(orders):
    outcome = orders(
        HEADER + "A1,2026-01-05,1,\na1,2026-01-05,2,\n01,2026-01-05,3,\n1,2026-01-05,4,\n"
    )
    assert outcome.counts() == [(4, 4, 0)]


def test_a_key_that_is_partly_missing_makes_no_duplicate(bench):
    text = "customer_id,ts,event,event_id\nc,2026-01-05,view,\nc,2026-01-05,view,\n"
    assert bench("events", {"e.csv": text}).counts() == [(2, 2, 0)]
    text = "customer_id,ts,event,event_id\nc,2026-01-05,view,E\nd,2026-01-05,buy,E\n"
    assert bench("events", {"e.csv": text}).counts() == [(2, 1, 1)]


def test_a_key_of_two_columns(bench):
    lines = ["R1,2026-01-05,nps", "R1,2026-01-05,csat", "R1,2026-01-06,nps"]
    text = "response_id,ts,metric,score,scale_min,scale_max\n"
    text += "".join(f"{line},3,0,10\n" for line in lines)
    assert bench("surveys", {"s.csv": text}).found() == {("duplicate_key", "response_id"): 1}


def test_one_response_may_rate_several_touchpoints(bench):
    text = "response_id,ts,metric,touchpoint,score,scale_min,scale_max\n"
    rated = ["csat,site", "csat,delivery", "csat,", "csat,", "csat,site"]
    text += "".join(f"R1,2026-01-05,{one},3,1,5\n" for one in rated)
    outcome = bench("surveys", {"s.csv": text})
    assert outcome.found() == {("duplicate_key", "response_id"): 2}
    assert outcome.rows["touchpoint"].fillna("").tolist() == ["site", "delivery", ""]


def test_an_order_may_come_in_several_parcels(bench):
    text = "order_id,delivered,carrier\nA,2026-01-05,Vela\nA,2026-01-06,Vela\n"
    assert bench("deliveries", {"d.csv": text}).counts() == [(2, 2, 0)]


def test_duplicates_in_another_file(bench):
    one, two = HEADER + "A1,2026-01-05,1,\n", HEADER + "A2,2026-01-05,2,\nA1,2026-01-05,3,\n"
    outcome = bench("orders", {"a.csv": one, "b.csv": two})
    assert outcome.rows["revenue"].tolist() == [1.0, 2.0]
    assert outcome.counts() == [(1, 1, 0), (2, 1, 1)]
    assert outcome.rejected[["file", "line", "row"]].to_numpy().tolist() == [["b.csv", 3, 2]]
    turned = bench("orders", {"b.csv": two, "a.csv": one})
    assert turned.rows["revenue"].tolist() == [2.0, 3.0]
    assert turned.counts() == [(2, 2, 0), (1, 0, 1)]


def test_the_same_file_given_twice(bench):
    text = HEADER + "A1,2026-01-05,1,\n"
    outcome = bench("orders", {"a.csv": text, "b.csv": text})
    assert outcome.counts() == [(1, 1, 0), (1, 0, 1)]


def test_all_rows_rejected(orders):
    outcome = orders(HEADER + "A1,x,1,\nA2,x,1,\n")
    assert outcome.rows.empty
    assert outcome.counts() == [(2, 0, 2)]


@pytest.mark.parametrize(
    ("row", "column", "example"),
    [
        ("A1,2026-01-05,-3,\n", "revenue", "-3"),
        ("A1,2026-01-05, -3.50 ,\n", "revenue", " -3.50 "),
        ("A1,32/01/2026,3,\n", "ts", "32/01/2026"),
        ("A1,2026-01-05,12 pezzi,\n", "revenue", "12 pezzi"),
        (f"A1,2026-01-05,{'9' * 400}x,\n", "revenue", "9" * 59 + "\N{HORIZONTAL ELLIPSIS}"),
        ("A1,2026-01-05,3,returned\n", "status", "returned"),
        ("A1,2026-01-05,3,=lost\n", "status", "=lost"),
        # Nothing that identifies a person or may be free text is shown as an example.
        ("caf\ufffd,2026-01-05,3,\n", "order_id", ""),
    ],
)
def test_examples(orders, row: str, column: str, example: str):
    (found,) = (f for f in orders(HEADER + row).loaded.findings if f.column == column)
    assert found.example == example
    assert (found.of, found.rows) == ("one order", 1)


def test_an_example_is_what_the_file_says_and_not_what_is_made_of_it(orders):
    text = "order_id,ts,revenue,stato\nA1,2026-01-05,3,Reso\n"
    names = {"columns": {"status": "stato"}, "values": {"status": {"Reso": "returned"}}}
    found = {f.rule: f.example for f in orders(text, **names, **NAMED).loaded.findings}
    assert found == {"returned": "Reso"}


def test_an_example_of_the_second_file_is_looked_up_there(bench):
    files = {"a.csv": HEADER + "A1,2026-01-05,1,\n", "b.csv": HEADER + "A2,2026-01-05,-2,\n"}
    (found,) = bench("orders", files, **NAMED).loaded.findings
    assert (found.rule, found.example) == ("negative_revenue", "-2")
