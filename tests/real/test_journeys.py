"""Journeys of real logs, counted again by plain pandas, and of one with planted stories.

The counts of retentioneering are those of its release 5.2.4 on the same file, run in an environment
of its own: `TransitionMatrix(stream).fit("count", path_col=...)`, `funnel_data(steps=...)` and
`get_conversion_rate("add_to_cart", "purchase", within=...)`.
"""

from __future__ import annotations

import math

import pandas as pd
import pytest

from cxresearch import journeys

STEPS = [
    "catalog",
    "product_view",
    "add_to_cart",
    "shipping_details",
    "payment_details",
    "purchase",
]


def pairs_of(events: pd.DataFrame, unit: str) -> dict[tuple[str, str], int]:
    """Return how often one event follows another in a unit, as pandas counts it."""
    events = events.sort_values("ts", kind="stable")
    after = events.groupby(unit, sort=False)["event"].shift(-1)
    counts = events.assign(after=after).dropna(subset="after").value_counts(["event", "after"])
    return {pair: int(count) for pair, count in counts.items()}


def pairs_found(prepared: journeys.Prepared, unit: str) -> dict[tuple[str, str], int]:
    table = journeys.transitions(prepared, unit=unit, start_exit=False, intervals=False).frame
    counted = table[table["count"] > 0]
    return dict(
        zip(zip(counted["source"], counted["target"], strict=True), counted["count"], strict=True)
    )


@pytest.fixture(scope="module")
def clicks(raw_data) -> pd.DataFrame:
    """The clicks of a shop, whose only event is a click; the item group stands for the page."""
    path = raw_data / "yoochoose_100k" / "yoochoose-clicks-100k_train_full.txt.gz"
    found = pd.read_csv(path, sep="\t", dtype={"SessionId": str})
    ts = pd.to_datetime((found["Time"] * 1000).round().astype("int64"), unit="ms")
    return pd.DataFrame(
        {
            "customer_id": found["SessionId"],  # the shop knows visits, not visitors
            "session_id": found["SessionId"],
            "ts": ts,
            "event": "item " + (found["ItemId"] % 10).astype("str"),
        }
    )


def test_clicks_of_given_sessions(clicks):
    assert len(clicks) == 70_278
    prepared = journeys.prepare(clicks, sessions="given")
    tally = prepared.tally
    assert (tally.events, tally.sessions, tally.customers) == (70_278, 17_794, 17_794)
    found = pairs_found(prepared, "session")
    assert found == pairs_of(clicks, "session_id")
    assert sum(found.values()) == 70_278 - 17_794


def test_clicks_cut_into_sessions_by_their_gaps(clicks):
    gap = clicks.sort_values("ts", kind="stable").groupby("session_id")["ts"].diff()
    long_gaps = int((gap > pd.Timedelta(minutes=30)).sum())
    assert long_gaps > 0
    assert journeys.prepare(clicks).tally.sessions == 17_794 + long_gaps


@pytest.fixture(scope="module")
def cases(raw_data) -> pd.DataFrame:
    found = pd.read_csv(raw_data / "bpi12_loan_log" / "bpi_12_w.csv.gz", dtype=str)
    found.columns = ["customer_id", "event", "ts"]
    return found.assign(ts=pd.to_datetime(found["ts"]))


def test_cases_of_a_loan_log(cases):
    prepared = journeys.prepare(cases)
    assert (prepared.tally.events, prepared.tally.customers) == (72_413, 9_658)
    found = pairs_found(prepared, "customer")
    assert found == pairs_of(cases, "customer_id")
    assert sum(found.values()) == 72_413 - 9_658


def test_median_times_of_a_loan_log(cases):
    prepared = journeys.prepare(cases)
    table = journeys.transitions(prepared, unit="customer", start_exit=False).frame
    ordered = cases.sort_values("ts", kind="stable")
    by_case = ordered.groupby("customer_id", sort=False)
    ordered["after"] = by_case["event"].shift(-1)
    ordered["wait_s"] = (by_case["ts"].shift(-1) - ordered["ts"]).dt.total_seconds()
    expected = ordered.groupby(["event", "after"])["wait_s"].median()
    found = table[table["count"] > 0].set_index(["source", "target"])["median_s"]
    pd.testing.assert_series_equal(
        found.sort_index(), expected, check_names=False, check_index_type=False
    )


@pytest.fixture(scope="module")
def shop(raw_data) -> pd.DataFrame:
    """The log of a shop that retentioneering simulated, with stories planted in it."""
    path = raw_data / "retentioneering_ecom" / "ecom.csv.gz"
    found = pd.read_csv(path, parse_dates=["timestamp"])
    return found.rename(columns={"user_id": "customer_id", "timestamp": "ts"})


@pytest.fixture(scope="module")
def prepared(shop) -> journeys.Prepared:
    return journeys.prepare(shop, sessions="given", carry=["platform", "user_lifecycle"])


