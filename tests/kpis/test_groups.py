"""Indicators in groups, and how far these are apart."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.phrasing import plain
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.unit_sums import UnitSums
from cxresearch.errors import SchemaError
from cxresearch.stats.means.estimators import NO_VARIANCE
from cxresearch.stats.means.ratios import difference_of_ratios
from cxresearch.stats.multiplicity import contrasts_apart, contrasts_of_ratios
from tests.kpis.shop import ENGINES, in_engine


def orders(groups: dict[str, float], n: int = 300, seed: int = 1) -> pd.DataFrame:
    """Orders of `n` customers, each with one in every channel, around a mean of each channel."""
    rng = np.random.default_rng(seed)
    own = rng.normal(0, 10, n)  # a customer's own level, which both channels share
    rows = [
        pd.DataFrame(
            {
                "order_id": [f"{name}{i}" for i in range(n)],
                "customer_id": [f"c{i}" for i in range(n)],
                "ts": pd.Timestamp("2026-01-05", tz="UTC"),
                "revenue": 100 + mean + own + rng.normal(0, 1, n),
                "channel": name,
            }
        )
        for name, mean in groups.items()
    ]
    return pd.concat(rows, ignore_index=True)


def test_a_difference_knows_that_the_same_customers_are_in_both_groups():
    """Two groups of the same people: the spread between people is no part of the difference."""
    frame = orders({"email": 1.0, "web": 0.0})
    found = cx.kpis.average_order_value(frame, currency="EUR", by="channel").compare()
    pair = found.pairs["email", "web"]
    both = frame.pivot_table(index="customer_id", columns="channel", values="revenue")
    paired = both["email"] - both["web"]
    assert pair.value == pytest.approx(paired.mean())
    se = paired.std() / math.sqrt(len(paired))
    assert (pair.ci.high - pair.ci.low) / 2 == pytest.approx(1.968 * se, rel=0.01)
    assert found.ranks == {"email": 1, "web": 2}
    apart = cx.kpis.average_order_value(frame, currency="EUR", by="channel")
    wide = apart.groups["email"].ci.high - apart.groups["email"].ci.low
    assert pair.ci.high - pair.ci.low < wide / 3


@pytest.mark.parametrize("currency", [100.0, 1e5])
def test_a_comparison_does_not_depend_on_how_small_the_coin_is(currency: float):
    frame = orders({"email": 1.0, "web": 0.0})
    small = frame.assign(revenue=frame["revenue"] * currency)
    one, other = (
        cx.kpis.average_order_value(rows, currency="EUR", by="channel").compare()
        for rows in (frame, small)
    )
    found, expected = other.pairs["email", "web"], one.pairs["email", "web"]
    assert found.value == pytest.approx(expected.value * currency)
    assert found.ci == pytest.approx([end * currency for end in expected.ci])
    assert (found.method, found.p_value) == (expected.method, pytest.approx(expected.p_value))


def test_groups_that_nothing_tells_apart_share_a_rank():
    found = cx.kpis.average_order_value(
        orders({"a": 0.0, "b": 0.05, "c": 30.0}), currency="EUR", by="channel"
    ).compare()
    assert found.ranks == {"c": 1, "a": 2, "b": 2}
    said = plain(*found.answer, Language("en"))
    assert said.startswith("c is the highest: ")
    frame = found.to_frame()
    assert frame["channel"].iloc[0] == "c"
    assert frame["difference"].iloc[0] == pytest.approx(30, abs=0.5)


def test_many_comparisons_have_wider_intervals_and_larger_p_values():
    sums = UnitSums.from_arrays(
        **{f"{of}{i}": [1.0 + i, 2.0, 0.5 * i] for i in range(4) for of in "x"},
        **{f"y{i}": [1.0, 1.0, 1.0] for i in range(4)},
    )
    from cxresearch.stats.means.ratios import ratio_of_sums

    levels = {str(i): ratio_of_sums(sums.ratio(f"x{i}", f"y{i}"), unit="EUR") for i in range(4)}
    found = contrasts_of_ratios(levels, sums, by="g", unit="EUR")
    plain = difference_of_ratios(
        sums.ratio("x0", "y0"),
        sums.ratio("x3", "y3"),
        sums.cross(("x0", "y0"), ("x3", "y3")),
        unit="EUR",
        confidence=1 - 0.05 / 6,
    )
    assert found.pairs["3", "0"].value == pytest.approx(plain.value)
    assert found.pairs["3", "0"].ci == pytest.approx(plain.ci)
    assert len(found.pairs) == 6


def test_the_rest_is_all_other_groups_together():
    frame = orders({"a": 0.0, "b": 20.0, "c": 50.0})
    found = cx.kpis.average_order_value(frame, currency="EUR", by="channel").compare()
    rest = frame[frame["channel"] != "a"]["revenue"].mean()
    own = frame[frame["channel"] == "a"]["revenue"].mean()
    assert found.against_rest["a"].value == pytest.approx(own - rest)


def test_false_alarms_among_equal_groups_are_held():
    """Of 200 shops whose four channels are alike, at most about one in twenty shows a leader."""
    alarms = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        n = 150
        places = range(4)
        x = {f"x{i}": rng.normal(10, 3, n) for i in places}
        y = {f"y{i}": np.ones(n) for i in places}
        sums = UnitSums.from_arrays(**x, **y)
        from cxresearch.stats.means.ratios import ratio_of_sums

        levels = {str(i): ratio_of_sums(sums.ratio(f"x{i}", f"y{i}"), unit="EUR") for i in places}
        found = contrasts_of_ratios(levels, sums, by="g", unit="EUR")
        alarms += any(one.p_value < 0.05 for one in found.pairs.values())
    assert alarms <= 18  # the upper 2 % end of a binomial with 5 %


def test_a_session_of_two_devices_is_in_one_group():
    frame = pd.DataFrame(
        {
            "customer_id": "a",
            "session_id": ["1", "1", "2"],
            "ts": pd.to_datetime(["2026-01-05", "2026-01-06", "2026-01-07"], utc=True),
            "event": ["checkout", "purchase", "checkout"],
            "device": ["mobile", "desktop", "mobile"],
        }
    )
    found = cx.kpis.checkout_abandonment(
        frame, checkout="checkout", purchase="purchase", by="device"
    )
    assert {name: one.value for name, one in found.groups.items()} == {"desktop": 0, "mobile": 1}


def test_what_cannot_be_grouped_or_compared_is_said():
    frame = orders({"a": 0.0}, n=5)
    with pytest.raises(SchemaError, match=r"did you mean 'channel'"):
        cx.kpis.order_count(frame, by="chanel")
    with pytest.raises(ValueError, match="the number of groups"):
        cx.kpis.order_count(frame, by="channel").compare()
    with pytest.raises(ValueError, match="by must be given"):
        cx.kpis.order_count(frame).compare()
    with pytest.raises(ValueError, match="the number of groups"):
        cx.kpis.order_count(orders({"a": 0}, n=40), by="order_id")


def test_a_funnel_compares_its_groups():
    events = pd.DataFrame(
        [
            (f"c{i}", "2026-01-05 10:00", step, "mobile" if i % 2 else "desktop")
            for i in range(200)
            for step in (["view", "buy"] if i % 10 else ["view"])
        ],
        columns=["customer_id", "ts", "event", "device"],
    )
    prepared = cx.journeys.prepare(events, carry=["device"])
    found = cx.journeys.funnel(prepared, ["view", "buy"], by="device").compare()
    assert not isinstance(found, Missing)
    assert found.pairs["mobile", "desktop"].value == pytest.approx(0.2)
    assert found.ranks == {"mobile": 1, "desktop": 2}
    alone = cx.journeys.funnel(prepared, ["view", "buy"]).compare()
    assert isinstance(alone, Missing)


def test_which_segment_abandons_checkout_most_on_mobile():
    """The question of a head of CX: one call, three lines, and no segment that leads by chance."""
    shop = cx.open_study("demo")
    mobile = shop.frame("events", "segment").filter(device="mobile")
    left = cx.kpis.checkout_abandonment(
        mobile, checkout="begin_checkout", purchase="purchase", by="segment"
    )
    found = left.compare()
    assert set(found.levels) == {"loyal", "new", "returning", "unknown"}
    assert sum(one.n for one in found.levels.values()) == left.n
    assert set(found.ranks.values()) == {1}
    assert "nothing tells it apart" in plain(*found.answer, Language("en"))


def stopped() -> pd.DataFrame:
    """Orders of two channels over 12 months, one of which nobody orders through after April."""
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in rng.integers(0, 40, 400)],
            "ts": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 365, 400), unit="D"),
            "revenue": 10.0,
            "channel": rng.choice(["app", "web"], 400),
        }
    )
    frame = frame[(frame["channel"] == "web") | (frame["ts"] < "2026-05-01")]
    ends = pd.DataFrame({"customer_id": "z", "ts": pd.to_datetime(["2026-01-01", "2026-12-31"])})
    ends = ends.assign(revenue=10.0, channel="web")
    both = pd.concat([frame, ends], ignore_index=True)
    return both.assign(order_id=[f"o{i}" for i in range(len(both))])


def test_who_bought_in_a_group_that_stopped_is_lost():
    """The periods are those of the shop: a group has none of its own, in which all would stay."""
    frame = stopped()
    app = frame[frame["channel"] == "app"]
    quarters = [set(part["customer_id"]) for _, part in app.groupby(app["ts"].dt.quarter)]
    first, second = quarters  # of four: whoever bought in April is lost in the third quarter
    churn = cx.kpis.churn_rate(frame, months=3, by="channel").groups["app"]
    assert churn.value == pytest.approx(
        (len(first - second) + len(second)) / (len(first) + len(second))
    )
    retention = cx.kpis.retention_rate(frame, months=3, by="channel").groups["app"]
    assert retention.value == pytest.approx(1 - churn.value)


def test_customers_of_a_group_are_followed_as_long_as_the_data_are():
    frame = stopped()
    app = frame[frame["channel"] == "app"].sort_values("ts")
    first = app.groupby("customer_id")["ts"].min()
    within = app["ts"] <= app["customer_id"].map(first) + pd.Timedelta(days=60)
    again = app[within].groupby("customer_id").size() > 1
    found = cx.kpis.second_order_rate(frame, days=60, by="channel").groups["app"]
    assert (found.value, found.n) == (pytest.approx(again.mean()), app["customer_id"].nunique())


def test_a_group_that_stopped_brings_nothing_in_the_months_after():
    frame = stopped()
    by_channel = cx.kpis.net_revenue(frame, currency="EUR", by="channel")
    months = {name: cx.kpis.by_month(one) for name, one in by_channel.groups.items()}
    whole = cx.kpis.by_month(by_channel)
    assert list(months["app"]["month"]) == list(whole["month"])
    assert (months["app"]["value"] + months["web"]["value"]).tolist() == whole["value"].tolist()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_refund_in_another_group_is_counted_once(engine: str):
    """An order flagged on the web, whose document of the refund names no channel."""
    frame = pd.DataFrame(
        [
            ("5", "a", "2026-01-01", 20.0, "cancelled", "web"),
            ("R5", "a", "2026-01-05", -20.0, "cancelled", None),
            ("6", "b", "2026-01-07", 30.0, None, "app"),
            ("7", "c", "2026-01-31", 40.0, "completed", "web"),
        ],
        columns=["order_id", "customer_id", "ts", "revenue", "status", "channel"],
    )
    frame["ts"] = pd.to_datetime(frame["ts"])
    orders = in_engine(frame, engine)
    net = cx.kpis.net_revenue(orders, currency="EUR", by="channel")
    assert {name: one.value for name, one in net.groups.items()} == {
        "app": 30.0,
        "unknown": -20.0,
        "web": 60.0,
    }
    assert net.value == sum(one.value for one in net.groups.values()) == frame["revenue"].sum()
    undone = cx.kpis.cancellation_rate(orders, by="channel")
    assert undone.value == pytest.approx(1 / 3)
    # That nothing was undone in the app is known: the export says what became of its orders.
    assert {name: undone.groups[name].value for name in ("app", "web")} == {"app": 0, "web": 0.5}
    back = cx.kpis.refund_rate(orders, currency="EUR", by="channel")
    assert back.groups["app"].value == 0
    unsaid = in_engine(frame.assign(status=None, revenue=frame["revenue"].abs()), engine)
    assert math.isnan(cx.kpis.cancellation_rate(unsaid, by="channel").groups["app"].value)


def test_an_open_ticket_of_a_group_has_waited_until_the_last_moment_of_all():
    hours = [(0, 1, "chat"), (0, 9, "chat"), *[(8, None, "chat")] * 3, (8, 40, "email")]
    day = pd.Timestamp("2026-01-05 10:00")
    tickets = pd.DataFrame(
        [
            (f"t{i}", f"c{i}", day + pd.Timedelta(hours=opened), channel)
            for i, (opened, _, channel) in enumerate(hours)
        ],
        columns=["ticket_id", "customer_id", "opened", "channel"],
    )
    waits = [answered for _, answered, _ in hours]
    tickets["first_response"] = day + pd.to_timedelta(pd.Series(waits, dtype=float), unit="h")
    # Each of the five in chat was followed for 9 hours at least, and two were answered by then.
    for half in (
        cx.kpis.first_response_time(tickets, by="channel").groups["chat"].value,
        cx.kpis.response_times(tickets, "first_response")["median"].iloc[0],
        cx.kpis.response_times(
            tickets.assign(channel=tickets["channel"].replace("email", None)), "first_response"
        )["median"].iloc[0],
    ):
        assert math.isnan(half)
    assert cx.kpis.first_response_time(tickets, q=0.39, by="channel").groups["chat"].value == 9


@pytest.mark.parametrize("engine", ENGINES)
def test_who_is_new_is_settled_by_the_orders_of_all_groups(engine: str):
    """Ada came by the web and Bea by the app: both return in the app, and nobody is new twice."""
    frame = pd.DataFrame(
        [
            ("1", "ada", "2026-01-01", 100.0, "web"),
            ("2", "ada", "2026-01-10", 50.0, "app"),
            ("3", "bea", "2026-01-02", 30.0, "app"),
            ("4", "bea", "2026-01-20", 70.0, "app"),
            ("5", "cio", "2026-01-03", 20.0, "web"),
        ],
        columns=["order_id", "customer_id", "ts", "revenue", "channel"],
    )
    frame["ts"] = pd.to_datetime(frame["ts"])
    given = in_engine(frame, engine)
    found = cx.kpis.returning_revenue_share(given, currency="EUR", by="channel")
    assert found.value == pytest.approx(120 / 270)
    values = {name: one.value for name, one in found.groups.items()}
    assert values == {"app": pytest.approx(120 / 150), "web": 0}
    more = cx.kpis.returning_order_value_difference(given, currency="EUR", by="channel")
    assert more.groups["app"].value == pytest.approx(60 - 30)
    assert math.isnan(more.groups["web"].value)


@pytest.mark.parametrize("engine", ENGINES)
def test_columns_of_a_users_own_are_none_of_the_kits(engine: str):
    frame = pd.DataFrame(
        [("1", "a", 20.0, "cancelled"), ("R1", "a", -20.0, "cancelled"), ("2", "b", 30.0, None)],
        columns=["order_id", "customer_id", "revenue", "status"],
    ).assign(ts=pd.Timestamp("2026-01-05"), month=["x", "x", "y"])
    own = frame.assign(settled=7.0, net=1.0, cluster="all", first_number="2", cx_settled=0.0)
    for rows in (frame, own):
        net = cx.kpis.net_revenue(in_engine(rows, engine), currency="EUR", by="month")
        values = {name: one.value for name, one in net.groups.items()}
        assert (net.value, values) == (30, {"x": 0, "y": 30})
        share = cx.kpis.returning_revenue_share(in_engine(rows, engine), currency="EUR")
        assert (share.value, share.n) == (0, 1)


def test_a_group_without_an_interval_is_compared_without_one_and_that_is_said():
    half = Estimate(
        value=0.5, ci=Interval(0.4, 0.6), n=90, unit="share", confidence=0.95, method=""
    )
    nothing = Interval(math.nan, math.nan)
    one = replace(half, value=1.0, ci=nothing, n=1, note="no interval: it needs two")
    sure = replace(half, value=0.2, ci=Interval(0.2, 0.2), n=9)
    found = contrasts_apart({"a": half, "b": one, "c": sure, "d": replace(sure, value=0.3)}, by="g")
    for pair in (("b", "a"), ("b", "c")):
        compared = found.pairs[pair]
        assert all(map(math.isnan, [*compared.ci, compared.p_value]))
        assert compared.note == NO_VARIANCE
    assert found.pairs["a", "c"].note == ""
    alike = contrasts_apart({"c": sure, "e": sure}, by="g").pairs["c", "e"]
    assert (alike.value, alike.note) == (0, NO_VARIANCE)
    assert all(map(math.isnan, [*alike.ci, alike.p_value]))
