"""What an experiment showed, as a finding: only where its plan's rule gives a verdict."""

import math

import pytest

import cxresearch as cx
from cxresearch.core.languages import Language
from cxresearch.findings.trial_findings import trial_findings
from tests.experiments import studies
from tests.experiments.test_decision import METRICS, decided


def found():
    rows, unread = trial_findings(cx.open_study("shop"), 0.95)
    assert unread == []
    return rows


def test_an_experiment_to_be_shipped_is_a_standing_finding(project):
    decision = decided(project, buys=(0.3, 0.45))
    (one,) = found()
    control, treatment = one.before.value, one.during.value
    assert control == pytest.approx(0.3, abs=0.04)
    assert treatment == pytest.approx(0.45, abs=0.04)
    assert one.change.value == pytest.approx(treatment - control)
    assert one.change.n == 1600
    assert one.worth == decision.money.by_variant["one_page"]
    assert one.what.words(Language("en")) == (
        "one_page: one_page changes bought by 14.2 percentage points."
    )
    assert one.step.words(Language("en")) == "Ship one_page: by the plan's rule it is better."
    assert (one.measure, one.state, one.grade) == ("experiment:one_page", "standing", "A")
    assert (one.stage, one.touchpoint, one.since.isoformat()) == ("purchase", "page", "2026-02-01")


def test_one_that_shows_nothing_is_not_to_be_shipped(project):
    decided(project)
    (one,) = found()
    assert one.step.words(Language("en")) == (
        "Do not ship one_page: the plan's rule does not allow it."
    )
    assert one.change.ci.low < 0 < one.change.ci.high


def test_one_that_runs_or_failed_a_check_is_no_finding(project):
    decided(project, buys=(0.3, 0.45), end="2026-04-30")
    assert found() == []
    decided(project, buys=(0.3, 0.45), ramp=True)
    assert found() == []


def bought(n=400):
    """Return customers of whom three in ten buy in control, and six in ten in the other."""
    rows = {"exposures": [], "events": [("z", "begin_checkout", "2026-03-31", "mobile")]}
    for place in range(2 * n):
        day = f"2026-02-{1 + place * 10 // (2 * n):02d}"
        arm = place % 2
        rows["exposures"].append((f"c{place}", ("control", "one_page")[arm], f"{day} 12:00"))
        if place // 2 % 10 < (3, 6)[arm]:
            rows["events"].append((f"c{place}", "purchase", f"{day} 13:00", "mobile"))
    return rows


def test_without_a_metric_of_money_its_worth_is_not_known(project):
    studies.write(project, bought(), metrics=METRICS[:1])
    (one,) = found()
    assert (one.before.value, one.during.value) == (0.3, 0.6)
    assert math.isnan(one.worth.value)
    assert one.worth.unit == "EUR"
    assert one.worth.note == "not known: no metric of the plan is money per customer"


def test_one_that_cannot_be_read_is_told_with_why(project):
    rows = bought(20)
    rows["exposures"] = [
        (*row, "" if place == 3 else f"shop {place}") for place, row in enumerate(rows["exposures"])
    ]
    studies.write(project, rows, exposures=["cluster"], metrics=METRICS[:1], unit="cluster")
    rows, (unread,) = trial_findings(cx.open_study("shop"), 0.95)
    assert rows == []
    assert unread.words(Language("en")) == (
        "The experiment one_page cannot be analysed: exposures has 1 fault:\n"
        "  cluster: missing in 1 rows; the plan assigns clusters"
    )


def test_an_experiment_that_nobody_is_in_is_no_finding(project):
    rows = bought(20) | {"exposures": []}
    studies.write(project, rows, metrics=METRICS[:1])
    assert found() == []