def test_transitions_are_those_of_retentioneering(shop, prepared):
    for unit, column, into_bug, to_exit in (
        ("session", "session_id", 8, 144),
        ("customer", "customer_id", 8, 32),
    ):
        found = pairs_found(prepared, unit)
        assert found == pairs_of(shop, column)
        assert found["shipping_details", "checkout_bug"] == into_bug
        everything = journeys.transitions(prepared, unit=unit, intervals=False).matrix("count")
        assert everything.loc["shipping_details", "(exit)"] == to_exit
    # Of every row of its matrix by session: path_start, payment_details, purchase.
    by_session = journeys.transitions(prepared, intervals=False).matrix("count")
    assert by_session.loc["(start)"].sum() == 3_605
    assert by_session.to_numpy().sum() == 34_711
    names = ["add_to_cart", "cart", "payment_error", "purchase", "support_chat", "(exit)"]
    assert by_session.loc["payment_details", names].tolist() == [44, 73, 23, 116, 16, 161]
    assert by_session.loc["purchase", names].tolist() == [32, 39, 2, 0, 5, 187]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("customer", [600, 596, 502, 390, 272, 139]),
        ("session", [2_837, 2_108, 602, 236, 80, 21]),
    ],
)
def test_funnels_are_those_of_retentioneering(prepared, unit, expected):
    rules = journeys.CountingRules(unit=unit)
    found = journeys.funnel(prepared, STEPS, rules=rules)
    assert [step.units for step in found.steps] == expected


def test_a_window_does_not_turn_a_lift_round(prepared):
    """retentioneering tells 1.04 without a window, and 0.49 with one of 30 minutes.

    It divides the rate within the window by one without: 141 / 522 over 328 / 600.
    """
    peer = {math.inf: (297 / 522) / (328 / 600), 1800.0: (141 / 522) / (328 / 600)}
    assert [round(lift, 2) for lift in peer.values()] == [1.04, 0.49]
    for window_s in peer:
        found = journeys.lifts(prepared, "purchase", unit="customer", window_s=window_s)
        row = found.frame.set_index("event").loc["add_to_cart"]
        assert row["lift"] > 1
        assert row["lift_low"] <= row["lift"] <= row["lift_high"]


def story(shop: pd.DataFrame, inside: pd.Series) -> journeys.Prepared:
    return journeys.prepare(
        shop.assign(story=inside.map({True: "story", False: "usual"})),
        sessions="given",
        carry=["story"],
    )


def during(shop: pd.DataFrame, first: str, last: str) -> pd.Series:
    return (shop["ts"] >= first) & (shop["ts"] < pd.Timestamp(last) + pd.Timedelta(days=1))


def cell(found: journeys.Differences, source: str, target: str) -> pd.Series:
    return found.frame.set_index(["source", "target"]).loc[(source, target)]


def test_the_planted_bug_of_the_checkout_is_found(shop):
    """On mobile, from 9 April to 10 May, the shipping page leads back instead of on to payment.

    Whoever asks about this page sees it; among all cells at once, 90 visits to it are too few.
    """
    mobile = shop[shop["platform"] == "mobile"]
    view = journeys.transition_view(story(mobile, during(mobile, "2024-04-09", "2024-05-10")))
    found = journeys.compare(view, by="story", first="usual", second="story")
    back = cell(found, "shipping_details", "cart")
    assert back["ci_low"] > 0
    assert cell(found, "shipping_details", "payment_details")["ci_high"] < 0
    assert cell(found, "shipping_details", "checkout_bug")["ci_low"] > 0
    assert back["p_value"] < 0.05 < back["p_adjusted"]


def test_the_planted_incident_of_the_payment_is_found(shop):
    """From 19 May to 8 June many payments meet an error, and people turn to the chat."""
    view = journeys.transition_view(story(shop, during(shop, "2024-05-19", "2024-06-08")))
    found = journeys.compare(view, by="story", first="usual", second="story")
    error = cell(found, "payment_details", "payment_error")
    assert error["significant"]
    assert error["count_first"] == 0
    assert error["ci_low"] > 0.05
    purchase = cell(found, "payment_details", "purchase")
    assert purchase["significant"]
    assert purchase["ci_high"] < 0
    assert cell(found, "payment_details", "support_chat")["ci_low"] > 0


def test_the_planted_article_brings_visitors_who_only_look(shop):
    """From 29 February to 3 March; the crowd that it should bring is not in the file."""
    prepared = story(shop, during(shop, "2024-02-29", "2024-03-03"))
    rules = journeys.CountingRules(unit="session")
    steps = ["product_view", "add_to_cart"]
    found = journeys.funnel(prepared, steps, rules=rules, by="story")
    rates = {group.name: group.steps[-1].rate for group in found.groups}
    assert rates["story"].ci.high < rates["usual"].ci.low


def test_new_customers_buy_less_than_loyal_ones(prepared):
    rules = journeys.CountingRules(unit="session")
    steps = ["product_view", "purchase"]
    found = journeys.funnel(prepared, steps, rules=rules, by="user_lifecycle")
    rates = {group.name: group.steps[-1].rate for group in found.groups}
    assert rates["new"].ci.high < rates["loyal"].ci.low
