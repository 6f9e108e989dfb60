"""The scores of a study against what they are to reach."""

from __future__ import annotations

import math
from dataclasses import replace

from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Remark
from cxresearch.core.results import Interval, as_columns, difference_unit
from cxresearch.core.table import Column, Table
from cxresearch.survey.metrics import shown
from cxresearch.survey.populations import weighted_to
from cxresearch.survey.satisfaction import Satisfaction
from cxresearch.survey.study_answers import is_asked, people_of

_TARGETS = (
    Column("question", role="name"),
    Column("target"),
    Column("value", "Score", role="estimate"),
    Column("apart", "From the target", role="estimate", signed=True),
    Column("verdict"),
    Column("people", role="people", is_shown=False),
)


@or_missing
def targets(satisfaction: Satisfaction) -> Table | Missing:
    """Return each question that has a target against it, over the last months.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.

    Notes
    -----
    A target is reached where the whole interval is at it or above, missed where all of it is below.
    A question about the shop as a whole is weighted to all customers.
    """
    import pandas as pd

    lines = []
    for asked in satisfaction.study.manifest.surveys:
        rows = satisfaction.recent[is_asked(satisfaction.recent, asked.metric, asked.scale)]
        rows = rows[rows["touchpoint"].fillna("") == (asked.touchpoint or "")]
        if asked.target is None or rows.empty:
            continue
        found = weighted_to(rows, satisfaction.population.shares) if not asked.touchpoint else None
        score = satisfaction.level(rows if found is None else found, asked.metric)
        apart = replace(
            score,
            value=score.value - asked.target,
            ci=Interval(*(end - asked.target for end in score.ci)),
            unit=difference_unit(score.unit),
        )
        lines.append(
            {
                "question": asked.name,
                "target": Remark("{target}", {"target": Amount(asked.target, shown(score.unit))}),
                **as_columns("value", score),
                "value_unit": shown(score.unit),
                **as_columns("apart", apart),
                "apart_unit": shown(apart.unit),
                "verdict": _verdict(apart.ci),
                "people": people_of(rows),
            }
        )
    if not lines:
        return Missing("no survey that was answered has a target")
    return Table(
        frame=pd.DataFrame(lines),
        columns=_TARGETS,
        caption="Scores of the last {months} against their targets; about the shop as a whole, "
        "weighted to all customers",
        values={"months": (satisfaction.months, "months")},
    )


def _verdict(apart: Interval) -> Remark:
    if math.isnan(apart.low):
        return Remark("not known")
    if apart.low >= 0:
        return Remark("reached")
    return Remark("missed") if apart.high < 0 else Remark("not shown")
