from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxresearch import value
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Amount, Remark
from cxresearch.core.results import Interval
from tests.value.shops import START, leaving_shop, order, orders

CUT, AHEAD = 270, 120


def cut_day() -> str:
    return str((START + pd.Timedelta(days=CUT)).date())


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    return leaving_shop(3)


@pytest.fixture(scope="module")
def fitted(shop):
    known = value.summary(shop, until=cut_day())
    return value.purchases(known), value.spend(known)


def test_the_future_is_in_its_interval_most_of_the_time():
    """Coverage of purchases and spend ahead, over shops: it holds the customers' own chance."""
    held = {"purchases": 0, "value": 0}
    runs = 8
    for seed in range(runs):
        shop = leaving_shop(100 + seed, customers=300)
        known = value.summary(shop, until=cut_day())
        worth = value.lifetime_value(
            value.purchases(known), value.spend(known), days=AHEAD, discount=0
        ).frame.iloc[0]
        at = START + pd.Timedelta(days=CUT)
        late = shop[(shop["day"] > at) & (shop["day"] <= at + pd.Timedelta(days=AHEAD))]
        late = late[late["customer_id"].isin(known.frame["customer_id"])]
        came = {
            "purchases": len(late.drop_duplicates(["customer_id", "day"])),
            "value": late["revenue"].sum(),
        }
        for name, true in came.items():
            held[name] += worth[f"{name}_low"] <= true <= worth[f"{name}_high"]
    assert min(held.values()) >= runs - 2


def test_groups_add_up_to_all(fitted):
    bought, money = fitted
    groups = {one: one[-1] for one in bought.summary.frame["customer_id"]}
    worth = value.lifetime_value(bought, money, days=90, discount=0.1, margin=0.3, by=groups)
    assert worth.frame["value"].sum() == pytest.approx(worth.total.value)
    assert worth.frame["customers"].sum() == bought.n
    inside = worth.frame["value"].between(worth.frame["value_low"], worth.frame["value_high"])
    assert inside.all()


def test_discount_and_margin_by_a_plainer_road(fitted):
    bought, money = fitted
    frame = bought.summary.frame
    worth = money.of(frame["frequency"].to_numpy(), frame["monetary_value"].to_numpy())
    steps = np.linspace(0, 365, 366)
    paid = np.array([(bought.each(bought.horizon(d)) * worth).sum() if d else 0.0 for d in steps])
    middle = (steps[1:] + steps[:-1]) / 2
    by_day = 0.3 * float(np.diff(paid) @ 1.1 ** (-middle / 365.25))
    found = value.lifetime_value(bought, money, days=365, discount=0.1, margin=0.3)
    assert found.total.value == pytest.approx(by_day, rel=1e-4)
    assert found.name == "Lifetime value"


def test_without_a_margin_it_is_revenue_and_without_a_holdout_it_is_not_shown(fitted, shop):
    bought, money = fitted
    worth = value.lifetime_value(bought, money, days=90, discount=0)
    assert worth.name == "Expected revenue"
    assert isinstance(worth.table(), Missing)
    tested = value.holdout(shop, days=AHEAD)
    shown = value.lifetime_value(bought, money, days=90, discount=0, holdout=tested)
    assert "the same method predicted" in repr(shown)
    assert "Expected revenue" in repr(shown)
    # A customer without a group is in one that every language names.
    some = dict.fromkeys(bought.summary.frame["customer_id"][:300], "app")
    by = value.lifetime_value(bought, money, days=90, discount=0, by=some, holdout=tested)
    assert "unknown" in set(by.frame["group"])
    said = by.table().made(Language("it")).text
    assert ("sconosciuto" in said, "unknown" in said) == (True, False)


