"""What bad experiences cost afterwards, as findings: beside customers like those who met them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, get_args

from cxresearch import value
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Amount, Remark, Value
from cxresearch.findings.finding import Finding

if TYPE_CHECKING:
    from cxresearch.study import Study
    from cxresearch.value import Experience, Worth

_PROOF = "customer_value"
#: For how many days customers are followed after one; for fewer where a log is too short.
_FOLLOWED = (180, 90)
#: The experience that a unit of a measure is.
OF_MEASURE: dict[str, Experience] = {"late": "late_delivery", "ticket:unsolved": "unsolved_ticket"}
#: Of studies whose experiences cost nothing, one in a hundred has any of the four as a finding.
_SURE = 1 - 2 * 0.01 / len(get_args(value.Experience))
_WHAT = "After {experience}, customers spend {amount} less in {days} than after {beside}."
_STEP = (
    "Test: offer something to half of the customers with {experience}, and compare what the two "
    "halves spend."
)
#: Where on the journey each is met, by the default stages; a payment is where its event is.
_PLACES = {
    "late_delivery": ("service", "delivery"),
    "unsolved_ticket": ("service", "customer service"),
}


def known_experiences(study: Study, confidence: float) -> dict[Experience, Worth]:
    """Return what customers spend after each experience that a study can tell of."""
    found: dict[Experience, Worth] = {}
    for name in get_args(value.Experience):
        for days in _FOLLOWED:
            one = value.experience_of(study, name, days=days, confidence=confidence)
            if not isinstance(one, Missing):
                found[name] = one
                break
    return found


def experience_findings(study: Study, known: Mapping[Experience, Worth]) -> list[Finding]:
    """Return the experiences after which customers surely spend less, where that can be trusted.

    Parameters
    ----------
    study : Study
        The study.
    known : mapping of str to Worth
        From :func:`known_experiences`; to be a finding is harder than its interval.

    Returns
    -------
    list of Finding
        One per experience whose groups spent alike before it.
    """
    return [
        _finding(study, name, worth)
        for name, worth in known.items()
        if worth.is_credible and _costs_surely(worth)
    ]


def _costs_surely(worth: Worth) -> bool:
    spent = worth.spent
    wider = normal_quantile(_SURE) / normal_quantile(spent.confidence)
    return spent.value + wider * (spent.ci.high - spent.value) < 0


def _finding(study: Study, name: Experience, worth: Worth) -> Finding:
    payment = study.manifest.touchpoints.get("payment_error")
    if name == "payment_error" and payment:
        stage, touchpoint = payment.stage, payment.touchpoint
    else:
        role, touchpoint = _PLACES.get(name, ("", ""))
        stage = study.manifest.placed.get(role, "")
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
        stage=stage,
        touchpoint=touchpoint,
        change=worth.spent,
        before=worth.others_spent,
        during=worth.met_spent,
        now=worth.met_spent,
        state="standing",
        is_bad=True,
        worth=worth.monthly,
        grade="C",
        step=Remark(_STEP, {"experience": experience}),
        proof=_PROOF,
    )
