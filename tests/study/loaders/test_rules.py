from __future__ import annotations

from dataclasses import replace

import pytest

from cxresearch import survey
from cxresearch.study import schema
from cxresearch.study.loaders.rules import rules
from tests.study.loaders.conftest import SETTING

HEADER = "order_id,ts,revenue,customer_id,currency,status\n"


def line(order_id: str = "A1", ts: str = "2026-01-05", revenue: str = "10", rest: str = "c,EUR,"):
    return f"{order_id},{ts},{revenue},{rest}\n"


def test_a_good_order_breaks_no_rule(orders):
    assert orders(HEADER + line()).found() == {}


@pytest.mark.parametrize(
    ("bad", "rule", "column"),
    [
        (line(rest=",EUR,"), "anonymous", "customer_id"),
        (line(rest="c,EUR,cancelled"), "cancelled", "status"),
        (line(rest="c,EUR,returned"), "returned", "status"),
        (line(revenue="-1"), "negative_revenue", "revenue"),
        (line(revenue="0"), "zero_revenue", "revenue"),
        (line(rest="c,USD,"), "other_currency", "currency"),
        (line("cafÃ©"), "broken_encoding", "order_id"),
        (line("caf\ufffd"), "broken_encoding", "order_id"),
        (line("itâ€™s"), "broken_encoding", "order_id"),
        (line("Perch\u00c3\u02c6"), "broken_encoding", "order_id"),
        (line("10 \u00e2\u201a\u00ac"), "broken_encoding", "order_id"),
        (line("10\u0080 \u0096 buono"), "broken_encoding", "order_id"),
        (line(rest="NULL,EUR,"), "id_of_nobody", "customer_id"),
        (line(rest="nan,EUR,"), "id_of_nobody", "customer_id"),
        (line(rest="N/A,EUR,"), "id_of_nobody", "customer_id"),
        (line(rest="0,EUR,"), "id_of_nobody", "customer_id"),
        (line(rest="Guest,EUR,"), "id_of_nobody", "customer_id"),
        (line("#n/d"), "id_of_nobody", "order_id"),
        (line("Citt\u00c3\u00a0"), "broken_encoding", "order_id"),
        (line("Città".encode("mac_roman").decode("cp1252")), "broken_encoding", "order_id"),
        (line("Perché".encode("cp850").decode("cp1252")), "broken_encoding", "order_id"),
        (line("1.23E+12"), "shortened_code", "order_id"),
        (line("1e+16"), "shortened_code", "order_id"),
        (line(rest='"4,5E+11",EUR,'), "shortened_code", "customer_id"),
    ],
)
def test_what_is_flagged_is_kept_and_counted(orders, bad: str, rule: str, column: str):
    outcome = orders(HEADER + line("A0") + bad)
    assert outcome.found() == {(rule, column): 1}
    assert outcome.counts() == [(2, 2, 0)]
    assert outcome.rejected.empty


@pytest.mark.parametrize("code", ["Null-1", "nanna", "7E+5", "a+e+16", "A1.2E+12", "NULLA", "00"])
def test_codes_that_are_like_those_are_codes(orders, code: str):
    assert orders(HEADER + line(code, rest=f"{code},EUR,")).found() == {}


def test_a_cancelled_order_may_be_negative(orders):
    outcome = orders(HEADER + line(revenue="-5", rest="c,EUR,cancelled"))
    assert outcome.found() == {("cancelled", "status"): 1}


def test_good_accents_are_not_broken_encoding(orders):
    assert orders(HEADER + line("àèìòù Ãlvaro € \u2013 “l\u2019ho” … Â°")).found() == {}


@pytest.mark.parametrize("day", ["0011-12-01", "1899-12-30"])
def test_dates_before_1900_are_rejected(orders, day: str):
    assert orders(HEADER + line(ts=day)).found() == {("before_1900", "ts"): 1}
    assert orders(HEADER + line(ts="1900-01-01")).found() == {}


def test_a_year_of_two_digits_in_a_format_of_four(orders):
    outcome = orders(HEADER + line(ts="01/12/11"), time_format="%d/%m/%Y")
    assert outcome.found() == {("before_1900", "ts"): 1}


