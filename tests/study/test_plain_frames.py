"""Any frame with a table's columns gets an answer, or an error that names the column at fault."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import traceback
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cxresearch import experiments, journeys, kpis, survey, value, voc
from cxresearch.errors import SchemaError
from cxresearch.experiments._example import PLAN

WHO = ["anna", "bruno", "anna", "carla", "dario", "bruno"]
DAYS = [pd.Timestamp(f"2026-0{1 + n // 2}-1{n} 10:00") for n in range(6)]
HOUR = pd.Timedelta(hours=1)
#: The columns that each function needs and no others.
TABLES: dict[str, dict[str, list[Any]]] = {
    "orders": {"order_id": list("123456"), "customer_id": WHO, "ts": DAYS,
               "revenue": [30.0, 20.0, 50.0, 40.0, 40.0, -20.0]},
    "events": {"customer_id": WHO, "session_id": list("aabbcc"), "channel": ["email", "ads"] * 3,
               "ts": [DAYS[0] + n * HOUR / 60 for n in range(6)],
               "event": ["view", "cart", "cart", "view", "checkout", "purchase"]},
    "marketing": {"date": DAYS, "channel": list("aabbcc"), "impressions": [500] * 6,
                  "clicks": [10, 20, 5, 7, 8, 9], "cost": [4.0, 6.0, 5.0, 10.0, 1.0, 2.0]},
    "tickets": {"ticket_id": list("abcdef"), "customer_id": WHO, "opened": DAYS,
                "first_response": [day + HOUR for day in DAYS], "channel": ["chat", "mail"] * 3,
                "resolved": [day + 30 * HOUR for day in DAYS], "outcome": ["solved"] * 6},
    "deliveries": {"order_id": list("123456"), "shipped": DAYS, "carrier": ["Vela", "Ponte"] * 3,
                   "promised": [day + 72 * HOUR for day in DAYS],
                   "delivered": [day + n * 24 * HOUR for n, day in enumerate(DAYS)]},
    "surveys": {"response_id": list("uvwxyz"), "customer_id": WHO, "ts": DAYS,
                "metric": ["nps"] * 6, "score": [10, 9, 3, 8, 7, 10], "scale_min": [0] * 6,
                "scale_max": [10] * 6, "w": [1.0, 2.0, 1.0, 1.0, 0.5, 1.0]},
    "feedback": {"text_id": list("ghijkl"), "customer_id": WHO, "ts": DAYS,
                 "source": ["review"] * 6, "text": ["Great", "Late", "Never", "ok", "Love", "bad"]},
    "customers": {"customer_id": ["anna", "bruno", "carla"], "segment": ["new", "old", "new"]},
    "exposures": {"customer_id": WHO, "experiment": ["one_page"] * 6, "ts": DAYS,
                  "variant": ["control", "one_page"] * 3},
    "units": {"variant": ["control", "one_page"] * 3, "bought": [0, 1, 0, 1, 1, 0],
              "spent": [0.0, 30.0, 0.0, 20.0, 5.0, 0.0]},
}  # fmt: skip
Tables = dict[str, Any]
METRICS = [experiments.MetricColumns(name=name, kind="mean") for name in ("bought", "spent")]


def money(name: str) -> Callable[[Tables], Any]:
    return lambda given: getattr(kpis, name)(given["orders"], currency="EUR")


def counted(name: str, **options: Any) -> Callable[[Tables], Any]:
    return lambda given: getattr(kpis, name)(given["orders"], **options)


def named(name: str) -> Callable[[Tables], Any]:
    return lambda given: getattr(value, name)(given["orders"])


def along(name: str) -> Callable[[Tables], Any]:
    return lambda given: getattr(journeys, name)(journeys.prepare(given["events"]))


CALLS: dict[str, tuple[str, Callable[[Tables], Any]]] = {
    **{name: ("orders", money(name)) for name in (
        "average_order_value", "gross_revenue", "median_order_value", "monthly", "monthly_change",
        "net_revenue", "new_and_returning", "refund_rate", "returning_order_value_difference",
        "returning_revenue_share", "trimmed_order_value")},
    **{name: ("orders", counted(name)) for name in (
        "cancellation_rate", "churn_rate", "order_count", "purchase_frequency",
        "repeat_purchase_rate", "retention_rate", "return_rate", "second_order_rate",
        "without_anonymous", "without_largest")},
    "order_count by": ("orders", counted("order_count", by="customer_id")),
    "again_after": ("deliveries orders", lambda t: kpis.again_after(t["deliveries"], t["orders"])),
    "days_late": ("deliveries orders", lambda t: kpis.days_late(t["deliveries"], t["orders"])),
    "on_time_rate": ("deliveries", lambda t: kpis.on_time_rate(t["deliveries"])),
    "deliveries_by": ("deliveries", lambda t: kpis.deliveries_by(t["deliveries"], "carrier")),
    "cart": ("events", lambda t: kpis.cart_abandonment(
        t["events"], cart="cart", purchase="purchase", by="channel")),
    "checkout": ("events", lambda t: kpis.checkout_abandonment(
        t["events"], checkout="checkout", purchase="purchase", unit="customer")),
    "conversion_rate": ("events", lambda t: kpis.conversion_rate(t["events"], purchase="purchase")),
    "traffic_share": ("events", lambda t: kpis.traffic_share(t["events"], channel="ads")),
    "traffic_sources": ("events", lambda t: kpis.traffic_sources(t["events"])),
    "click_through_rate": ("marketing", lambda t: kpis.click_through_rate(t["marketing"])),
    "cost_per_click": ("marketing", lambda t: kpis.cost_per_click(t["marketing"], currency="EUR")),
    "marketing_channels": ("marketing", lambda t: kpis.marketing_channels(
        t["marketing"], currency="EUR")),
    "first_response_time": ("tickets", lambda t: kpis.first_response_time(t["tickets"])),
    "resolution_time": ("tickets", lambda t: kpis.resolution_time(t["tickets"], by="channel")),
    "response_times": ("tickets", lambda t: kpis.response_times(t["tickets"], "resolution")),
    "tickets_per_order": ("tickets orders", lambda t: kpis.tickets_per_order(
        t["tickets"], t["orders"])),
    "overall": ("surveys", lambda t: survey.overall(t["surveys"], weights="w")),
    "by_group": ("surveys", lambda t: survey.by_group(t["surveys"], "customer_id", weights="w")),
    "with_attribute": ("surveys customers", lambda t: survey.by_group(
        survey.with_attribute(t["surveys"], t["customers"], "segment"), "segment")),
    **{name: ("events", along(name)) for name in (
        "back_and_forth", "durations", "dwell", "entries", "exits", "flow", "paths", "repeats",
        "step_matrix", "transitions")},
    "funnel": ("events", lambda t: journeys.funnel(
        journeys.prepare(t["events"], sessions="given"), ["view", "cart"], by="channel")),
    "with_groups": ("events customers", lambda t: journeys.entries(journeys.with_groups(
        journeys.prepare(t["events"]), t["customers"], "segment"), by="segment")),
    "time_to_goal": ("events", lambda t: journeys.time_to_goal(
        journeys.prepare(t["events"]), start="view", goal="purchase")),
    "analyse": ("units", lambda t: experiments.analyse(t["units"], metrics=METRICS)),
    "first_exposures": ("exposures", lambda t: experiments.first_exposures(
        t["exposures"], PLAN, time_zone="Europe/Rome")),
    "nearest_score": ("feedback surveys", lambda t: voc.nearest_score(
        t["feedback"], t["surveys"], "nps")),
    "bought_again": ("feedback orders", lambda t: voc.bought_again(t["feedback"], t["orders"])),
    "contacts": ("feedback tickets", lambda t: voc.contacts(t["feedback"], t["tickets"])),
    **{f"value.{name}": ("orders", named(name)) for name in (
        "first_order", "lapse_days", "retention_triangle", "season", "summary")},
    "traffic_share by session": ("events", lambda t: kpis.traffic_share(
        t["events"], channel="ads", by="session_id")),
    "draw_sample": ("feedback", lambda t: voc.draw_sample(t["feedback"], 3)),
    "key_drivers": ("units", lambda t: survey.key_drivers(
        [9, 8, 3, 7, 6, 10], numbers_of(t["units"]), resamples=5)),
    "who_answered": ("units", lambda t: survey.who_answered([1, 0] * 3, numbers_of(t["units"]))),
}  # fmt: skip
LIBRARIES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "polars": lambda frame: pl.from_arrow(pa.Table.from_pandas(frame)),
    "arrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "duckdb": lambda frame: duckdb.from_arrow(pa.Table.from_pandas(frame, preserve_index=False)),
}


def numbers_of(units: Any) -> Any:
    names = ["bought", "spent"]
    if isinstance(units, duckdb.DuckDBPyRelation):
        return units.project(", ".join(names))
    return units[names] if isinstance(units, pd.DataFrame) else units.select(names)


def given(tables: str, library: str = "pandas", **changed: pd.DataFrame) -> Tables:
    rows = {name: pd.DataFrame(TABLES[name]) for name in tables.split()} | changed
    return {name: LIBRARIES[library](frame) for name, frame in rows.items()}


def shown(result: Any) -> str:
    """Return what a reader sees of a result: its table, or the rows of a frame in some order."""
    if hasattr(result, "collect"):
        table = result.collect()
        return repr((sorted(table.columns), sorted(table.select("customer_id").rows())))
    return repr(result.table() if hasattr(result, "table") else result)


@pytest.mark.parametrize("call", CALLS)
def test_a_frame_of_any_library_gets_an_answer(call):
    tables, function = CALLS[call]
    answers = {library: shown(function(given(tables, library))) for library in LIBRARIES}
    assert len(set(answers.values())) == 1, answers


@pytest.mark.parametrize("call", ["net_revenue", "by_group", "analyse", "first_response_time"])
def test_an_index_of_any_kind_changes_nothing(call):
    tables, function = CALLS[call]
    plain = {name: pd.DataFrame(TABLES[name]) for name in tables.split()}
    odd = {name: frame.set_index(pd.Index([1] * len(frame))) for name, frame in plain.items()}
    assert repr(function(odd)) == repr(function(plain))


#: How a column of `orders` or of `surveys` may be written, and what is said of it; nothing where it
#: is read.
WAYS: dict[str, tuple[str, Any, str]] = {
    "a comma": (
        "revenue",
        ["1.234,50"] * 6,
        "revenue: must be numbers; 6 rows are not: '1.234,50'",
    ),
    "one word": ("revenue", [1.0, 2.0, 3.0, 4.0, 5.0, "x"], "revenue: must be numbers; 1 row is"),
    "numbers as text": ("revenue", ["30", "20", "50", "40", "40", "-20"], ""),
    "decimals": ("revenue", [Decimal("30.5")] * 6, ""),
    "missing numbers": ("revenue", pd.array([None, 2, 3, 4, 5, 6], dtype="Int64"), ""),
    "no number": ("revenue", None, ""),
    "infinity": ("revenue", [float("inf"), 1.0, 2.0, 3.0, 4.0, 5.0], "revenue: must be numbers; 1"),
    "truths": ("revenue", True, "revenue: must be numbers; it has yes or no"),
    "times for numbers": ("revenue", DAYS, "revenue: must be numbers; it has times"),
    "lists": ("revenue", [[1]] * 6, "revenue: must be numbers; it has lists"),
    "numbers of 16 bits": ("revenue", np.array([30, 20, 50, 40, 40, -20], dtype="float16"), ""),
    "half a sign": (
        "revenue",
        pd.Series(["\ud800"] * 6, dtype=object),
        "revenue: must be numbers; 6 rows are not: '?'",
    ),
    "times for statuses": ("status", DAYS, "status: must be one of 'completed'"),
    "categories of numbers": ("status", pd.Categorical([1] * 6), "status: must be one of"),
    "days": ("ts", [day.date() for day in DAYS], ""),
    "python's times": ("ts", pd.Series([day.to_pydatetime() for day in DAYS], dtype=object), ""),
    "times with a zone": ("ts", [day.tz_localize("Europe/Rome") for day in DAYS], ""),
    "seconds since 1970": ("ts", [int(day.timestamp()) for day in DAYS], ""),
    "texts of times": ("ts", [str(day) for day in DAYS], ""),
    "times with days first": ("ts", ["31/01/2026"] * 6, "ts: must be times; 6 rows are not"),
    "truths for times": ("ts", True, "ts: must be times; it has yes or no"),
    "categories": ("customer_id", pd.Categorical(WHO), ""),
    "numbers of customers": ("customer_id", [1.0, 2.0, 1.0, 3.0, 4.0, None], ""),
    "customers of two kinds": ("customer_id", [1, "b", 1, "c", "d", "b"], ""),
    "orders twice": ("order_id", ["1"] * 6, ""),
    "blank customers": ("customer_id", " ", ""),
    "own statuses": ("status", "paid", "status: must be one of 'completed', 'cancelled', 'return"),
    "statuses as categories": ("status", pd.Categorical(["completed"] * 6), ""),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_column_of_orders_is_read_or_named(way):
    column, values, fault = WAYS[way]
    frame = pd.DataFrame(TABLES["orders"]).assign(**{column: values})
    for name in ("net_revenue", "order_count by", "value.summary"):
        if fault:
            with pytest.raises(SchemaError) as caught:
                CALLS[name][1]({"orders": frame})
            assert fault in str(caught.value)
        else:
            shown(CALLS[name][1]({"orders": frame}))


def test_a_day_is_that_of_the_clock_whatever_its_zone_is_called():
    late = [pd.Timestamp("2026-01-31 22:00", tz="UTC")] * 6
    zone = dt.timezone(dt.timedelta(hours=5, minutes=30))
    for made in (lambda f: f, lambda f: pa.Table.from_pandas(f, preserve_index=False)):
        frame = pd.DataFrame(TABLES["orders"]).assign(ts=[day.tz_convert(zone) for day in late])
        (month,) = kpis.monthly(made(frame), currency="EUR")["month"]
        assert str(month).startswith("2026-02")


def test_views_of_arrow_are_texts():
    rows = pa.Table.from_pandas(pd.DataFrame(TABLES["orders"]))
    place = rows.schema.get_field_index("customer_id")
    viewed = rows.set_column(place, "customer_id", rows["customer_id"].cast(pa.string_view()))
    assert kpis.repeat_purchase_rate(viewed).value == kpis.repeat_purchase_rate(rows).value


def test_events_are_named_by_names():
    frame = pd.DataFrame(TABLES["events"]).assign(event=DAYS)
    with pytest.raises(SchemaError, match="event: must be the names of events; it is Datetime"):
        journeys.prepare(frame)


def test_what_is_read_of_a_column_is_its_value():
    frame = pd.DataFrame(TABLES["orders"]).assign(
        revenue=["30", "20", "50", "40", "40", "-20"],
        ts=[day.strftime("%Y-%m-%dT%H:%M:%SZ") for day in DAYS],
        customer_id=[1, "b", 1.0, "c", "d", "b"],
    )
    assert kpis.net_revenue(frame, currency="EUR").value == 160.0
    # The first and the third order are one customer's, as the last is of the second.
    assert kpis.repeat_purchase_rate(frame).n == 4


@pytest.mark.parametrize(
    ("call", "table", "column"),
    [
        ("net_revenue", "orders", "revenue"),
        ("net_revenue", "orders", "ts"),
        ("days_late", "deliveries", "promised"),
        ("deliveries_by", "deliveries", "carrier"),
        ("cart", "events", "event"),
        ("cart", "events", "channel"),
        ("marketing_channels", "marketing", "date"),
        ("first_response_time", "tickets", "opened"),
        ("overall", "surveys", "score"),
        ("overall", "surveys", "w"),
        ("with_attribute", "customers", "segment"),
        ("with_groups", "customers", "customer_id"),
        ("funnel", "events", "session_id"),
        ("analyse", "units", "variant"),
        ("analyse", "units", "spent"),
        ("first_exposures", "exposures", "variant"),
        ("nearest_score", "feedback", "text_id"),
        ("draw_sample", "feedback", "text"),
    ],
)  # fmt: skip
def test_a_column_that_is_missing_is_named(call, table, column):
    tables, function = CALLS[call]
    for library in LIBRARIES:
        less = pd.DataFrame(TABLES[table]).drop(columns=[column])
        with pytest.raises(SchemaError, match=rf"{column}: no such column"):
            function(given(tables, library, **{table: less}))


@pytest.mark.parametrize("call", CALLS)
def test_no_rows_and_nothing_known_end_in_the_kits_words(call):
    tables, function = CALLS[call]
    for name in tables.split():
        whole = pd.DataFrame(TABLES[name])
        for frame in (whole.iloc[:0], whole.assign(**dict.fromkeys(whole))):
            changed = given(tables, **{name: frame})
            said = []
            with contextlib.suppress(SchemaError), in_the_kits_words():
                said.append(shown(function(changed)))
            assert all(said)


@contextlib.contextmanager
def in_the_kits_words():
    """Let an error pass that the kit itself raises, and no other."""
    try:
        yield
    except (ValueError, TypeError) as error:
        *_, last = traceback.extract_tb(error.__traceback__)
        if f"{os.sep}cxresearch{os.sep}" not in last.filename:
            raise


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("metric", "NPS", "metric: must be one of 'nps', 'csat', 'ces', 'enps'; 6 rows are not"),
        ("scale_max", None, "scale_max: must be the end of the scale; "),
        ("score", 11, "score: 6 answers of 11 to nps are no whole number from 0 to 10"),
        ("w", "heavy", "w: must be numbers"),
    ],
)
def test_an_answer_that_is_none_is_named(column, value, fault):
    frame = pd.DataFrame(TABLES["surveys"]).assign(**{column: value})
    with pytest.raises(SchemaError) as caught:
        survey.overall(frame, weights="w")
    assert fault in str(caught.value)


@pytest.mark.parametrize("library", LIBRARIES)
def test_scores_are_one_column_of_a_frame(library):
    frame = pd.DataFrame({"score": [10, 9, 3], "more": 1})
    assert survey.nps(LIBRARIES[library](frame[["score"]])).n == 3
    with pytest.raises(TypeError, match=r"scores must be one column of a frame; got 'score, more'"):
        survey.nps(LIBRARIES[library](frame))


def test_a_score_that_is_not_given_is_no_answer():
    frame = pd.DataFrame(TABLES["surveys"]).assign(score=[10, None, 3, 8, 7, 10])
    for library in LIBRARIES.values():
        assert survey.overall(library(frame)).n == 5


@pytest.mark.parametrize("nothing", [None, [1, 2], {"order_id": ["1"]}, "orders.csv"])
def test_what_is_no_frame_is_refused(nothing):
    with pytest.raises(TypeError, match="orders must be a frame of pandas, Polars, Arrow or Duck"):
        kpis.order_count(nothing)


def test_two_columns_of_one_name_are_refused():
    frame = pd.DataFrame([["1", "2", 3.0, dt.datetime(2026, 1, 1)]])
    frame.columns = ["order_id", "order_id", "revenue", "ts"]
    with pytest.raises(SchemaError, match="two columns have one name"):
        kpis.order_count(frame)


def test_relations_of_two_connections_are_joined():
    tables = {}
    for name in ("surveys", "customers"):
        arrow = pa.Table.from_pandas(pd.DataFrame(TABLES[name]))
        tables[name] = duckdb.connect().from_arrow(arrow)
    found = CALLS["with_attribute"][1](tables)
    assert found["segment"].tolist() == ["new", "old", "unknown"]
