"""A metric as it could have been read on every day, and looks that are judged when they may be."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch import experiments
from cxresearch.core.languages import Language
from cxresearch.stats.sequential.group_sequential import spending_boundaries
from tests.experiments import studies

DAYS = 10
METRIC = {"name": "bought", "role": "primary", "kind": "proportion", "of": "purchase", "days": 2,
          "mde": 0.05}  # fmt: skip
THREE = {"variants": {"control": 0.34, "b": 0.33, "c": 0.33}}


def trial(project, *, buys=(0.3, 0.3), n=300, until=None, seed=3, **plan):
    """Return an experiment of n customers in each arm over the ten days of the plan."""
    rng = np.random.default_rng(seed)
    arms = list(plan.get("variants", studies.PLAN["variants"]))
    rows = {"exposures": [], "events": [("z", "begin_checkout", "2026-03-31", "mobile")]}
    for place in range(n * len(arms)):
        customer, arm = f"c{place:05d}", place % len(arms)
        day = 1 + place * DAYS // (n * len(arms))
        rows["exposures"].append((customer, arms[arm], f"2026-02-{day:02d} 12:00"))
        if rng.random() < buys[arm]:
            rows["events"].append((customer, "purchase", f"2026-02-{day:02d} 13:00", "mobile"))
    studies.write(project, rows, metrics=[METRIC], as_of="2026-03-31", **plan)
    return experiments.read(cx.open_study("shop"), "one_page", until=until)


def test_each_day_holds_all_customers_exposed_until_then(project):
    found = trial(project, buys=(0.3, 0.4))
    seen = experiments.monitor(found, "bought")
    frame = found.frame.collect().to_pandas()
    assert [one.day for one in seen.days] == [date(2026, 2, d) for d in range(1, DAYS + 1)]
    for one in seen.days:
        own = frame[pd.to_datetime(frame["day"]).dt.date <= one.day].groupby("variant")["bought"]
        assert one.effect.value == pytest.approx(own.mean()["one_page"] - own.mean()["control"])
        assert one.effect.n == own.count().sum()
    assert seen.to_frame()["n"].tolist() == [one.effect.n for one in seen.days]


def test_a_look_waits_until_the_days_of_its_last_customers_are_over(project):
    # Half of ten days end on the 5th; two days later the last of them have bought or not.
    looks = {"shares": [0.5, 1.0]}
    for until, judged in (
        ("2026-02-04", []),
        ("2026-02-05", []),
        ("2026-02-06", []),
        ("2026-02-07", [date(2026, 2, 5)]),
        ("2026-02-11", [date(2026, 2, 5)]),
        ("2026-02-12", [date(2026, 2, 5), date(2026, 2, 10)]),
    ):
        found = experiments.monitor(trial(project, until=until, looks=looks), "bought")
        assert [look.day for look in found.looks] == judged, until


def test_a_look_counts_no_customer_exposed_after_it(project):
    found = trial(project, buys=(0.3, 0.4), looks={"shares": [0.5, 1.0]})
    seen = experiments.monitor(found, "bought")
    by_day = {one.day: one.effect for one in seen.days}
    assert [look.estimate.n for look in seen.looks] == [300, 600]
    for look in seen.looks:
        z = by_day[look.day].value / by_day[look.day].se
        assert look.crossed is (abs(z) >= look.critical)


def test_the_boundaries_are_those_of_the_plan_and_an_early_one_asks_for_more(project):
    shares = [0.25, 0.5, 1.0]
    found = trial(project, looks={"shares": shares, "spending": "pocock"})
    looks = experiments.monitor(found, "bought").looks
    planned = spending_boundaries(shares, confidence=0.95, spending="pocock")
    assert [look.critical for look in looks] == pytest.approx(list(planned.critical))
    own = experiments.monitor(found, "bought", looks=[0.5, 1.0]).looks
    brien = spending_boundaries([0.5, 1.0], confidence=0.95, spending="obrien_fleming")
    assert [look.critical for look in own] == pytest.approx(list(brien.critical))
    assert own[0].critical > own[1].critical > 1.959


def test_a_difference_that_one_read_would_show_does_not_cross_an_early_look(project):
    # z is 2.2 after half of the days: enough for one read at 1.96, not for a look at 2.96.
    found = trial(project, buys=(0.3, 0.39), looks={"shares": [0.5, 1.0]}, seed=2)
    first = experiments.monitor(found, "bought").looks[0]
    day = next(one for one in experiments.monitor(found, "bought").days if one.day == first.day)
    z = abs(day.effect.value / day.effect.se)
    assert first.critical == pytest.approx(2.963, abs=1e-3)
    assert 1.96 < z < first.critical
    assert first.crossed is False


def test_every_arm_is_monitored_against_the_control(project):
    found = trial(project, buys=(0.3, 0.3, 0.6), **THREE)
    b, c = (experiments.monitor(found, "bought", variant=name) for name in "bc")
    assert (b.variant, c.variant) == ("b", "c")
    means = found.frame.collect().to_pandas().groupby("variant")["bought"].mean()
    assert b.days[-1].effect.value == pytest.approx(means["b"] - means["control"])
    assert c.days[-1].effect.value == pytest.approx(means["c"] - means["control"])
    assert c.posterior.chance_to_win > 0.999 > b.posterior.chance_to_win


def test_looks_of_several_arms_share_the_chance_of_a_false_alarm(project):
    looks = {"shares": [0.5, 1.0]}
    found = trial(project, buys=(0.3, 0.3, 0.3), looks=looks, seed=1, **THREE)
    # z is -2.05 in b: beyond 1.97, where a single arm stops, and not beyond 2.25.
    alone = experiments.monitor(found, "bought", variant="b").looks[-1]
    shared = experiments.monitor(found, "bought", variant="b", confidence=0.975).looks[-1]
    assert (alone.crossed, shared.crossed) == (True, False)
    analysis = experiments.evaluate(found)
    decision = experiments.decide(found, analysis, experiments.check_trial(found, analysis))
    reasons = [one.words(Language("en")) for one in decision.reasons]
    assert reasons[0].startswith("no difference of bought is shown in b: ")


def test_the_interval_by_day_is_wider_than_that_of_one_read(project):
    seen = experiments.monitor(trial(project, buys=(0.3, 0.4)), "bought")
    last, reading = seen.sequence[-1], seen.days[-1].effect
    assert last.value == reading.value
    assert last.ci.high - last.ci.low > 2 * 1.96 * reading.se


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"metric": "gone"}, "metric must be one of 'bought'; got 'gone'"),
        ({"variant": "gone"}, "variant must be one of 'one_page'; got 'gone'"),
        ({"looks": [1.0, 0.5]}, "step of information must be above 0"),
    ],
)
def test_wrong_use_is_told(project, options, words):
    found = trial(project, n=50)
    with pytest.raises(ValueError, match=words):
        experiments.monitor(found, **({"metric": "bought"} | options))


def stores(project, *, days=DAYS, each=10, seed=5, **plan):
    """Return an experiment on 12 stores whose customers differ by store, and by nothing else."""
    rng = np.random.default_rng(seed)
    buys = rng.permutation([0.1] * 6 + [0.7] * 6)
    rows = {"exposures": [], "events": [("z", "begin_checkout", "2026-03-31", "mobile")]}
    for place in range(12 * days * each):
        customer, store = f"c{place:05d}", place % 12
        day = 1 + place // (12 * each)
        arm = ("control", "one_page")[store % 2]
        rows["exposures"].append((customer, arm, f"2026-02-{day:02d} 12:00", f"s{store}"))
        if rng.random() < buys[store]:
            rows["events"].append((customer, "purchase", f"2026-02-{day:02d} 13:00", "mobile"))
    studies.write(
        project, rows, metrics=[METRIC], as_of="2026-03-31", exposures=["cluster"], unit="cluster",
        **plan,
    )  # fmt: skip
    return experiments.read(cx.open_study("shop"), "one_page")


def test_looks_at_stores_have_the_chance_of_stores_and_not_of_their_customers(project):
    found = stores(project, looks={"shares": [0.5, 1.0]})
    frame = found.frame.collect().to_pandas()
    seen = experiments.monitor(found, "bought")
    by_store = frame.groupby(["variant", "cluster"])["bought"].mean()
    control, treatment = by_store["control"], by_store["one_page"]
    # Stores of one size: the variance of the difference is that of two means of six stores.
    se = np.sqrt(control.var() / 6 + treatment.var() / 6)
    by_t, by_z = 2.228, 1.960  # of 10 degrees of freedom, and of the normal
    assert seen.days[-1].effect.value == pytest.approx(treatment.mean() - control.mean())
    assert seen.days[-1].effect.se == pytest.approx(se * by_t / by_z, rel=1e-3)
    assert seen.days[-1].effect.n == len(frame) == seen.looks[-1].estimate.n
    # Customers by themselves would show a difference that the stores do not.
    p = frame.groupby("variant")["bought"].mean()
    alone = np.sqrt((p * (1 - p) / 600).sum())
    assert abs(treatment.mean() - control.mean()) / alone > seen.looks[-1].critical
    assert not any(look.crossed for look in seen.looks)


def test_days_of_the_same_stores_are_compared_over_stores(project):
    found = stores(project)
    frame = found.frame.collect().to_pandas()
    first = experiments.monitor(found, "bought").days[0].effect
    own = frame[pd.to_datetime(frame["day"]).dt.day == 1]
    by_store = own.groupby(["variant", "cluster"])["bought"].mean()
    se = np.sqrt(by_store["control"].var() / 6 + by_store["one_page"].var() / 6)
    assert first.se == pytest.approx(se * 2.228 / 1.960, rel=1e-3)
    # The slope over ten days has the chance of a day's effect over sqrt(sum((day - mean)**2)).
    width = 2 * 1.96 * se / np.sqrt(((np.arange(10) - 4.5) ** 2).sum())
    low, high = experiments.over_time(found, "bought").trend.ci
    assert 0.7 * width < high - low < 1.6 * width