def test_the_holdout_knows_nothing_of_the_days_it_predicts(shop):
    tested = value.holdout(shop, days=AHEAD, cut=cut_day())
    at = START + pd.Timedelta(days=CUT)
    end = at + pd.Timedelta(days=AHEAD)
    # Whatever comes after the cut, what was predicted is the same.
    doubled = pd.concat([shop, shop[shop["day"] == at + pd.Timedelta(days=1)].assign(
        day=end, revenue=1.0)])  # fmt: skip
    again = value.holdout(doubled, days=AHEAD, cut=cut_day())
    assert tested.deciles["predicted"].tolist() == again.deciles["predicted"].tolist()
    assert tested.ratio.ci.low < 1 < tested.ratio.ci.high
    assert tested.rank_correlation > 0.3


def test_the_holdout_needs_days_after_its_cut(shop):
    with pytest.raises(ValueError, match="cut must be at least 120 days before the last order"):
        value.holdout(shop, days=AHEAD, cut="2024-12-30")


def test_everybody_bought_once():
    once = orders(*(order(f"C{i}", f"2024-01-{i % 28 + 1:02d}", 10.0 + i) for i in range(40)))
    known = value.summary(once, until="2024-03-01")
    bought, money = value.purchases(known), value.spend(known)
    # Neither a rate of buying again nor one of leaving can be seen where nobody came back.
    assert not bought.at_bound
    assert bought.alive().note == "undefined: nobody bought again after a first day"
    assert math.isnan(bought.alive().value)
    assert math.isnan(bought.expected(30).value)
    assert "fewer than two customers bought again" in money.note
    worth = value.lifetime_value(bought, money, days=30, discount=0.1)
    assert math.isnan(worth.total.value)


def test_bg_says_what_it_takes_for_granted(fitted):
    bought = value.purchases(fitted[0].summary, model="bg")
    assert bought.note.endswith("everyone who bought once counts as still there")


def two_kinds() -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str]]:
    """Orders of frequent and rare customers until a day and after it, and who is which."""
    kinds = (("good", 25.0, 60.0), ("poor", 120.0, 15.0))
    shops = [
        leaving_shop(seed, customers=400, days=700, alpha=alpha, price=price).assign(kind=kind)
        for seed, (kind, alpha, price) in enumerate(kinds, start=5)
    ]
    shop = pd.concat(shops, ignore_index=True)
    shop["customer_id"] += shop["kind"]
    known = shop["day"] < "2025-01-01"
    whose = dict(zip(shop["customer_id"], shop["kind"], strict=True))
    return shop[known], shop[~known], whose


def test_a_group_known_from_the_start_has_models_of_its_own():
    """The model of all draws the good ones down and the poor ones up."""
    shop, later, whose = two_kinds()
    known = value.summary(shop, until="2024-12-31")
    later = later[later["customer_id"].isin(known.frame["customer_id"])]
    came = later.groupby("kind")["revenue"].sum()
    given = {"days": (later["day"].max() - START).days - 365, "discount": 0.0, "by": whose}
    models = (value.purchases(known), value.spend(known))
    own = value.lifetime_value(*models, **given).frame.set_index("group")
    one = value.lifetime_value(*models, **given, pooled=True).frame.set_index("group")
    assert ((own["value_low"] < came) & (came < own["value_high"])).all()
    assert one.loc["poor", "value"] > 1.2 * came["poor"]
    good = known.frame[known.frame["customer_id"].map(whose) == "good"]
    alone = value.lifetime_value(
        value.purchases(good.assign(customer_id=good.index)), value.spend(good), days=90, discount=0
    )
    both = value.lifetime_value(*models, days=90, discount=0, by=whose).frame.set_index("group")
    assert both.loc["good", "value"] == pytest.approx(alone.total.value, rel=1e-6)
    assert both.loc["good", "customers"] == len(good)


