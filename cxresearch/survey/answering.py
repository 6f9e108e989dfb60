"""Who answers and who does not, and how far those who do not could move a score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Remark, Sentence
from cxresearch.core.results import Estimate, as_columns, undefined
from cxresearch.core.table import Column, Table
from cxresearch.stats.shares.proportions import proportion
from cxresearch.survey.metrics import METRICS, shown
from cxresearch.survey.nonresponse import worst_case
from cxresearch.survey.populations import weighted_to
from cxresearch.survey.satisfaction import NOT_WEIGHTED, Satisfaction
from cxresearch.survey.study_answers import people_of

if TYPE_CHECKING:
    pass

#: How many times as often the most satisfied may answer as the least satisfied.
_TIMES = (1.25, 1.5, 2.0)
_IN = "Share of the customers"
_COULD = (
    Column("case", "If"),
    Column("value", "Score", role="estimate"),
    Column("people", role="people", is_shown=False),
)


@or_missing
def who_answers(satisfaction: Satisfaction) -> list[Table] | Missing:
    """Return each group among those who answered the question in front, and among the customers.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    """
    if not satisfaction.population.shares:
        return NOT_WEIGHTED
    return [_by(satisfaction, column) for column in satisfaction.population.shares]


def _by(satisfaction: Satisfaction, column: str) -> Table:
    import pandas as pd

    people = satisfaction.now.drop_duplicates("customer_id")[column]
    customers, known = satisfaction.population.customers, int(people.notna().sum())
    lines = []
    for level, share in satisfaction.population.shares[column].items():
        answered = int((people == level).sum())
        line: dict[str, Any] = {column: level, "share": share, "people": answered}
        line |= as_columns("among", proportion(answered, known, confidence=satisfaction.confidence))
        if customers is not None:
            asked = max(round(share * customers), answered)
            line |= as_columns(
                "response", proportion(answered, asked, confidence=satisfaction.confidence)
            )
        lines.append(line)
    columns = [
        Column(column, role="name"),
        Column("share", _IN, "share"),
        Column("people", "Who answered (n)", role="people"),
        Column("among", "Share of those who answered", "share", role="estimate"),
    ]
    if customers is not None:
        columns.append(Column("response", "Response rate", "share", role="estimate"))
    return Table(
        frame=pd.DataFrame(lines),
        columns=columns,
        caption="Who answered in the last {months}: {question}",
        values={"months": (satisfaction.months, "months"), "question": satisfaction.label},
        within=None,
    )


@or_missing
def if_others_differ(satisfaction: Satisfaction) -> Table:
    """Return what the score would be if those who did not answer think otherwise.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.

    Notes
    -----
    Within each group, the chance to answer is taken to rise with the score, so that the most
    satisfied answer k times as often as the least: each answer weighs k**-s more, with s of 0 for
    the lowest value and 1 for the highest, before it is weighted to the customers. No data can say
    what k is. The worst case takes nothing for granted (Manski 1989).

    References
    ----------
    Rotnitzky, Robins & Scharfstein (1998), Semiparametric regression for repeated outcomes with
    nonignorable nonresponse, J. Am. Stat. Assoc. 93, 1321-1339 (exponential tilt).
    """
    import pandas as pd

    unit = shown(satisfaction.raw.unit)
    cases = [(Remark("those who answered are like all customers"), satisfaction.raw)]
    if satisfaction.weighted:
        alike = Remark("in each group, those who did not answer are like those who did")
        cases.append((alike, satisfaction.level_of_all))
    for times in _TIMES:
        remark = Remark(
            "the most satisfied answer {times} times as often as the least",
            {"times": Amount(times, "", 2)},
        )
        cases.append((remark, tilted(satisfaction, times)))
    lines = [{"case": case, **as_columns("value", one), "value_unit": unit} for case, one in cases]
    return Table(
        frame=pd.DataFrame(lines).assign(people=people_of(satisfaction.now)),
        columns=_COULD,
        caption="{question} if those who did not answer think otherwise",
        values={"question": satisfaction.label},
    )


def tilted(satisfaction: Satisfaction, times: float) -> Estimate:
    """Return the score if the most satisfied answer so many times as often as the least.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    times : float
        How many, above 0.
    """
    values = satisfaction.values(satisfaction.now)
    least, most = _ends(satisfaction)
    tilt = times ** -((values - least) / (most - least))
    weighted = weighted_to(satisfaction.now, satisfaction.population.shares, tilt=tilt)
    if weighted is None:
        return undefined(satisfaction.raw, n=0, method="", note="", people=None)
    return satisfaction.level(weighted)


@or_missing
def worst_and_best(satisfaction: Satisfaction) -> Sentence | Missing:
    """Return between what the score of all customers lies, whatever the others think.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    """
    if satisfaction.population.customers is None:
        return Missing("no table says how many customers there are")
    low, high = _ends(satisfaction)
    answered = people_of(satisfaction.now)
    invited = max(satisfaction.population.customers, answered)
    found = worst_case(
        satisfaction.raw.value,
        answered=answered,
        invited=invited,
        low=low,
        high=high,
        unit=satisfaction.raw.unit,
        ci=satisfaction.raw.ci,
        confidence=satisfaction.confidence,
    )
    unit = shown(satisfaction.raw.unit)
    return Sentence(
        "{answered} of {invited} customers answered. Whatever the others think, the score of all "
        "lies between {low} and {high}.",
        {
            "answered": answered,
            "invited": invited,
            "low": (found.bounds.low, unit),
            "high": (found.bounds.high, unit),
        },
    )


def _ends(satisfaction: Satisfaction) -> tuple[float, float]:
    """Return the lowest and the highest value that one answer can have."""
    kind, (low, high) = METRICS[satisfaction.metric], satisfaction.scale
    least, most = (kind.factor * float(kind.value(one, high, float)) for one in (low, high))
    return least, most
