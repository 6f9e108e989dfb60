"""What experiments showed, as findings: how much, what it would bring, what the plan says."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import experiments
from cxresearch.core.remarks import Amount, Remark
from cxresearch.core.results import Estimate
from cxresearch.engine import frames
from cxresearch.errors import CxError
from cxresearch.findings import worth
from cxresearch.findings.finding import Finding

if TYPE_CHECKING:
    from cxresearch.experiments import MetricEffect
    from cxresearch.study import Study
    from cxresearch.study.plans import Experiment

_PROOF = "checkout_experiment"
_STEPS = {
    "ship": "Ship {variant}: by the plan's rule it is better.",
    "do not ship": "Do not ship {variant}: the plan's rule does not allow it.",
}
_NO_MONEY = Remark("not known: no metric of the plan is money per customer")


def trial_findings(study: Study, confidence: float) -> tuple[list[Finding], list[Remark]]:
    """Return the experiments on which a verdict is due, by their plans' rules; and what is unread.

    Parameters
    ----------
    study : Study
        The study.
    confidence : float
        The coverage of the interval of a worth that is not known.

    Returns
    -------
    found : list of Finding
        One per experiment that is to be shipped or not.
    unread : list of Remark
        The experiments whose data cannot be read, and why.
    """
    found: list[Finding] = []
    unread: list[Remark] = []
    if not study.has("exposures"):
        return found, unread
    named = study.frame("exposures").group_by("experiment").agg(n=nw.len())
    exposed = {row["experiment"] for row in frames.rows(named)}
    for plan in study.manifest.experiments:
        if plan.name not in exposed:
            continue
        try:
            made = _finding(study, plan, confidence)
        except CxError as error:
            values = {"experiment": plan.name, "why": str(error)}
            unread.append(Remark("The experiment {experiment} cannot be analysed: {why}", values))
        else:
            found += [made] if made else []
    return found, unread


def _finding(study: Study, plan: Experiment, confidence: float) -> Finding | None:
    """Return what an experiment showed; None where no verdict is due."""
    trial = experiments.read(study, plan.name)
    analysis = experiments.evaluate(trial)
    decision = experiments.decide(trial, analysis, experiments.check_trial(trial, analysis))
    if decision.verdict not in _STEPS:
        return None
    effect = next(
        one
        for one in analysis.readings
        if one.metric.role == "primary" and one.variant == decision.best
    )
    money = decision.money.by_variant.get(decision.best) if decision.money.days else None
    known = study.manifest.touchpoints.get(plan.entry)
    change = _change(effect)
    return Finding(
        what=Remark(
            "{experiment}: {variant} changes {metric} by {change}."
            if decision.is_shown
            else "{experiment}: no difference in {metric} is shown for {variant} ({change}).",
            {
                "experiment": plan.name,
                "variant": decision.best,
                "metric": effect.metric.name,
                "change": Amount(change.value, change.unit),
            },
        ),
        measure=f"experiment:{plan.name}",
        stage=known.stage if known else "",
        touchpoint=known.touchpoint if known else "",
        change=change,
        before=effect.control,
        during=effect.treatment,
        now=effect.treatment,
        state="standing",
        since=date.fromisoformat(plan.start),
        is_bad=False,
        worth=money or worth.unknown(study.currency, confidence, _NO_MONEY),
        grade="A",
        step=Remark(_STEPS[decision.verdict], {"variant": decision.best}),
        proof=_PROOF,
    )


def _change(effect: MetricEffect) -> Estimate:
    planned = effect.planned
    return Estimate(
        value=planned.value,
        ci=planned.ci,
        n=effect.control.n + effect.treatment.n,
        unit=planned.unit,
        confidence=planned.confidence,
        method=planned.method,
    )
