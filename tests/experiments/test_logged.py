"""What was not logged is left out and said once; a plan says when it was written."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

import cxresearch as cx
from cxresearch import experiments
from cxresearch.core.languages import Language
from cxresearch.experiments import effects_table
from cxresearch.study.plans import Experiment
from tests.experiments import studies

EXPOSED = [(f"c{i}", ("control", "one_page")[i % 2], "2026-02-03 10:00") for i in range(60)]
BOUGHT = [(f"c{i}", "purchase", "2026-02-04 10:00", "m") for i in range(0, 60, 3)]
GUARDRAIL = {
    "name": "errors", "role": "guardrail", "kind": "proportion", "of": "payment_error", "days": 7,
    "direction": "decrease", "margin": 0.02,
}  # fmt: skip


def read(project, rows, **plan):
    studies.write(project, rows, as_of="2026-03-31", **plan)
    shop = cx.open_study("shop")
    more = [
        *experiments.funnel_metrics(shop, steps=["payment_step", "purchase"]),
        *experiments.time_metrics("purchase"),
        *experiments.error_metrics("payment_error", attempt="payment_step"),
    ]
    trial = experiments.read(shop, "one_page", more=more)
    analysis = experiments.evaluate(trial)
    return trial, analysis, experiments.check_trial(trial, analysis)


def test_steps_and_errors_that_nobody_logged_are_absent_and_said_once(project):
    trial, analysis, checks = read(project, {"exposures": EXPOSED, "events": BOUGHT})
    names = [one.metric.name for one in analysis.readings]
    # That somebody reached the purchase, or bought within 168 hours, is the plan's "bought".
    assert names == ["bought", "within_15_minutes", "within_1_hour", "within_24_hours"]
    assert trial.not_logged == ("payment_error", "payment_step")
    assert trial.unmeasured[0].words(Language("en")) == (
        "Not measured, since the study has no row of it: payment_error, payment_step."
    )
    decision = experiments.decide(trial, analysis, checks)
    assert "payment" not in repr(decision.table())


def test_what_was_logged_is_there(project):
    errors = [
        ("c1", "payment_error", "2026-02-04 10:00", "m"),
        ("z", "payment_step", "2026-01-01", "m"),
    ]
    trial, analysis, _ = read(project, {"exposures": EXPOSED, "events": [*BOUGHT, *errors]})
    assert trial.not_logged == ()
    assert trial.unmeasured == ()
    # Logged, though by nobody in the experiment: that is a 0.
    assert analysis.reading("reached_payment_step").control.value == 0
    assert analysis.reading("with_payment_error").treatment.value == pytest.approx(1 / 30)


def test_a_guardrail_on_what_nobody_logged_does_not_hold(project):
    metrics = [*studies.PLAN["metrics"], GUARDRAIL]
    rows = {"exposures": EXPOSED, "events": BOUGHT}
    trial, analysis, checks = read(project, rows, metrics=metrics)
    reading = analysis.reading("errors")
    assert (reading.control.n, reading.treatment.n) == (0, 0)
    assert not reading.guard.holds
    assert "0.0%" not in repr(effects_table([reading]))
    assert "payment_error" in trial.not_logged
    assert checks.check("missing outcomes").standing == "passed"


def test_a_primary_metric_on_what_nobody_logged_is_blocked_and_not_a_no(project):
    metric = studies.PLAN["metrics"][0] | {"of": "payment_error"}
    trial, analysis, checks = read(
        project, {"exposures": EXPOSED, "events": BOUGHT}, metrics=[metric]
    )
    decision = experiments.decide(trial, analysis, checks)
    assert decision.verdict == "blocked"
    found = checks.check("missing outcomes")
    assert found.standing == "failed"
    assert found.finding.words(Language("en")) == "nobody in control has an outcome of bought"


def test_a_table_without_any_row_is_an_answer_where_the_day_is_known(project):
    trial, analysis, _ = read(project, {"exposures": EXPOSED, "events": []})
    assert analysis.reading("bought").control.n == 30
    assert analysis.reading("bought").control.value == 0
    # Of what the plan does not name, nothing says that it was ever logged.
    assert trial.not_logged == ("payment_error", "payment_step")


def test_a_study_without_events_measures_what_it_has(project):
    orders = [(f"o{i}", f"c{i}", "2026-02-04", 10.0, "completed", "EUR") for i in range(0, 60, 5)]
    metric = {
        "name": "ordered", "role": "primary", "kind": "proportion", "of": {"table": "orders"},
        "days": 7, "mde": 0.1,
    }  # fmt: skip
    rows = {"exposures": EXPOSED, "orders": orders}
    trial, analysis, _ = read(project, rows, metrics=[metric])
    assert [one.metric.name for one in analysis.readings] == ["ordered"]
    assert analysis.reading("ordered").control.value == pytest.approx(0.2)
    assert trial.not_logged == ("payment_error", "payment_step", "purchase")
    table = experiments.power_table(cx.open_study("shop"), "one_page")
    assert [row.note[:10] for row in table.rows] == ["no history"]


def exploratory_check(project, name: str):
    early = [(f"c{i}", "purchase", "2026-02-02 10:00", "m") for i in range(1, 60, 2)]
    metric = studies.PLAN["metrics"][0] | {"of": "begin_checkout"}
    rows = {"exposures": EXPOSED, "events": [*early, ("c1", "begin_checkout", "2026-02-04", "m")]}
    return read(project, rows, metrics=[metric])[2].check(name)


def test_what_the_plan_does_not_name_decides_no_check(project):
    assert exploratory_check(project, "outcomes before the exposure").standing == "passed"


def when(project, rows=EXPOSED, **plan) -> tuple[str, list[str], bool]:
    trial, analysis, checks = read(project, {"exposures": rows, "events": BOUGHT}, **plan)
    decision = experiments.decide(trial, analysis, checks)
    said = [remark.words(Language("en")) for remark in decision.deviations]
    written = experiments.when_written(trial).words(Language("en"))
    return written, said, experiments.is_retrospective(trial)


def test_a_plan_was_there_before_the_data_only_where_it_says_so(project):
    written, said, retrospective = when(project)
    assert (
        written == "The plan does not say when it was written, so it may have been after the data."
    )
    assert not retrospective
    written, said, retrospective = when(project, planned_on="2026-01-20")
    assert written == "The plan was written on 20 Jan 2026, before the first exposure."
    assert "the plan was written after the data" not in said
    assert not retrospective


@pytest.mark.parametrize("planned_on", [None, "2026-02-01", "2026-06-01"])
def test_a_retrospective_plan_is_called_so(project, planned_on):
    written, said, retrospective = when(project, retrospective=True, planned_on=planned_on)
    assert written.startswith("The plan is retrospective: it was written after the data")
    assert said[0] == "the plan was written after the data"
    assert retrospective


@pytest.mark.parametrize(("first", "contradicts"), [("2026-01-20", True), ("2026-01-21", False)])
def test_an_exposure_as_old_as_the_plan_contradicts_it(project, first, contradicts):
    rows = [*EXPOSED, ("old", "control", f"{first} 10:00")]
    written, said, retrospective = when(project, rows, planned_on="2026-01-20")
    assert retrospective is contradicts
    assert ("the plan was written after the data" in said) is contradicts
    assert ("but there are exposures of 20 Jan 2026" in written) is contradicts


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"planned_on": "2026-02-01"}, "planned_on must be before start, 2026-02-01; a plan"),
        ({"planned_on": "2026-03-01"}, "planned_on must be before start, 2026-02-01; a plan"),
        (
            {"planned_on": "2026-01-31", "retrospective": True},
            "retrospective must not be true where planned_on is before start, 2026-02-01",
        ),
        ({"planned_on": "soon"}, "must be a day such as 2026-01-31"),
    ],
)
def test_what_a_plan_may_not_say_of_itself(changes, fault):
    with pytest.raises(ValidationError, match=fault):
        Experiment.model_validate(studies.PLAN | changes)


def test_a_plan_that_says_nothing_of_it_keeps_its_hash():
    plain = Experiment.model_validate(studies.PLAN)
    assert plain.digest == Experiment.model_validate(studies.PLAN | {"retrospective": False}).digest
    for changes in ({"planned_on": "2026-01-31"}, {"retrospective": True}):
        assert Experiment.model_validate(studies.PLAN | changes).digest != plain.digest
