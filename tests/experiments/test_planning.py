"""What a plan asks for each kind of metric, where there is little history or none."""

from __future__ import annotations

import math

import numpy as np
import pytest

import cxresearch as cx
from cxresearch import experiments
from cxresearch.core.languages import UNDEFINED, Language
from cxresearch.stats.power.designs import Design, PlannedMetric
from cxresearch.stats.power.sample_sizes import detectable_effect, sample_size
from tests.experiments import studies

MEAN = {
    "name": "visits",
    "role": "primary",
    "kind": "mean",
    "of": "purchase",
    "days": 2,
    "mde": 0.2,
}


def history(seed: int = 1, n: int = 600) -> list[tuple[str, str, str, str]]:
    """Return the events of customers who entered in January."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        day = 1 + i % 20
        rows.append((f"c{i}", "begin_checkout", f"2026-01-{day:02d} 10:00", "mobile"))
        rows += [
            (f"c{i}", "purchase", f"2026-01-{day:02d} {11 + k}:00", "mobile")
            for k in range(int(rng.poisson(0.8)))
        ]
    return rows


#: 20 planned days that end two days before the start: 10 to 29 January.
ENTERED = [i for i in range(600) if 1 + i % 20 >= 10]


def table(project, *metrics, events=None, **plan):
    exposures = [("a", "control", "2026-02-02")]
    own = history() if events is None else events
    later = ("z", "begin_checkout", "2026-03-31", "mobile")
    rows = {"exposures": exposures, "events": [*own, later]}
    studies.write(project, rows, metrics=list(metrics or [MEAN]), end="2026-02-20", **plan)
    return experiments.power_table(cx.open_study("shop"), "one_page")


def counts() -> np.ndarray:
    """Return how often each customer of the history bought."""
    bought = [name for name, event, *_ in history() if event == "purchase"]
    return np.array([bought.count(f"c{i}") for i in range(600)])


def test_the_size_is_that_of_the_history(project):
    found = table(project)
    (row,) = found.rows
    own = counts()[ENTERED]
    assert (found.customers, found.days) == (len(own), 20)
    assert row.baseline == pytest.approx(own.mean())
    expected = sample_size(PlannedMetric.mean(own.std(ddof=1), unit="events"), 0.2)
    assert (row.control, row.treatment) == (expected.control, expected.treatment)
    assert row.customers == expected.n
    assert row.days == pytest.approx(expected.n / (len(own) / 20))
    n = len(own) / 2
    effect = detectable_effect(PlannedMetric.mean(own.std(ddof=1), unit=""), n)
    assert row.detectable == pytest.approx(effect)


def test_a_relative_effect_is_a_share_of_the_baseline(project):
    (row,) = table(project, MEAN | {"mde": 0.5, "relative": True}).rows
    assert row.effect == pytest.approx(0.5 * row.baseline)


def test_shares_that_are_not_equal_cost_customers(project):
    (equal,) = table(project).rows
    (unequal,) = table(project, variants={"control": 0.8, "one_page": 0.2}).rows
    assert unequal.customers > equal.customers
    assert unequal.control == pytest.approx(4 * unequal.treatment, abs=4)
    assert unequal.customers == pytest.approx(unequal.treatment / 0.2, abs=5)


def test_looks_and_several_treatments_cost_customers(project):
    (alone,) = table(project).rows
    (looks,) = table(project, looks={"shares": [0.25, 0.5, 0.75, 1], "spending": "pocock"}).rows
    assert 1.1 < looks.control / alone.control < 1.3
    three = {"control": 0.4, "one_page": 0.3, "two_page": 0.3}
    (several,) = table(project, variants=three).rows
    assert several.customers > 1.4 * alone.customers


def test_a_guardrail_asks_whether_harm_is_below_its_margin(project):
    guardrail = {**MEAN, "name": "guard", "role": "guardrail", "margin": 0.2}
    del guardrail["mde"]
    both = guardrail | {"name": "both", "guard": "equivalence"}
    _, one, other = table(project, MEAN, guardrail, both).rows
    sd = counts()[ENTERED].std(ddof=1)
    # Chow et al. (2017), section 3.2: (z_.95 + z_.80)**2 * 2 sd**2 / margin**2.
    assert one.control == pytest.approx((1.645 + 0.842) ** 2 * 2 * sd**2 / 0.2**2, rel=0.01)
    assert other.control == pytest.approx((1.645 + 1.282) ** 2 * 2 * sd**2 / 0.2**2, rel=0.01)
    assert math.isnan(one.detectable)


def test_a_median_is_planned_from_the_width_of_its_interval(project):
    half = {**MEAN, "name": "half", "kind": "quantile", "q": 0.5, "role": "secondary", "mde": 0.5}
    _, row = table(project, MEAN, half).rows
    assert row.baseline == 1
    # Half of those who bought did so once, and so many that the interval is one value.
    assert row.note == "no history: too few customers have this metric, or all have the same value"


def test_the_past_saves_customers(project):
    rng = np.random.default_rng(5)
    events = []
    for i in range(400):
        times = 1 + int(rng.poisson(1)) if i % 2 else 0
        for day in (9, 21):
            events.append((f"c{i}", "begin_checkout", f"2026-01-{day:02d} 10:00", "mobile"))
            events += [
                (f"c{i}", "purchase", f"2026-01-{day:02d} {11 + k}:00", "mobile")
                for k in range(times)
            ]
    # Those of the 21st are the experiment's to be, and had done the same on the 9th.
    (plain,) = table(project, events=events).rows
    (saved,) = table(project, MEAN | {"history_days": 30}, events=events).rows
    assert saved.customers < 0.1 * plain.customers
    (none,) = table(project, MEAN | {"history_days": 30}, events=events, adjustment="none").rows
    assert none.customers == plain.customers


@pytest.mark.parametrize(
    ("events", "note"),
    [
        ([], "no history: nobody had the entry"),
        (
            [(f"c{i}", "begin_checkout", "2026-01-15 10:00", "mobile") for i in range(9)],
            "no history: too few customers have this metric, or all have the same value",
        ),
    ],
)
def test_without_a_history_it_says_so(project, events, note):
    found = table(project, events=events)
    (row,) = found.rows
    assert row.note.startswith(note)
    assert (row.control, row.customers) == (0, 0)
    assert math.isnan(row.days)
    shown = found.table()
    assert shown.frame["days"].isna().tolist() == [True]
    assert UNDEFINED in shown.made(Language("it")).text


def test_a_metric_without_a_smallest_effect_has_a_detectable_one(project):
    second = {**MEAN, "name": "second", "role": "secondary"}
    del second["mde"]
    first, row = table(project, MEAN, second).rows
    assert row.note == "the plan names no smallest effect of interest"
    assert row.detectable == first.detectable


def test_all_pairs_ask_for_more_than_those_with_the_control(project):
    arms = {"control": 0.34, "b": 0.33, "c": 0.33}
    plans = [table(project, variants=arms, compare=one) for one in ("with_control", "all_pairs")]
    (control,), (pairs,) = (one.rows for one in plans)
    # By the tables of Dunnett (2.21) and of Tukey (3.31 / sqrt(2)), both with a power of .80.
    ratio = ((3.3145 / math.sqrt(2) + 0.8416) / (2.2121 + 0.8416)) ** 2
    assert pairs.control / control.control == pytest.approx(ratio, rel=0.01)
    assert pairs.detectable / control.detectable == pytest.approx(math.sqrt(ratio), rel=0.01)


def test_two_treatments_and_no_direction_are_what_all_pairs_need():
    assert Design(correction="all_pairs").critical_value() == pytest.approx(1.96, abs=1e-3)
    with pytest.raises(ValueError, match="correction must be another than all_pairs in one"):
        Design(treatments=2, correction="all_pairs", sides=1)
