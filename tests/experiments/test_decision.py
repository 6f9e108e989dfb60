"""What the plan's rule says, in experiments made to have one answer."""

from __future__ import annotations

import numpy as np
import pytest

import cxresearch as cx
from cxresearch import experiments
from cxresearch.core.languages import Language
from tests.experiments import studies

METRICS = [
    {"name": "bought", "role": "primary", "kind": "proportion", "of": "purchase", "days": 2,
     "mde": 0.05},
    {"name": "revenue", "role": "secondary", "kind": "mean", "days": 2,
     "of": {"table": "orders", "column": "revenue"}},
    {"name": "errors", "role": "guardrail", "kind": "proportion", "of": "payment_error", "days": 2,
     "direction": "decrease", "margin": 0.05},
]  # fmt: skip


def decided(
    project,
    *,
    buys=(0.3, 0.3),
    errors=(0.05, 0.05),
    n=800,
    until=None,
    ramp=False,
    seed=3,
    **plan,
):
    """Return the decision on an experiment of 2 n customers over ten days of February."""
    rng = np.random.default_rng(seed)
    rows = {"exposures": [], "events": [], "orders": []}
    for place in range(2 * n):
        customer, arm = f"c{place:05d}", place % 2
        if ramp and place % 3 == 0:
            arm = 0
        day = 1 + place * 10 // (2 * n)
        ts = f"2026-02-{day:02d} 12:00"
        rows["exposures"].append((customer, ("control", "one_page")[arm], ts))
        if rng.random() < buys[arm]:
            rows["events"].append((customer, "purchase", f"2026-02-{day:02d} 13:00", "mobile"))
            order = (f"o{place}", customer, f"2026-02-{day:02d} 13:00", 50.0, "completed", "EUR")
            rows["orders"].append(order)
        if rng.random() < errors[arm]:
            rows["events"].append((customer, "payment_error", f"2026-02-{day:02d} 12:30", "mobile"))
    rows["events"].append(("z", "begin_checkout", "2026-03-31", "mobile"))
    rows["orders"].append(("last", "z", "2026-03-31", 1.0, "completed", "EUR"))
    studies.write(project, rows, metrics=METRICS, **plan)
    trial = experiments.read(cx.open_study("shop"), "one_page", until=until)
    analysis = experiments.evaluate(trial)
    checks = experiments.check_trial(trial, analysis)
    return experiments.decide(trial, analysis, checks)


def words(remarks, lang="en"):
    return [one.words(Language(lang)) for one in remarks]


def test_a_better_variant_whose_guardrails_hold_is_shipped(project):
    decision = decided(project, buys=(0.3, 0.45))
    assert (decision.verdict, decision.variant) == ("ship", "one_page")
    assert decision.deviations == ()
    reasons = words(decision.reasons)
    assert reasons[0].startswith("bought is better in one_page: ")
    assert reasons[1] == "the guardrail errors holds in one_page"
    changes = words(decision.would_change)
    assert changes[0] == "bought would still be shown at a confidence of 99.9%"
    assert changes[1].startswith("the guardrail errors holds where the allowed harm is ")
    # 1,600 customers in 10 days; the difference of the means times those of 30 days.
    assert decision.money.days == 30
    money = decision.money.by_variant["one_page"]
    assert money.unit == "EUR"
    assert money.value == pytest.approx(50 * 0.15 * 4800, rel=0.4)
    assert money.ci.low < money.value < money.ci.high


def test_money_is_the_difference_times_the_customers_of_a_month(project):
    decision = decided(project, buys=(0.3, 0.45))
    trial = experiments.read(cx.open_study("shop"), "one_page")
    effect = experiments.evaluate(trial).reading("revenue").difference
    money = decision.money.by_variant["one_page"]
    assert money.value == pytest.approx(effect.value * 1600 / 10 * 30)
    assert money.ci.high == pytest.approx(effect.ci.high * 1600 / 10 * 30)


