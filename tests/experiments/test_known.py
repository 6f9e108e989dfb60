"""Until when outcomes are known: the manifest's day decides, else a table's own last row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import cxresearch as cx
from cxresearch import experiments
from tests.experiments import studies

DAY = pd.Timedelta(days=1)


def page_test(seed: int = 4, n: int = 600) -> tuple[list, list, dict[str, list[int]]]:
    """A page test of ten days in which most visitors do nothing, and what each arm did.

    The log ends with the last click, on the last day at noon: nothing in it follows.
    """
    rng = np.random.default_rng(seed)
    start, last = pd.Timestamp("2026-02-01"), pd.Timestamp("2026-02-10 12:00")
    exposed, events, did = [], [], {"control": [], "one_page": []}
    for i in range(n):
        variant = ("control", "one_page")[i % 2]
        at = start + pd.Timedelta(minutes=int(rng.integers(0, 10 * 24 * 60)))
        clicks = rng.random() < (0.25 if variant == "control" else 0.3) and at < last
        exposed.append((f"c{i}", variant, str(at)))
        if clicks:
            events.append((f"c{i}", "purchase", str(min(at + pd.Timedelta(minutes=5), last)), "m"))
        did[variant].append(int(clicks))
    return exposed, events, did


def analysis(project, exposed, events, **options):
    studies.write(project, {"exposures": exposed, "events": events}, **options)
    return experiments.evaluate(experiments.read(cx.open_study("shop"), "one_page"))


def test_the_day_of_the_manifest_makes_silence_an_answer(project):
    exposed, events, did = page_test()
    found = analysis(project, exposed, events, as_of="2026-02-17").reading("bought")
    assert found.control.n + found.treatment.n == 600
    control, treatment = did["control"], did["one_page"]
    assert found.control.value == pytest.approx(np.mean(control))
    assert found.difference.value == pytest.approx(np.mean(treatment) - np.mean(control))
    table = [[sum(one), len(one) - sum(one)] for one in (control, treatment)]
    assert found.difference.p_value == pytest.approx(
        stats.chi2_contingency(table, correction=False).pvalue, rel=1e-6
    )


def test_without_that_day_no_table_is_known_beyond_its_last_row(project):
    exposed, events, _ = page_test()
    last = max(pd.Timestamp(row[2]) for row in events)
    over = [row for row in exposed if pd.Timestamp(row[2]) + 7 * DAY <= last]
    found = analysis(project, exposed, events).reading("bought")
    assert found.difference.n == len(over) < 600


@pytest.mark.parametrize(("as_of", "known"), [("2026-02-09", 0), ("2026-02-10", 2)])
def test_days_that_are_not_over_on_that_day_are_no_outcome(project, as_of, known):
    exposed = [("a", "control", "2026-02-03"), ("b", "one_page", "2026-02-03")]
    assert analysis(project, exposed, [], as_of=as_of).reading("bought").difference.n == known


def test_what_came_after_that_day_was_not_known_on_it(project):
    exposed = [("a", "control", "2026-02-03"), ("b", "one_page", "2026-02-03")]
    late = [("a", "purchase", "2026-02-04 00:30", "m")]
    metrics = [studies.PLAN["metrics"][0] | {"days": 0.99}]
    options = {"as_of": "2026-02-03", "metrics": metrics, "time_zone": "UTC"}
    assert analysis(project, exposed, late, **options).reading("bought").control.value == 0
    # The same moment is the evening of 3 February in New York.
    exposed = [("a", "control", "2026-02-03 05:00"), ("b", "one_page", "2026-02-03 05:00")]
    options["time_zone"] = "America/New_York"
    assert analysis(project, exposed, late, **options).reading("bought").control.value == 1


def test_an_empty_table_says_that_nothing_happened_where_the_day_is_known(project):
    exposed, events, _ = page_test()
    tickets = {
        "name": "tickets", "role": "guardrail", "kind": "mean", "of": {"table": "tickets"},
        "days": 7, "margin": 0.1,
    }  # fmt: skip
    rows = {"exposures": exposed, "events": events, "tickets": []}
    for as_of, n, value in (("2026-02-17", 300, 0.0), (None, 0, np.nan)):
        metrics = [*studies.PLAN["metrics"], tickets]
        studies.write(project, rows, metrics=metrics, as_of=as_of)
        read = experiments.read(cx.open_study("shop"), "one_page")
        found = experiments.evaluate(read).reading("tickets").control
        assert found.n == n
        assert found.value == pytest.approx(value, nan_ok=True)


def test_an_early_read_knows_no_more_than_one_would_have_then(project):
    exposed, events, _ = page_test()
    studies.write(project, {"exposures": exposed, "events": events}, as_of="2026-03-31")
    early = experiments.read(cx.open_study("shop"), "one_page", until="2026-02-08")
    end = pd.Timestamp("2026-02-09")
    over = [row for row in exposed if pd.Timestamp(row[2]) + 7 * DAY <= end]
    assert experiments.evaluate(early).reading("bought").difference.n == len(over) > 0


def test_a_day_before_the_experiment_leaves_nobody_in_it(project):
    exposed, events, _ = page_test()
    studies.write(project, {"exposures": exposed, "events": events}, as_of="2026-01-15")
    read = experiments.read(cx.open_study("shop"), "one_page")
    assert sum(read.tally.customers.values()) == 0
    found = experiments.evaluate(read)
    decision = experiments.decide(read, found, experiments.check_trial(read, found))
    assert decision.verdict == "keep running"
