"""The scorecard in words, and every message of an indicator in Italian."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial

import pandas as pd
import pytest

import cxresearch as cx
from cxresearch import kpis, survey
from cxresearch.core import phrasing
from cxresearch.core.catalogues import catalogue
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark
from cxresearch.core.results import side_by_side
from cxresearch.core.table import Estimates, Table
from cxresearch.kpis._example import EVENTS, MARKETING, TICKETS
from cxresearch.kpis.kpi import Kpi, stable
from cxresearch.stats.control import shewhart
from cxresearch.stats.means import ratios
from cxresearch.stats.means import ratios as totals
from cxresearch.stats.shares import proportions
from tests.kpis.shop import orders, random_orders
from tests.kpis.test_carts import ROWS, events

ORDERS = random_orders(2)
#: Each indicator by its name, to be worked out by the test that asks for it.
EVERY: dict[str, Callable[[], Kpi]] = {
    "net revenue": lambda: kpis.net_revenue(ORDERS, currency="EUR"),
    "gross revenue": lambda: kpis.gross_revenue(ORDERS, currency="EUR"),
    "orders placed": lambda: kpis.order_count(ORDERS),
    "average order value": lambda: kpis.average_order_value(ORDERS, currency="EUR"),
    "cancellation rate": lambda: kpis.cancellation_rate(ORDERS),
    "return rate": lambda: kpis.return_rate(ORDERS),
    "refund rate": lambda: kpis.refund_rate(ORDERS, currency="EUR"),
    "purchase frequency": lambda: kpis.purchase_frequency(ORDERS),
    "repeat purchase rate": lambda: kpis.repeat_purchase_rate(ORDERS),
    "returning revenue share": lambda: kpis.returning_revenue_share(ORDERS, currency="EUR"),
    "monthly change": lambda: kpis.monthly_change(ORDERS, currency="EUR"),
    "change": lambda: kpis.change(kpis.net_revenue(ORDERS, currency="EUR")),
    "returning order value difference": lambda: kpis.returning_order_value_difference(
        ORDERS, currency="EUR"
    ),
    "churn": lambda: kpis.churn_rate(ORDERS),
    "retention": lambda: kpis.retention_rate(ORDERS, months=1),
    "click-through": lambda: kpis.click_through_rate(MARKETING.assign(clicks=None)),
    "cost per click": lambda: kpis.cost_per_click(MARKETING, currency="EUR"),
    "conversion by session": lambda: kpis.conversion_rate(EVENTS, purchase="purchase"),
    "conversion by customer": lambda: kpis.conversion_rate(
        EVENTS, purchase="purchase", unit="customer"
    ),
    "first response time": lambda: kpis.first_response_time(TICKETS),
    "resolution time": lambda: kpis.resolution_time(
        TICKETS, hours=kpis.BusinessHours(time_zone="UTC", weekdays=tuple(range(7)))
    ),
    "tickets per order": lambda: kpis.tickets_per_order(TICKETS, ORDERS),
    "median order value": lambda: kpis.median_order_value(ORDERS, currency="EUR"),
    "trimmed order value": lambda: kpis.trimmed_order_value(ORDERS, currency="EUR"),
    "traffic share": lambda: kpis.traffic_share(EVENTS, channel="email"),
    **{
        f"{name} by {unit}": partial(
            function,
            events([*ROWS, ("e", None, 1, "add")]),
            purchase="pay",
            unit=unit,
            **{start: "add"},
        )
        for name, function, start in (
            ("cart abandonment", kpis.cart_abandonment, "cart"),
            ("checkout abandonment", kpis.checkout_abandonment, "checkout"),
        )
        for unit in ("session", "customer")
    },
}
NOTES = [
    value
    for module in (shewhart, proportions, ratios, totals)
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, str) and " " in value
]


def test_the_notes_of_the_statistics_are_found():
    assert ratios.NO_SPREAD in NOTES
    assert shewhart.TOO_FEW_POINTS in NOTES


@pytest.mark.parametrize("name", EVERY)
def test_an_indicator_is_wholly_said_in_italian(name):
    messages = catalogue("it")
    found = EVERY[name]()
    for result in (found, kpis.change(found)):
        assert result.definition in messages
        assert result.method in messages or math.isnan(result.value)
        assert {remark.message for remark in result.remarks} <= messages.keys()


@pytest.mark.parametrize("note", sorted(set(NOTES) - {shewhart.BEYOND_LIMITS, shewhart.RUN}))
def test_a_note_is_said_in_italian(note):
    assert note in catalogue("it")


def test_an_estimate_of_another_part_has_its_line_among_the_definitions():
    answers = pd.DataFrame(
        {
            "metric": "csat",
            "score": [5, 4, 2, 5, 1, 3],
            "scale_min": 1,
            "scale_max": 5,
            "customer_id": ["a", "b", "c", "a", "b", "d"],
            "touchpoint": "chat",
        }
    )
    satisfied = survey.overall(answers, "csat", touchpoint="chat")
    assert satisfied.note
    group = Estimates(
        rows={"csat": satisfied},
        names={"csat": "CSAT"},
        definitions={"csat": survey.METRICS["csat"].definition},
        caption="Scores",
    )
    told = kpis.definitions(group, Missing("no tickets"))
    for lang in ("en", "it"):
        language = Language(lang)
        text = told.made(language).text
        for said in (survey.METRICS["csat"].definition, satisfied.method):
            assert language.text(said) in text
        assert satisfied.note_in(language) in text


def test_the_scorecard_says_each_number_with_its_unit():
    frame = orders(
        [
            {"customer_id": "a", "revenue": 10_000, "status": "completed"},
            {"customer_id": "b", "revenue": 20_000},
            {"customer_id": "b", "revenue": 30_000},
        ]
    )
    shown = {
        "Net revenue": kpis.net_revenue(frame, currency="EUR"),
        "Repeat purchase rate": kpis.repeat_purchase_rate(frame),
        "Return rate": kpis.return_rate(frame),
    }
    table = side_by_side(shown)
    assert table["indicator"].tolist() == list(shown)
    assert table["value_unit"].tolist() == ["EUR", "share", "share"]
    assert table["n"].tolist() == [2, 2, 2]
    # 1.96 * sqrt(10,000**2 + 50,000**2) is 99,939.
    assert table.loc[0, ["value", "value_low", "value_high"]].round().tolist() == [
        60_000, -39_939, 159_939,
    ]  # fmt: skip
    assert table.loc[1, ["value", "value_low", "value_high"]].astype(float).round(3).tolist() == [
        0.5, 0.095, 0.905,
    ]  # fmt: skip
    assert table.loc[2, "value"] == 0
    assert table.loc[2, ["value_low", "value_high"]].isna().all()


def year_of(*per_month):
    """Return orders of 10 each, as many in each month from January 2026 as are given."""
    rows = [
        {"customer_id": f"{month}-{i}", "revenue": 10.0, "day": f"2026-{month:02d}-{day}"}
        for month, count in enumerate(per_month, 1)
        for i in range(count)
        for day in (["01"] if i else ["01", "28", "30"] if month == len(per_month) else ["01"])
    ]
    return orders(rows)


def test_changes_tell_signal_from_noise():
    calm = kpis.order_count(year_of(5, 6, 5, 6, 5, 6, 5, 6, 4))
    jump = kpis.order_count(year_of(5, 6, 5, 6, 5, 6, 5, 6, 40))
    found = kpis.change(calm)
    # September brought 4 customers with 6 orders (one has three), August 6 with one each:
    # 0 -+ 1.96 * sqrt(3**2 + 3 + 6).
    assert [round(one) for one in (found.value, *found.ci)] == [0, -8, 8]
    assert found.unit == "orders"
    assert kpis.control_chart(calm).points["signal"].iloc[-1] == ""
    assert kpis.change(jump).value == 36
    assert kpis.control_chart(jump).points["signal"].iloc[-1] != ""


def test_fewer_than_eight_whole_months_tell_no_signal():
    seven = kpis.order_count(year_of(5, 6, 5, 6, 5, 6, 40))
    (row,) = kpis.board(Estimates(rows={"orders_placed": seven}, caption="Orders")).rows
    assert row.verdict.message == "too few months"


def test_without_two_months_a_change_is_undefined():
    found = kpis.change(kpis.order_count(year_of(5)))
    assert all(math.isnan(one) for one in (found.value, *found.ci))


def test_definitions_say_the_notes_with_their_numbers():
    kept = Estimates(
        rows={"repeat_purchase_rate": EVERY["repeat purchase rate"]()}, caption="Returning"
    )
    (row,) = kpis.definitions(kept).frame.to_dict("records")
    italian = Language("it")
    assert italian.text(row["indicator"]) == "Tasso di riacquisto"
    assert italian.text(row["definition"]).startswith("Tra i clienti con almeno un ordine netto")
    assert italian.text(row["method"]) == "score di Wilson"
    assert re.fullmatch(r"ordini senza cliente esclusi: \d+", row["note"].words(italian))


def test_no_indicators_are_an_empty_table():
    assert side_by_side({}).empty
    assert kpis.definitions(Missing("no orders")).frame.empty


def test_a_remark_formats_numbers_and_leaves_words():
    remark = Remark("{count} of {name}", {"count": 12345, "name": "2026-10"})
    assert remark.words(Language("it")) == "12.345 of 2026-10"


def test_the_last_digits_of_a_sum_are_not_kept():
    assert stable(0.1 + 0.2) == 0.3
    assert stable(123456.789) == 123456.789


def test_the_months_of_a_shop_with_orders_in_another_currency_add_up(project):
    folder = project / "data" / "shop"
    folder.mkdir()
    (folder / "study.yaml").write_text(
        "{title: {en: S, it: S}, currency: EUR, time_zone: UTC, tables: {orders: {file: o.csv}}}"
    )
    frame = random_orders(4).assign(ts=lambda rows: pd.to_datetime(rows["ts_us"], unit="us"))
    named = ["order_id", "customer_id", "ts", "revenue", "currency", "status"]
    frame[named].to_csv(folder / "o.csv", index=False)
    shop = cx.open_study("shop")
    money = kpis.money(shop)
    months, kinds = kpis.orders_by_month(shop, money), kpis.orders_by_kind(shop)
    placed = frame[frame["revenue"] > 0]
    kept = placed[placed["status"].isna() | (placed["status"] == "completed")]
    for table, rows, columns in (
        (months, placed, ["orders"]),
        (kinds, kept, ["new", "returning", "anonymous"]),
    ):
        other = int((rows["currency"] == "USD").sum())
        assert table.frame[columns].to_numpy().sum() == len(rows) - other
        said = table.made(Language("it")).text
        assert f"ordini in altra valuta esclusi: {other}" in said


def test_a_channel_that_is_not_known_is_said_in_the_language(project):
    folder = project / "data" / "shop"
    folder.mkdir()
    (folder / "study.yaml").write_text(
        "{title: {en: S, it: S}, currency: EUR, time_zone: UTC, tables: {events: {file: e.csv}}}"
    )
    rows = [f"c{i},s{i},2026-01-05,view,{'web' if i % 2 else ''}" for i in range(9)]
    (folder / "e.csv").write_text("\n".join(["customer_id,session_id,ts,event,channel", *rows]))
    found = kpis.sources(cx.open_study("shop"))
    assert isinstance(found, Table)
    assert "sconosciuto" in found.made(Language("it")).text
    assert "unknown" not in found.made(Language("it")).text
    said = kpis.main_sources(found)
    assert phrasing.plain(*said, Language("en")).startswith("Most sessions come from unknown (56%)")