def test_no_difference_is_not_shipped_and_says_whether_one_is_still_possible(project):
    decision = decided(project)
    assert (decision.verdict, decision.variant) == ("do not ship", "")
    assert words(decision.reasons)[0].startswith("no difference of bought is shown in one_page: ")
    few = decided(project, n=100)
    assert "the data do not rule out the smallest effect of interest in bought" in words(
        few.would_change
    )
    many = decided(project, n=4000, buys=(0.3, 0.29))
    assert "the data rule out the smallest effect of interest in bought" in words(many.would_change)


def test_a_difference_that_is_not_shown_is_not_said_to_be_one(project):
    studies.write(project, small_rows(), metrics=METRICS)
    trial = experiments.read(cx.open_study("shop"), "one_page")
    analysis = experiments.evaluate(trial)
    decision = experiments.decide(trial, analysis, experiments.check_trial(trial, analysis))
    assert (decision.verdict, decision.is_shown) == ("do not ship", False)
    message, values = experiments.answer(trial, analysis, decision)
    assert message.endswith("{difference}, which may be chance.")
    low, high = values["difference"].ci
    assert low < 0 < high
    step = experiments.next_step(analysis, decision)
    assert step.message.startswith("Keep {control}. The test was too small")


def small_rows():
    """Return a test of 120 customers, in which each variant sells to about a third."""
    customers = [(f"c{i}", ("control", "one_page")[i % 2], 1 + i // 12) for i in range(120)]
    buys = [("z", "begin_checkout", "2026-03-31", "mobile"),
            ("z", "payment_error", "2026-03-30", "mobile")]  # fmt: skip
    buys += [
        (who, "purchase", f"2026-02-{day:02d} 13:00", "mobile")
        for place, (who, _, day) in enumerate(customers)
        if place % 3 == 0 or place == 1
    ]
    seen = [(who, arm, f"2026-02-{day:02d} 12:00") for who, arm, day in customers]
    orders = [("last", "z", "2026-03-31", 1.0, "completed", "EUR")]
    return {"exposures": seen, "events": buys, "orders": orders}


def test_a_worse_variant_is_not_shipped(project):
    decision = decided(project, buys=(0.45, 0.3))
    assert decision.verdict == "do not ship"
    assert words(decision.reasons)[0].startswith("bought is worse in one_page: −")


def test_a_guardrail_that_is_not_shown_to_hold_forbids_it(project):
    decision = decided(project, buys=(0.3, 0.45), errors=(0.05, 0.09), n=400)
    assert decision.verdict == "do not ship"
    assert "the guardrail errors is not shown to hold in one_page" in words(decision.reasons)


def test_a_broken_guardrail_stops_it_before_its_end(project):
    decision = decided(project, errors=(0.02, 0.3), until="2026-02-08")
    assert decision.verdict == "do not ship"
    assert words(decision.reasons) == ["the guardrail errors is broken in one_page"]


def test_before_the_end_it_keeps_running_and_that_was_not_planned(project):
    decision = decided(project, buys=(0.3, 0.5), until="2026-02-08")
    assert decision.verdict == "keep running"
    assert words(decision.reasons) == [
        "the plan's end is on 2026-02-12, and no planned look says to stop"
    ]
    assert words(decision.deviations) == ["read on 2026-02-08, before the plan's end on 2026-02-10"]
    over = decided(project, until="2026-02-11")
    assert over.verdict == "keep running"
    assert words(over.deviations) == [
        "read on 2026-02-11, before the days of the last customers were over on 2026-02-12"
    ]


def test_a_planned_look_may_stop_it_early(project):
    looks = {"shares": [0.5, 1]}
    strong = decided(project, buys=(0.3, 0.6), until="2026-02-07", looks=looks)
    assert strong.verdict == "ship"
    weak = decided(project, buys=(0.3, 0.36), until="2026-02-07", looks=looks)
    assert weak.verdict == "keep running"
    between = decided(project, until="2026-02-08", looks=looks)
    assert words(between.deviations) == [
        "read when the plan has no look: after 80 of 100 planned days"
    ]


def test_with_looks_the_last_one_asks_for_more_than_a_single_read(project):
    # z is 2.0 at the end and at most that before: enough for one look, not for ten.
    options = {"buys": (0.3, 0.345), "seed": 3}
    alone = decided(project, **options)
    looks = {"shares": [i / 10 for i in range(1, 11)], "spending": "pocock"}
    with_looks = decided(project, looks=looks, **options)
    assert (alone.verdict, with_looks.verdict) == ("ship", "do not ship")
    assert any("would no longer be shown" in one for one in words(alone.would_change))
    assert not any("would no longer be shown" in one for one in words(with_looks.would_change))


def test_a_failed_check_blocks_the_verdict(project):
    decision = decided(project, buys=(0.3, 0.6), ramp=True)
    assert (decision.verdict, decision.variant) == ("blocked", "")
    assert "the check of sample ratio failed" in words(decision.reasons)
    assert decision.would_change == ()


def test_a_metric_that_the_plan_does_not_have_is_listed(project):
    decided(project)
    shop = cx.open_study("shop")
    more = experiments.error_metrics("payment_error", attempt="begin_checkout", days=2)
    trial = experiments.read(shop, "one_page", more=more)
    analysis = experiments.evaluate(trial)
    decision = experiments.decide(trial, analysis, experiments.check_trial(trial, analysis))
    # The plan counts the customers with a payment_error already.
    assert words(decision.deviations) == ["not in the plan: payment_error per attempt"]
    assert decision.plan == trial.plan.digest


def test_the_words_are_there_in_italian(project):
    for decision in (
        decided(project, buys=(0.3, 0.45)),
        decided(project, until="2026-02-08"),
        decided(project, ramp=True),
    ):
        found = decision.table().frame
        for remark in found["words"]:
            assert remark.words(Language("it")) != remark.words(Language("en"))
        for about in found["about"]:
            assert Language("it").said(about) != about


def test_without_a_metric_of_money_it_is_undefined(project):
    studies.write(
        project,
        {
            "exposures": [("a", "control", "2026-02-02"), ("b", "one_page", "2026-02-02")],
            "events": [("z", "begin_checkout", "2026-03-31", "mobile")],
        },
    )
    trial = experiments.read(cx.open_study("shop"), "one_page")
    analysis = experiments.evaluate(trial)
    decision = experiments.decide(trial, analysis, experiments.check_trial(trial, analysis))
    assert decision.money.by_variant == {}


def test_nothing_is_said_of_an_effect_that_nobody_has_an_outcome_for(project):
    # A window of 7 days and a log that ends on the fourth: no outcome is known of anybody.
    rows = {
        "exposures": [
            (f"c{i}", ("control", "one_page")[i % 2], f"2026-02-0{1 + i % 4}") for i in range(40)
        ],
        "events": [("c1", "purchase", "2026-02-04 12:00", "mobile")],
    }
    studies.write(project, rows, as_of="2026-02-04")
    trial = experiments.read(cx.open_study("shop"), "one_page")
    analysis = experiments.evaluate(trial)
    decision = experiments.decide(trial, analysis, experiments.check_trial(trial, analysis))
    message, values = experiments.answer(trial, analysis, decision)
    assert decision.verdict == "keep running"
    assert message == "{experiment}: {verdict}. {metric} cannot be compared yet."
    assert "difference" not in values


def test_an_outcome_that_was_never_logged_is_not_a_difference_that_is_not_shown(project):
    rows = {
        "exposures": [
            (f"c{i}", ("control", "one_page")[i % 2], f"2026-02-0{1 + i % 4}") for i in range(40)
        ],
        "events": [("c1", "begin_checkout", "2026-02-04 12:00", "mobile")],
    }
    studies.write(project, rows, as_of="2026-03-04")
    trial = experiments.read(cx.open_study("shop"), "one_page")
    analysis = experiments.evaluate(trial)
    decision = experiments.decide(trial, analysis, experiments.check_trial(trial, analysis))
    assert decision.verdict == "blocked"
    assert words(decision.reasons) == ["the check of missing outcomes failed"]