def test_a_group_made_of_what_was_bought_or_a_small_one_has_the_model_of_all():
    shop, _, whose = two_kinds()
    known = value.summary(shop, until="2024-12-31")
    models = (value.purchases(known), value.spend(known))
    frame = known.frame
    again = dict(zip(frame["customer_id"], frame["frequency"] > 0, strict=True))
    few = {who: "few" if int(who[1:6]) < 60 else "many" for who in whose}
    given = {"days": 90, "discount": 0.1}
    for by, groups in ((again, ["False", "True"]), (few, ["few"])):
        own = value.lifetime_value(*models, **given, by=by).frame.set_index("group")
        one = value.lifetime_value(*models, **given, by=by, pooled=True).frame.set_index("group")
        pd.testing.assert_frame_equal(own.loc[groups], one.loc[groups])


def test_a_page_says_a_year_where_it_is_one_and_gives_the_share_by_both_models(shop, fitted):
    bought, money = fitted
    beside = value.purchases(bought.summary, model="mbg")
    worth, year = (value.lifetime_value(bought, money, days=days, discount=0) for days in (90, 365))
    found = value.Forecast(
        bought=bought, beside=beside, spent=money, tested=value.holdout(shop, days=90),
        worth=worth, by_channel=worth, by_product=Missing("none"), season=Missing("none"),
    )  # fmt: skip
    assert found.holds
    assert "in {days};" in found.headline().message
    assert "in a year;" in replace(found, worth=year).headline().message
    told = found.remarks()[-1].values
    assert [told["one"].value, told["other"].value] == [bought.alive().value, beside.alive().value]
    assert found.estimates().rows["still_customers"].method.startswith("Pareto/NBD")


def test_a_forecast_that_failed_on_past_days_leads_with_that_and_gives_no_value(shop, fitted):
    bought, money = fitted
    year = value.lifetime_value(bought, money, days=365, discount=0)
    tested = value.holdout(shop, days=90)
    ratio = tested.spend_ratio
    found = value.Forecast(
        bought=bought, beside=bought, spent=money, tested=tested,
        worth=year, by_channel=year, by_product=Missing("none"), season=Missing("none"),
    )  # fmt: skip
    assert found.per_customer().value == pytest.approx(year.total.value / year.total.n)
    for ends, holds in (((0.3, 0.79), False), ((0.3, 0.9), True), ((1.3, 1.9), False)):
        failed = replace(tested, spend_ratio=replace(ratio, ci=Interval(*ends)))
        one = replace(found, tested=failed)
        assert one.holds == holds
        assert one.headline().message.startswith("The forecast cannot be used") != holds
        assert isinstance(one.per_customer(), Missing) != holds
        assert one.estimates().caption.startswith("Not to be used") != holds


def test_what_is_said_of_a_forecast_is_said_in_each_language(fitted):
    bought, money = fitted
    remark = Remark("those who leave are {share}", {"share": Amount(0.125, "share")})
    worth = value.lifetime_value(replace(bought, remarks=(remark,)), money, days=365, discount=0)
    assert worth.total.note.startswith("those who leave are 12.5%")
    assert worth.total.note_in(Language("it")).startswith("those who leave are 12,5%")


def test_a_known_season_changes_the_clock_alone():
    """Purchases at the pace of a season are steady by its clock: forecast and truth agree."""
    busy = value.Season.of({month: 2.2 if month in (11, 12) else 1.0 for month in range(1, 13)})
    days = pd.date_range("2024-01-01", "2024-12-31").to_numpy("datetime64[us]")
    clock = busy.elapsed(np.repeat(days[:1], len(days)), days)
    rng = np.random.default_rng(4)
    rows = []
    for customer in range(600):
        rate, leave = rng.gamma(0.9) / 40, rng.beta(0.8, 2.4)
        at = float(rng.uniform(0, 80))
        while at < clock[-1]:
            rows.append((f"C{customer}", days[np.searchsorted(clock, at)], 20.0))
            if rng.random() < leave:
                break
            at += rng.exponential(1 / rate)
    shop = pd.DataFrame(rows, columns=["customer_id", "day", "revenue"])
    plain = value.holdout(shop, days=60, cut="2024-10-31")
    paced = value.holdout(shop, days=60, cut="2024-10-31", season=busy)
    assert plain.ratio.value < 0.75
    assert paced.ratio.ci.low < 1 < paced.ratio.ci.high


