"""What bad experiences cost afterwards, as findings: beside customers like those who met them."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from cxresearch import value
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Amount, Remark, Value
from cxresearch.findings.finding import Finding
from cxresearch.findings.watched_series import WHOLE

if TYPE_CHECKING:
    from cxresearch.study import Study
    from cxresearch.value import Experience, Worth

_PROOF = "customer_value"
#: Of studies whose experiences cost nothing, one in a hundred has any of the four as a finding.
_SURE = 1 - 2 * 0.01 / len(get_args(value.Experience))
_WHAT = "After {experience}, customers spend {amount} less in {days} than after {beside}."
_STEP = "Test: make up for {experience} with half of those who meet it, and compare their spend."
#: Where on the journey each is met; the place of a payment is that of its event.
_PLACES = {
    "late_delivery": ("service", "delivery"),
    "unsolved_ticket": ("service", "customer service"),
}


def experience_findings(study: Study, confidence: float) -> list[Finding]:
    """Return the experiences after which customers surely spend less, where that can be trusted.

    Parameters
    ----------
    study : Study
        The study.
    confidence : float
        The coverage of the intervals that are shown; to be a finding is harder.

    Returns
    -------
    list of Finding
        One per experience whose groups spent alike before it.
    """
    found = []
    for name in get_args(value.Experience):
        worth = value.experience_of(study, name, confidence=confidence)
        if not isinstance(worth, Missing) and worth.is_credible and _costs_surely(worth):
            found.append(_finding(study, name, worth))
    return found


def _costs_surely(worth: Worth) -> bool:
    spent = worth.spent
    wider = normal_quantile(_SURE) / normal_quantile(spent.confidence)
    return spent.value + wider * (spent.ci.high - spent.value) < 0


def _finding(study: Study, name: Experience, worth: Worth) -> Finding:
    payment = study.manifest.touchpoints.get("payment_error")
    at = (payment.stage, payment.touchpoint) if name == "payment_error" and payment else ("", "")
    stage, touchpoint = _PLACES.get(name, at)
    experience = Remark(worth.experience)
    said: dict[str, Value] = {
        "experience": experience,
        "beside": Remark(worth.beside),
        "amount": Amount(-worth.spent.value, worth.spent.unit, 0),
        "days": Amount(worth.days, "days"),
    }
    return Finding(
        what=Remark(_WHAT, said),
        measure=f"experience:{name}",
        group=WHOLE,
        stage=stage,
        touchpoint=touchpoint,
        change=worth.spent,
        before=worth.others_spent,
        during=worth.met_spent,
        now=worth.met_spent,
        state="standing",
        since=None,
        until=None,
        since_between=None,
        is_bad=True,
        worth=worth.monthly,
        grade="C",
        step=Remark(_STEP, {"experience": experience}),
        proof=_PROOF,
    )