@pytest.mark.parametrize(
    ("ts", "rejected"),
    [
        ("2026-01-31 23:59:59", 0),
        ("2026-02-01 23:59:59", 0),  # still 31 January at UTC-12
        ("2026-02-02 00:00:00", 1),
        ("2031-01-01 00:00:00", 1),
    ],
)
def test_dates_after_the_export_are_rejected(orders, ts: str, rejected: int):
    dated = replace(SETTING, as_of="2026-01-31")
    outcome = orders(HEADER + line(ts=ts), setting=dated)
    assert outcome.found() == ({("future_date", "ts"): 1} if rejected else {})
    assert outcome.counts() == [(1, 1 - rejected, rejected)]


def test_without_the_day_of_the_export_no_date_is_in_the_future(orders):
    assert orders(HEADER + line(ts="2999-01-01")).found() == {}


def test_every_time_of_a_table_is_held_to_the_day_of_the_export(bench):
    text = "ticket_id,opened,first_response,resolved\nT1,2026-01-01,2026-01-02,2027-01-01\n"
    dated = replace(SETTING, as_of="2026-01-31")
    found = bench("tickets", {"t.csv": text}, setting=dated).found()
    assert found == {("future_date", "resolved"): 1}


def test_events_that_the_manifest_does_not_explain(bench):
    text = "customer_id,ts,event\nc,2026-01-01,view\nc,2026-01-02,veiw\n"
    known = replace(SETTING, events=("view", "it's"))
    assert bench("events", {"e.csv": text}, setting=known).found() == {
        ("unknown_event", "event"): 1
    }
    assert bench("events", {"e.csv": text}).found() == {}


SURVEY = "response_id,ts,metric,touchpoint,score,scale_min,scale_max\n"


@pytest.mark.parametrize(
    ("answer", "rule", "column"),
    [
        ("nps,,11,0,10", "score_outside_scale", "score"),
        ("nps,,-1,0,10", "score_outside_scale", "score"),
        ("nps,,7.5,0,10", "score_not_whole", "score"),
        ("ces,,2,0.5,7", "score_not_whole", "score"),
        ("csat,,5,5,5", "empty_scale", "scale_max"),
        ("NPS,,5,0,10", "not_allowed", "metric"),
    ],
)
def test_answers_that_are_none(bench, answer: str, rule: str, column: str):
    outcome = bench("surveys", {"s.csv": f"{SURVEY}R1,2026-01-01,{answer}\n"})
    assert outcome.found()[rule, column] == 1
    assert outcome.counts() == [(1, 0, 1)]


def test_a_scale_turned_around_is_empty(bench):
    outcome = bench("surveys", {"s.csv": f"{SURVEY}R1,2026-01-01,csat,,3,5,1\n"})
    assert ("empty_scale", "scale_max") in outcome.found()


def test_an_answer_between_two_steps_stops_no_score(bench):
    text = f"{SURVEY}R1,2026-01-01,nps,,7.5,0,10\nR2,2026-01-01,nps,,9,0,10\n"
    outcome = bench("surveys", {"s.csv": text})
    assert outcome.found() == {("score_not_whole", "score"): 1}
    assert survey.overall(outcome.rows, "nps").value == 100


def test_scores_at_both_ends_are_inside(bench):
    text = f"{SURVEY}R1,2026-01-01,nps,,0,0,10\nR2,2026-01-01,nps,,10,0,10\n"
    assert bench("surveys", {"s.csv": text}).found() == {}


def test_one_question_asked_on_two_scales(bench):
    answers = ["csat,chat,3,1,5", "csat,chat,3,1,7", "csat,web,3,1,5", "ces,chat,3,1,7"]
    rows = [f"R{i},2026-01-01,{answer}\n" for i, answer in enumerate(answers)]
    assert bench("surveys", {"s.csv": SURVEY + "".join(rows)}).found() == {
        ("mixed_scales", "scale_max"): 2
    }


@pytest.mark.parametrize(
    ("scores", "flagged"),
    [
        ([1, 2, 3, 4, 5] * 2, 10),
        ([1, 2, 3, 4, 5] * 2 + [6], 0),
        ([1, 2, 3, 4, 5], 0),  # too few to tell
    ],
)
def test_a_scale_to_10_of_which_nobody_uses_the_upper_half(bench, scores, flagged):
    rows = [f"R{i},2026-01-01,nps,,{score},0,10\n" for i, score in enumerate(scores)]
    found = bench("surveys", {"s.csv": SURVEY + "".join(rows)}).found()
    assert found == ({("scale_not_used", "score"): flagged} if flagged else {})


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("0 - Not at all likely", "10 - Extremely likely"),
        ("0: per niente probabile", "10 \N{EN DASH} Estremamente probabile"),
        ("Per niente (0)", "Estremamente probabile (10)"),
        ("0", "10\N{NO-BREAK SPACE}- Molto"),
    ],
)
def test_the_labels_of_a_scale_are_its_numbers(bench, low: str, high: str):
    answers = [low, "1", "6", "9", high]
    rows = [f"R{i},2026-01-01,nps,,{answer},0,10\n" for i, answer in enumerate(answers)]
    outcome = bench("surveys", {"s.csv": SURVEY + "".join(rows)})
    assert outcome.rows["score"].tolist() == [0, 1, 6, 9, 10]
    assert outcome.found() == {}


