"""A shop in which far fewer come than ever is found in its orders alone; a season is no fall."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch.core.remarks import Remark
from cxresearch.findings.measures import Measure
from cxresearch.findings.volumes import alarms_of, counts, faded, far_from_all
from cxresearch.findings.watched_series import WHOLE, Group, Series
from tests.findings.planted_log import FIRST, day_of

VALUE = Measure(
    name="order_value", kind="order", what=Remark("Order value"), unit="EUR", better="more"
)


def test_a_fall_to_two_fifths_is_dated_and_has_its_end() -> None:
    count = np.array([40.0] * 30 + [16.0] * 6 + [40.0] * 4)
    (found,) = far_from_all(count, -1)
    assert (found.start, found.end) == (30, 36)
    # 6 weeks of 16 where sqrt(40 * 40) were to come: 144 fewer, over the root of 240
    assert found.z == pytest.approx(-144 / 240**0.5)
    assert far_from_all(count, 1) == []


def test_one_week_of_many_in_the_midst_of_a_fall_does_not_end_it() -> None:
    count = np.array([100.0] * 30 + [40.0, 40.0, 70.0, 40.0, 40.0])
    assert [(one.start, one.end) for one in far_from_all(count, -1)] == [(30, None)]


@pytest.mark.parametrize(
    "count",
    [
        [100.0] * 20 + [60.0] * 4 + [100.0] * 8,  # a summer
        [100.0] * 20 + [200.0] * 5 + [80.0] * 8,  # after Christmas
        [100.0] * 30 + [10.0] + [100.0] * 8,  # a week with a holiday
        [100.0] * 30 + [3000.0] + [100.0] * 8,  # after a week of programs
        [100.0] * 30 + [900.0] * 8 + [100.0] * 8,  # after a campaign
        [100.0 * 0.97**week for week in range(52)],  # less every week
        [100.0] * 12 + [20.0] * 8,  # nobody knows yet what is usual
        [5.0] * 30 + [2.0] * 3,  # 2 in place of 5 come by chance
        [0.0] * 30,
    ],
)
def test_a_season_a_holiday_and_chance_are_no_fall(count: list[float]) -> None:
    assert far_from_all(np.array(count), -1) == []


def test_stable_shops_with_a_season_seldom_fall() -> None:
    rng = np.random.default_rng(3)
    season = np.array([1.15, 0.85, 0.9, 0.95, 1, 0.95, 1.1, 0.6, 1, 1.05, 1.2, 1.4])
    alarms = 0
    for _ in range(200):
        week = np.arange(60) + rng.integers(0, 52)
        level = 100 * season[(week % 52 * 12) // 52] * np.exp(rng.normal(0, 0.1, 60))
        alarms += bool(far_from_all(rng.poisson(level).astype(float), -1))
    assert alarms <= 4


def series(y: list[float], group: Group = WHOLE) -> Series:
    count = np.array(y)
    return Series(measure=VALUE, group=group, sums=np.array([count] * 6))


def test_a_count_is_of_the_units_of_a_week_in_all_and_in_each_group() -> None:
    app = ("channel", "app")
    both = {
        ("order_value", WHOLE): series([30.0, 60.0]),
        ("order_value", app): series([10.0, 20.0]),
    }
    found = counts(both)
    assert list(found) == [("count:orders", WHOLE), ("count:orders", app)]
    assert found["count:orders", app].estimate(0, 2).value == 15


def test_a_group_that_fell_is_named_and_one_that_comes_and_goes_is_not() -> None:
    fell, steady = [40.0] * 30 + [10.0] * 6, [40.0] * 36
    groups = [("channel", "app"), ("campaign", "spring")]
    rows = {("order_value", WHOLE): series([120.0] * 36)}
    rows |= {("order_value", group): series(fell) for group in groups}
    rows["order_value", ("channel", "shop")] = series(steady)
    found = list(alarms_of(counts(rows), apart=("campaign",)))
    assert [(one.series.group, one.start, one.end) for one in found] == [(groups[0], 30, None)]


def test_tickets_that_grow_with_the_orders_are_no_rise() -> None:
    ticket = Measure(
        name="ticket:every", kind="contact", what=Remark("Tickets"), unit="share", better="less"
    )
    grows = [20.0] * 30 + [70.0] * 10
    tickets = replace(series(grows), measure=ticket)
    alone = counts({("ticket:every", WHOLE): tickets})
    assert [one.start for one in alarms_of(alone, apart=())] == [30]
    orders = series([8 * one for one in grows])
    both = counts({("ticket:every", WHOLE): tickets, ("order_value", WHOLE): orders})
    assert list(alarms_of(both, apart=())) == []


def test_a_shop_that_grows_sixfold_in_half_a_year_is_followed() -> None:
    rng = np.random.default_rng(2)
    level = np.concatenate([np.full(20, 20.0), np.linspace(20, 120, 30)])
    assert far_from_all(rng.poisson(level).astype(float), 1) == []


def test_a_slow_fall_to_what_was_there_at_the_start_is_watched() -> None:
    up, down = np.linspace(40, 100, 26), np.linspace(100, 40, 17)
    once = [*up, *down, 40.0, 40.0, 40.0, 40.0]
    orders = counts({("order_value", WHOLE): series(once)})
    assert list(alarms_of(orders, apart=())) == []
    (said,) = faded(orders)
    # the eight weeks around the top, and the last four
    most = max(np.mean(once[place : place + 8]) for place in range(40))
    assert said.values["most"] == pytest.approx((most, "", 0))
    assert said.values["now"] == (40.0, "", 0)
    assert list(faded(orders, covered=["count:orders"])) == []


def test_a_season_that_came_a_year_ago_too_is_not_watched() -> None:
    year = [*np.linspace(40, 100, 26), *np.linspace(100, 40, 26)]
    assert list(faded(counts({("order_value", WHOLE): series(year + year)}))) == []
    half = [0.5 * one for one in year]
    assert len(list(faded(counts({("order_value", WHOLE): series(year + half)})))) == 1


def test_a_small_shop_whose_weeks_differ_by_chance_is_not_watched() -> None:
    few = np.random.default_rng(4).poisson(3.0, 52).astype(float)
    assert list(faded(counts({("order_value", WHOLE): series([*few, 1.0, 1.0, 1.0, 1.0])}))) == []


def test_orders_alone_say_that_three_in_five_no_longer_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(8)
    day = np.repeat(np.arange(7 * 40), rng.poisson(np.where(np.arange(7 * 40) < 7 * 32, 20, 8)))
    orders = pd.DataFrame(
        {
            "order_id": [f"n{one}" for one in range(day.size)],
            "customer_id": [f"c{one}" for one in rng.integers(0, 2000, day.size)],
            "ts": [f"{FIRST + timedelta(days=int(one))}T12:00:00" for one in day],
            "revenue": 30.0,
            "currency": "EUR",
        }
    )
    folder = tmp_path / "data" / "orders"
    folder.mkdir(parents=True)
    orders.to_csv(folder / "orders.csv", index=False)
    (folder / "study.yaml").write_text(
        "title: {en: Orders}\ncurrency: EUR\ntime_zone: UTC\n"
        "tables:\n  orders: {file: orders.csv, time_zone: UTC}\n",
        "utf-8",
    )
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    first = cx.findings(cx.open_study("orders"))[0]
    assert (first.measure, first.state, first.is_bad) == ("count:orders", "open", True)
    assert first.since == day_of(32)
    lost = 7 * (20 - 8) * 30 * 365.25 / 84
    assert first.worth.ci.low <= -lost <= first.worth.ci.high
    assert "Orders a week: down from " in str(first.what)
    assert (first.stage, first.since_between) == (
        "purchase",
        (day_of(31), day_of(33) - timedelta(days=1)),
    )
    with (folder / "study.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("stages: wheel\n")
    assert cx.findings(cx.open_study("orders"))[0].stage == "conversion"
