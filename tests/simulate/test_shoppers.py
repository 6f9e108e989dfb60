"""People come, shop at their own rate, spend their own way, and leave: against plain formulas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cxresearch import simulate
from cxresearch.simulate import Planted, Shop
from tests.simulate.measures import ROME, Seen, mean

DAY = pd.Timedelta(days=1)
HABITS = Planted().habits


@pytest.fixture(scope="module")
def people(plain: Shop) -> pd.DataFrame:
    return plain.answer_keys["people"]


def survival(days: float) -> float:
    return (HABITS.leave_days / (HABITS.leave_days + days)) ** HABITS.leave_shape


def kaplan_meier(waits: np.ndarray, seen: np.ndarray, day: float) -> float:
    """Return the share still there after `day` days, from waits of which some are cut short."""
    order = np.argsort(waits)
    at_risk = len(waits) - np.arange(len(waits))
    steps = 1 - seen[order] / at_risk
    return float(np.prod(steps[waits[order] <= day]))


@pytest.mark.parametrize("day", [90, 365, 900])
def test_people_leave_as_in_the_pareto_nbd_model(people: pd.DataFrame, day: int) -> None:
    end = pd.Timestamp("2026-11-01", tz=ROME)
    waits = (people["left"].fillna(end) - people["arrived"]).dt.total_seconds() / 86_400
    alive = kaplan_meier(waits.to_numpy(), people["left"].notna().to_numpy(), day)
    n = (people["arrived"] < end - day * DAY).sum()
    expected = survival(day)
    assert alive == pytest.approx(expected, abs=4.5 * math.sqrt(expected * (1 - expected) / n))


def test_some_are_still_there_at_the_end_and_some_are_not(plain: Shop) -> None:
    alive = plain.truth["realised"]["still_there"] / plain.truth["study"]["customers"]
    assert 0.35 < alive < 0.65


def test_repeat_buyers_are_neither_all_nor_none(plain: Shop) -> None:
    repeat = plain.truth["realised"]["repeat_purchase"]["persons"]
    assert 0.4 < repeat["bought_again"] / repeat["buyers"] < 0.65


def test_orders_come_at_each_persons_own_rate() -> None:
    """Orders over rate and season's time alive: one, in every fifth of people by rate."""
    off = dict.fromkeys(Planted().switchable(), False)
    plain = simulate.shop(customers=10_000, effects={**off, "orders": {"reorder": (0.0, 0.0, 0.0)}})
    people = plain.answer_keys["people"]
    season = Planted().season
    days = pd.date_range("2023-11-01", periods=1_096)
    busy = (
        np.concatenate([[0], np.cumsum(season.weights(days) / season.weights(days).mean())]) / 365
    )
    start = pd.Timestamp("2023-11-01", tz=ROME)

    def clock(times: pd.Series) -> np.ndarray:
        return np.interp((times - start).dt.total_seconds() / 86_400, np.arange(1_097), busy)

    end = pd.Timestamp("2026-11-01", tz=ROME)
    alive = clock(people["left"].fillna(end)) - clock(people["arrived"])
    events = plain.tables["events"]
    first = events["customer_id"].isin(people["second_id"].dropna())
    ids = events["customer_id"].where(
        ~first, events["customer_id"].map(people.dropna().set_index("second_id")["person_id"])
    )
    bought = ids[events["event"] == "purchase"].value_counts()
    orders = bought.reindex(people["person_id"]).fillna(0).to_numpy()
    # The visit on arrival is one more.
    conversion = people["orders_per_year"] / people["visits_per_year"]
    expected = people["orders_per_year"] * alive + conversion
    fifth = pd.qcut(people["visits_per_year"], 5, labels=False)
    for group in range(5):
        these = (fifth == group).to_numpy()
        found, error = mean(pd.Series(orders[these] - expected[these]))
        assert abs(found) < 4.5 * error
        assert 4.5 * error < 0.35 * expected[these].mean()  # it would notice another rate


def test_spending_goes_with_the_person(people: pd.DataFrame) -> None:
    value, error = mean(people["spend"])
    assert abs(value - 1) < 4.5 * error
    logs = np.log(people["spend"])
    assert logs.std() == pytest.approx(HABITS.spend_sigma, rel=0.03)
    together = np.corrcoef(logs, people["visits_per_year"].rank())[0, 1]
    assert 0.05 < together < 0.15


def test_rates_are_gamma(people: pd.DataFrame) -> None:
    rates = people["visits_per_year"]
    assert rates.mean() == pytest.approx(HABITS.visits_per_year, rel=0.04)
    assert rates.var() / rates.mean() ** 2 == pytest.approx(1 / HABITS.visit_shape, rel=0.08)


def test_segments_have_their_shares_and_the_loyal_come_more(people: pd.DataFrame) -> None:
    shares = people["segment"].value_counts(normalize=True)
    for name, share in zip(("new", "returning", "loyal"), Planted().segments.share, strict=True):
        assert shares[name] == pytest.approx(share, abs=4.5 * math.sqrt(share / len(people)))
    rates = people.groupby("segment")["visits_per_year"].mean()
    assert rates["loyal"] > rates["returning"] > rates["new"]


def test_more_come_every_year_and_many_at_the_opening(people: pd.DataFrame) -> None:
    since = (people["arrived"] - pd.Timestamp("2023-11-01", tz=ROME)) / DAY
    year = (since // 365).astype(int).clip(upper=2)
    assert (since < 60).sum() > 2 * ((since >= 60) & (since < 120)).sum()
    assert (year == 2).sum() > 1.1 * (year == 1).sum()
    assert people["known"].mean() == pytest.approx(Planted().arrivals.known, abs=0.01)


def test_a_second_account_takes_over_on_its_day(usual: Shop) -> None:
    people = usual.answer_keys["people"].dropna(subset="second_id")
    assert len(people) > 300
    events = usual.tables["events"]
    inside = events[events["device"].notna()]
    first = inside[inside["customer_id"].isin(people["person_id"])].groupby("customer_id")["ts"]
    second = inside[inside["customer_id"].isin(people["second_id"])].groupby("customer_id")["ts"]
    ends, begins = first.max(), second.min()
    both = people.assign(
        ends=people["person_id"].map(ends), begins=people["second_id"].map(begins)
    ).dropna()
    assert len(both) > 50
    # A visit has the account it began with.
    assert (both["ends"] < both["begins"] + pd.Timedelta(hours=2)).all()


def test_the_seasons(seen_plain: Seen) -> None:
    local = seen_plain.visits["start"].dt.tz_convert(ROME)
    per_day = local.dt.strftime("%Y-%m-%d").value_counts()
    assert per_day["2025-11-28"] > 1.8 * per_day["2025-11-14"]  # Black Friday and a usual Friday
    per_month = local.dt.strftime("%Y-%m").value_counts()
    assert per_month["2026-08"] < 0.7 * per_month["2026-07"]
    assert per_month["2025-12"] > 1.1 * per_month["2025-10"]
    by_hour = local.dt.hour.value_counts()
    assert by_hour.idxmax() == 21
    assert by_hour[4] < by_hour[21] / 10