@pytest.mark.parametrize("written", ["1 - 2 times", "10/10", "5 %", "likely", "8 or 9", "-3"])
def test_what_is_no_label_is_rejected(bench, written: str):
    outcome = bench("surveys", {"s.csv": f"{SURVEY}R1,2026-01-01,nps,,{written},0,10\n"})
    assert outcome.counts() == [(1, 0, 1)]


def test_a_rejected_answer_does_not_mix_the_scales(bench):
    answers = ["csat,chat,3,1,5", "csat,chat,9,1,7"]
    rows = [f"R{i},2026-01-01,{answer}\n" for i, answer in enumerate(answers)]
    found = bench("surveys", {"s.csv": SURVEY + "".join(rows)}).found()
    assert found == {("score_outside_scale", "score"): 1}


@pytest.mark.parametrize(
    ("times", "flagged"),
    [
        ("2026-01-01,2026-01-02,2026-01-03", 0),
        ("2026-01-01,2026-01-01,2026-01-01", 0),
        ("2026-01-01,,2026-01-03", 0),
        ("2026-01-02,2026-01-01,", 1),
        ("2026-01-02,,2026-01-01", 1),
        ("2026-01-01,2026-01-03,2026-01-02", 1),
    ],
)
def test_tickets_answered_before_they_were_opened(bench, times: str, flagged: int):
    text = f"ticket_id,opened,first_response,resolved\nT1,{times}\n"
    found = bench("tickets", {"t.csv": text}).found()
    assert found == ({("times_out_of_order", "opened"): 1} if flagged else {})


def test_a_parcel_that_came_before_it_left(bench):
    text = "order_id,shipped,delivered\nA1,2026-01-05,2026-01-04\nA2,2026-01-05,2026-01-05\nA3,,\n"
    assert bench("deliveries", {"d.csv": text}).found() == {("came_before_it_left", "delivered"): 1}


def test_a_promise_may_lie_after_the_export_and_nothing_else_may(bench):
    setting = replace(SETTING, as_of="2026-01-31")
    text = "order_id,shipped,delivered,promised\nA1,2026-01-05,,2026-02-09\nA2,2026-02-09,,\n"
    found = bench("deliveries", {"d.csv": text}, setting=setting).found()
    assert found == {("future_date", "shipped"): 1}


def test_what_becomes_of_a_message_is_on_the_list(bench):
    text = (
        "message_id,campaign,channel,customer_id,ts,kind\n"
        "M1,offer,email,C1,2026-01-05,sent\nM1,offer,email,C1,2026-01-06,read\n"
        "M1,offer,email,C1,2026-01-06,sent\n"
    )
    assert bench("messages", {"m.csv": text}).found() == {
        ("not_allowed", "kind"): 1,
        ("duplicate_key", "message_id"): 1,
    }


def test_a_flag_does_not_count_rows_that_were_rejected(orders):
    text = HEADER + line(rest=",EUR,") + line("A2", revenue="x", rest=",EUR,")
    assert orders(text).found() == {("anonymous", "customer_id"): 1, ("not_a_number", "revenue"): 1}


def test_the_clock_is_doubted_for_kept_rows_only(orders):
    text = HEADER + line(ts="2026-03-29 02:30") + line("A2", "2026-03-29 02:30", "x")
    assert orders(text, time_zone="Europe/Rome").found() == {
        ("local_time_skipped", "ts"): 1,
        ("not_a_number", "revenue"): 1,
    }


def test_every_rule_shows_a_column_of_its_table():
    setting = replace(SETTING, events=("view",), as_of="2026-01-01")
    for table in schema.TABLES.values():
        named = {rule.column for rule in rules(table, setting)}
        assert named <= set(table.names)