def by_season(growth: float, leaves: float, years: int = 3) -> tuple[pd.DataFrame, float]:
    """A shop of rising arrivals whose customers leave; December is twice as busy."""
    days = pd.date_range("2021-01-01", f"{2020 + years}-12-31")
    rng = np.random.default_rng(7)
    rows = []
    for at, day in enumerate(days):
        came = np.arange(rng.poisson(1.5 * (1 + growth) ** (at / 365)))
        for one in came:
            until = at + rng.exponential(leaves) if leaves else len(days)
            later = days[at : int(min(until, len(days)))]
            busy = rng.poisson(np.where(later.month == 12, 0.02, 0.01))
            rows += [(f"C{at}-{one}", when) for when in [day, *np.repeat(later, busy)]]
    shop = pd.DataFrame(rows, columns=["customer_id", "day"])
    return shop.assign(revenue=10.0), 2.0


@pytest.mark.parametrize(("growth", "leaves"), [(0, 0), (1, 0), (0, 150)])
def test_neither_growth_nor_leaving_is_a_season(growth, leaves):
    shop, december = by_season(growth, leaves)
    weights = np.array(value.season(shop).weights)
    assert weights[11] / weights[:11].mean() == pytest.approx(december, rel=0.15)
    assert weights[:11] / weights[:11].mean() == pytest.approx(1, abs=0.25)
    assert abs(np.polyfit(range(11), weights[:11], 1)[0]) < 0.025


def test_a_season_needs_two_whole_years():
    shop, _ = by_season(0, 0, years=2)
    assert value.season(shop).weights[11] > 1.5
    assert value.season(shop, until="2022-12-31") == value.season(shop)
    assert isinstance(value.season(shop, until="2022-12-30"), Missing)
    once = shop.drop_duplicates("customer_id")
    for short in (shop[shop["day"] >= "2021-02-01"], shop[shop["day"] < "2022-12-31"], once):
        assert value.season(short).why.startswith("a season needs two whole years with repeat")
    with pytest.raises(ValueError, match=r"season\[5\] must be"):
        value.Season.of({month: 1.0 for month in range(1, 13) if month != 5})


def test_a_season_is_known_of_customers_who_all_came_at_once():
    shop, december = by_season(0, 0)
    early = shop.groupby("customer_id")["day"].transform("min") < "2021-02-01"
    weights = value.season(shop[early]).weights
    assert weights[11] / np.mean(weights[:11]) == pytest.approx(december, rel=0.35)


def test_the_channel_of_the_first_order_is_that_of_its_day():
    shop = orders(order("A", "2024-02-01", 5), order("A", "2024-01-01", 5, "cancelled"),
                  order("A", "2024-01-05", 5))  # fmt: skip
    shop["channel"] = ["late", "undone", "first"]
    assert value.first_order(shop).to_dict() == {"A": "first"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"days": 0, "discount": 0.1}, "days must be"),
        ({"days": 30, "discount": -0.1}, "discount must be"),
        (
            {"days": 30, "discount": 0.1, "margin": 30},
            r"margin must be a share in \(0, 1\]; got 30",
        ),
        ({"days": 30, "discount": 0.1, "by": "tenth"}, "by must be one of 'decile'"),
    ],
)
def test_what_is_refused(fitted, options, words):
    with pytest.raises(ValueError, match=words):
        value.lifetime_value(*fitted, **options)


def test_a_contract_by_hand():
    by_year = sum(100 * 0.8**t / 1.1**t for t in range(400))
    assert value.geometric_value(100, retention=0.8, discount=0.1, first="now") == pytest.approx(
        by_year
    )
    later = value.geometric_value(100, retention=0.8, discount=0.1, first="after a period")
    assert later == pytest.approx(by_year - 100)
    with pytest.raises(ValueError, match="retention must be below 1"):
        value.geometric_value(1, retention=1, discount=0, first="now")
