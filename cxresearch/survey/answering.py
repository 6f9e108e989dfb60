"""Who answers and who does not, and how far those who do not could move a score."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Remark, Sentence
from cxresearch.core.results import Estimate, Interval, as_columns
from cxresearch.core.table import Column, Table
from cxresearch.stats.shares.proportions import proportion
from cxresearch.survey.metrics import METRICS
from cxresearch.survey.nonresponse import worst_case
from cxresearch.survey.populations import weighted_to
from cxresearch.survey.satisfaction import NOT_WEIGHTED, Satisfaction, people_of, shown

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
def who_answers(heard: Satisfaction) -> list[Table] | Missing:
    """Return each group among those who answered the question in front, and among the customers.

    Parameters
    ----------
    heard : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    """
    if not heard.population.shares:
        return NOT_WEIGHTED
    return [_by(heard, column) for column in heard.population.shares]


def _by(heard: Satisfaction, column: str) -> Table:
    import pandas as pd

    people = heard.now.drop_duplicates("customer_id")[column]
    customers, known = heard.population.customers, int(people.notna().sum())
    lines = []
    for level, share in heard.population.shares[column].items():
        answered = int((people == level).sum())
        line: dict[str, Any] = {column: level, "share": share, "people": answered}
        line |= as_columns("among", proportion(answered, known, confidence=heard.confidence))
        if customers is not None:
            asked = max(round(share * customers), answered)
            line |= as_columns("response", proportion(answered, asked, confidence=heard.confidence))
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
        values={"months": (heard.months, "months"), "question": heard.label},
        within=None,
    )


@or_missing
def if_others_differ(heard: Satisfaction) -> Table:
    """Return what the score would be if those who did not answer think otherwise.

    Parameters
    ----------
    heard : Satisfaction
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

    unit = shown(heard.raw.unit)
    cases = [(Remark("those who answered are like all customers"), heard.raw)]
    if heard.weighted:
        alike = Remark("in each group, those who did not answer are like those who did")
        cases.append((alike, heard.level_of_all))
    for times in _TIMES:
        told = Remark(
            "the most satisfied answer {times} times as often as the least",
            {"times": Amount(times, "", 2)},
        )
        cases.append((told, tilted(heard, times)))
    lines = [{"case": case, **as_columns("value", one), "value_unit": unit} for case, one in cases]
    return Table(
        frame=pd.DataFrame(lines).assign(people=people_of(heard.now)),
        columns=_COULD,
        caption="{question} if those who did not answer think otherwise",
        values={"question": heard.label},
    )


def tilted(heard: Satisfaction, times: float) -> Estimate:
    """Return the score if the most satisfied answer so many times as often as the least.

    Parameters
    ----------
    heard : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    times : float
        How many, above 0.
    """
    values = heard.values(heard.now)
    least, most = _ends(heard)
    tilt = times ** -((values - least) / (most - least))
    weighted = weighted_to(heard.now, heard.population.shares, tilt=tilt)
    if weighted is None:
        nothing = Interval(math.nan, math.nan)
        return Estimate(
            value=math.nan, ci=nothing, n=0, unit=heard.raw.unit,
            confidence=heard.confidence, method="", note="",
        )  # fmt: skip
    return heard.level_weighted(weighted)


@or_missing
def worst_and_best(heard: Satisfaction) -> Sentence | Missing:
    """Return between what the score of all customers lies, whatever the others think.

    Parameters
    ----------
    heard : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    """
    if heard.population.customers is None:
        return Missing("no table says how many customers there are")
    low, high = _ends(heard)
    answered = people_of(heard.now)
    invited = max(heard.population.customers, answered)
    found = worst_case(
        heard.raw.value,
        answered=answered,
        invited=invited,
        low=low,
        high=high,
        unit=heard.raw.unit,
        ci=heard.raw.ci,
        confidence=heard.confidence,
    )
    unit = shown(heard.raw.unit)
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


def _ends(heard: Satisfaction) -> tuple[float, float]:
    """Return the lowest and the highest value that one answer can have."""
    kind, (low, high) = METRICS[heard.metric], heard.scale
    least, most = (kind.factor * float(kind.value(one, high, float)) for one in (low, high))
    return least, most
