"""What is planted can be found again by plain pandas, within what chance allows.

A share is held to 4 standard errors, widened by a design effect of 2 where visits of one customer
are alike: a right simulator fails such a test about once in 15,000.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from cxresearch import simulate
from cxresearch.simulate.planted import Experiment, Planted
from cxresearch.simulate.shop import Shop

ROME = "Europe/Rome"


def allowed(share: float, n: int, *, design: float = 1.0) -> float:
    """How far an observed share of n may be from the planted one."""
    return 4 * math.sqrt(design * share * (1 - share) / n)


@pytest.fixture(scope="module")
def visits(year: Shop) -> pd.DataFrame:
    """One row per browsing visit: device, start, and how often each step happened."""
    events = year.tables["events"]
    inside = events[events["device"].notna()]
    counts = pd.crosstab(inside["session_id"], inside["event"])
    about = inside.groupby("session_id").agg(
        customer_id=("customer_id", "first"), device=("device", "first"), start=("ts", "min")
    )
    both = about.join(counts)
    return both[both["reorder"] == 0]


@pytest.fixture(scope="module")
def segments(year: Shop) -> pd.Series:
    customers = year.tables["customers"]
    return customers[customers["source"] == "web"].set_index("customer_id")["segment"]


def before(visits: pd.DataFrame, day: str) -> pd.Series:
    return visits["start"] < pd.Timestamp(day, tz=ROME)


def test_funnel_steps_have_their_planted_shares(year: Shop, visits: pd.DataFrame) -> None:
    planted = year.truth["funnel"]
    viewed = visits["view_product"] > 0
    carted, checkout = visits["add_to_cart"] > 0, visits["begin_checkout"] > 0
    assert viewed.mean() == pytest.approx(
        planted["view_product"], abs=allowed(planted["view_product"], len(visits), design=2)
    )
    for device, share in zip(("desktop", "mobile", "tablet"), planted["add_to_cart"], strict=True):
        these = carted[viewed & (visits["device"] == device)]
        assert these.mean() == pytest.approx(share, abs=allowed(share, len(these), design=2))
    assert checkout[carted].mean() == pytest.approx(
        planted["begin_checkout"], abs=allowed(planted["begin_checkout"], carted.sum(), design=2)
    )
    counted = year.truth["realised"]["funnel_visits"]
    assert counted == {
        "browsing": len(visits),
        "view_product": viewed.sum(),
        "add_to_cart": carted.sum(),
        "begin_checkout": checkout.sum(),
        "purchase": (visits["purchase"] > 0).sum(),
    }
    assert not (carted & ~viewed).any()
    assert not (checkout & ~carted).any()


def test_payment_errors_become_common_on_mobile_only(year: Shop, visits: pd.DataFrame) -> None:
    planted, period = year.truth["payment_error"], year.truth["periods"]["payment_error"]
    paying = visits[visits["payment_step"] > 0]
    failed, earlier = paying["payment_error"] > 0, before(paying, period["first"])
    mobile = paying["device"] == planted["device"]
    common = failed[mobile & ~earlier]
    assert common.mean() == pytest.approx(
        planted["after"], abs=allowed(planted["after"], len(common))
    )
    for usual in (failed[earlier], failed[~mobile]):
        assert usual.mean() == pytest.approx(
            planted["before"], abs=allowed(planted["before"], len(usual))
        )


def test_the_error_costs_the_expected_purchases(year: Shop, visits: pd.DataFrame) -> None:
    expected = year.truth["expected"]["purchase_given_checkout"]
    periods = year.truth["periods"]
    checkout = visits[visits["begin_checkout"] > 0]
    bought = checkout["purchase"] > 0
    late = ~before(checkout, periods["payment_error"]["first"])
    mobile = checkout["device"] == "mobile"
    outside = before(checkout, periods["experiment"]["first"]) | late
    hit, spared = bought[mobile & late], bought[outside & ~(mobile & late)]
    assert hit.mean() == pytest.approx(
        expected["mobile_with_the_error"],
        abs=allowed(expected["mobile_with_the_error"], len(hit), design=2),
    )
    assert spared.mean() == pytest.approx(
        expected["usual"], abs=allowed(expected["usual"], len(spared), design=2)
    )


def test_one_page_checkout_has_its_effect(year: Shop, visits: pd.DataFrame) -> None:
    expected = year.truth["expected"]["purchase_given_checkout"]
    period, exposures = year.truth["periods"]["experiment"], year.tables["exposures"]
    last = (pd.Timestamp(period["last"]) + pd.Timedelta(days=1)).strftime("%Y-%m-%d")
    met = visits[
        (visits["begin_checkout"] > 0) & ~before(visits, period["first"]) & before(visits, last)
    ]
    assert set(met["customer_id"]) == set(exposures["customer_id"])
    variant = met["customer_id"].map(exposures.set_index("customer_id")["variant"])
    for name in ("control", "one_page"):
        bought = met.loc[variant == name, "purchase"] > 0
        counted = year.truth["realised"]["checkout_experiment"][name]
        assert (len(bought), bought.sum()) == (counted["checkouts"], counted["purchases"])
        assert bought.mean() == pytest.approx(
            expected[name], abs=allowed(expected[name], len(bought), design=2)
        )
    # With the same seed and no effect, only the purchases that the new page wins are missing.
    null = simulate.shop(planted=Planted(experiment=Experiment(effect=0.0)))
    without = null.truth["realised"]["checkout_experiment"]["one_page"]
    won = (counted["purchases"] - without["purchases"]) / counted["checkouts"]
    effect = expected["one_page"] - expected["control"]
    assert won == pytest.approx(effect, abs=allowed(effect, counted["checkouts"]))
    halves = (exposures["variant"] == "control").mean()
    assert halves == pytest.approx(0.5, abs=allowed(0.5, len(exposures)))


def test_customers_differ_in_how_readily_they_fill_a_cart(visits: pd.DataFrame) -> None:
    """Two visits of a customer are alike: more so than two of different customers."""
    viewed = visits[(visits["view_product"] > 0) & (visits["device"] == "mobile")]
    carted = (viewed["add_to_cart"] > 0).groupby(viewed["customer_id"]).agg(["sum", "count"])
    several = carted[carted["count"] > 1]
    pairs = (several["count"] * (several["count"] - 1)).sum()
    both = (several["sum"] * (several["sum"] - 1)).sum() / pairs
    alone = (several["sum"] * (several["count"] - 1)).sum() / pairs
    assert both - alone**2 > 0.02


def test_parcels_are_late_in_one_month_and_everything_shows_it(year: Shop) -> None:
    planted, period = year.truth["delivery"], year.truth["periods"]["delivery_problem"]
    orders, events = year.tables["orders"].set_index("order_id"), year.tables["events"]
    came = events[events["event"] == "delivery"].set_index("order_id")["ts"]
    day = orders["ts"].dt.tz_convert(ROME).dt.strftime("%Y-%m-%d")
    bad = day.between(period["first"], period["last"])
    late = (came - orders["ts"].loc[came.index]).dt.total_seconds() > 5 * 86_400
    there = bad.loc[came.index]
    for share, these in (
        (planted["late_in_the_month"], late[there]),
        (planted["late_usually"], late[~there]),
    ):
        # Parcels late at the end of the year have not come yet, hence a hair less.
        assert these.mean() == pytest.approx(share, abs=allowed(share, len(these)) + 0.002)

    surveys = year.tables["surveys"]
    about = surveys[(surveys["touchpoint"] == "delivery") & (surveys["metric"] == "csat")]
    score, in_month = about["score"], bad.loc[about["order_id"]].to_numpy()
    assert score[in_month].mean() < score[~in_month].mean() - 0.5

    texts = year.tables["feedback"].merge(year.answer_keys["themes"], on="text_id")
    month = texts["ts"].dt.strftime("%Y-%m") == "2026-03"
    complains = texts["themes"].str.contains("delivery") & (texts["sentiment"] == -1)
    assert complains[month].mean() > 2 * complains[~month].mean()
    comments = texts["touchpoint"] == "delivery"
    speaks = texts["themes"].str.contains("delivery")
    assert speaks[comments & month].mean() > speaks[comments & ~month].mean() + 0.1
    tickets = year.tables["tickets"]["opened"].dt.strftime("%Y-%m").value_counts()
    placed = orders["ts"].dt.strftime("%Y-%m").value_counts()
    per_order = tickets / placed
    assert per_order.idxmax() == "2026-03"


def test_nps_of_each_segment_is_the_planted_one(year: Shop, segments: pd.Series) -> None:
    surveys = year.tables["surveys"]
    waves = surveys[(surveys["metric"] == "nps") & surveys["touchpoint"].isna()]
    of_segment = waves["customer_id"].map(segments)
    points = 100.0 * (waves["score"] >= 9) - 100.0 * (waves["score"] <= 6)
    expected = year.truth["expected"]["relational_nps"]
    for name, these in points.groupby(of_segment.to_numpy()):
        assert these.mean() == pytest.approx(
            expected[name], abs=4 * these.std() / math.sqrt(len(these))
        )
    assert points.mean() == pytest.approx(
        expected["those_who_answer"], abs=4 * points.std() / math.sqrt(len(points))
    )
    assert points.mean() > expected["all_customers"] + 5
    assert waves["wave"].nunique() == 4


def test_the_loyal_answer_more_often(year: Shop, segments: pd.Series) -> None:
    surveys = year.tables["surveys"]
    waves = surveys[(surveys["metric"] == "nps") & surveys["touchpoint"].isna()]
    answered = waves["customer_id"].map(segments).value_counts()
    asked = 4 * segments.value_counts()
    planted = dict(
        zip(("new", "returning", "loyal"), year.truth["response"]["relational"], strict=True)
    )
    for name, share in planted.items():
        assert answered[name] / asked[name] == pytest.approx(share, abs=allowed(share, asked[name]))


def test_orders_are_cancelled_returned_discounted_and_anonymous_as_planted(year: Shop) -> None:
    planted, orders = year.truth["orders"], year.tables["orders"]
    n = len(orders)
    for share, found in (
        (planted["guest"], orders["customer_id"].isna()),
        (planted["discounted"], orders["discount"] > 0),
        (planted["cancelled"], orders["status"] == "cancelled"),
        (planted["returned"], orders["status"][orders["ts"] < "2026-10-01"] == "returned"),
    ):
        assert found.mean() == pytest.approx(share, abs=allowed(share, n) + 0.001)


def test_reorders_follow_orders_at_the_planted_rate(year: Shop, segments: pd.Series) -> None:
    planted, events = year.truth["orders"], year.tables["events"]
    rate = dict(zip(("new", "returning", "loyal"), planted["reorder"], strict=True))
    placed = events[events["event"] == "purchase"]
    left = (pd.Timestamp("2026-11-01", tz=ROME) - placed["ts"]).dt.total_seconds() / 86_400
    # A delay is lognormal; only one shorter than what is left of the year is seen.
    seen = norm.cdf(np.log(left / planted["reorder_median_days"]) / planted["reorder_sigma"])
    expected = (placed["customer_id"].map(segments).map(rate).astype(float) * seen).sum()
    reorders = (events["event"] == "reorder").sum()
    assert reorders == pytest.approx(expected, abs=4 * math.sqrt(expected))


def test_repeat_purchase_is_counted_as_a_study_would(year: Shop) -> None:
    bought = year.tables["orders"]["customer_id"].value_counts()
    found = {"buyers": len(bought), "bought_again": int((bought >= 2).sum())}
    assert found == year.truth["realised"]["repeat_purchase"]["customer_ids"]


def test_waits_have_their_planted_medians_and_some_tickets_stay_open(year: Shop) -> None:
    planted, tickets = year.truth["tickets"], year.tables["tickets"]
    minutes = (tickets["first_response"] - tickets["opened"]).dt.total_seconds() / 60
    for name, median in zip(planted["channels"], planted["first_response_median"], strict=True):
        waits = minutes[(tickets["channel"] == name) & minutes.notna()]
        # The standard error of a normal sample's median, on the log scale; one second of rounding.
        error = 1.2533 * planted["first_response_sigma"] / math.sqrt(len(waits))
        assert abs(math.log(waits.median() / median)) < 4 * error + 0.02
    still = tickets["resolved"].isna()
    assert still.sum() == year.truth["realised"]["open_tickets"]
    last_days = tickets["opened"] >= pd.Timestamp("2026-10-28", tz=ROME)
    assert still[last_days].mean() > 3 * still.mean()


def test_the_shop_has_its_seasons(year: Shop) -> None:
    local = year.tables["events"]["ts"].dt.tz_convert(ROME)
    per_day = local.dt.strftime("%Y-%m-%d").value_counts()
    assert per_day["2025-11-28"] > 1.8 * per_day["2025-11-14"]  # Black Friday and a usual Friday
    per_month = local.dt.strftime("%Y-%m").value_counts()
    assert per_month["2026-08"] < 0.8 * per_month["2026-07"]
    by_hour = local.dt.hour.value_counts()
    assert by_hour.idxmax() == 21
    assert by_hour[4] < by_hour[21] / 10


def test_clicks_follow_visits_and_cost_follows_clicks(year: Shop) -> None:
    marketing = year.tables["marketing"]
    paid = marketing[marketing["channel"] == "paid_search"]
    assert (marketing["impressions"] >= marketing["clicks"]).all()
    assert paid["cost"].sum() / paid["clicks"].sum() == pytest.approx(0.42, rel=0.03)
    assert (marketing["cost"] > 1_000).any()  # so that the export needs its thousands mark
