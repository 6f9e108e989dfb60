"""What to do next: about how satisfied customers are, and how many answers to ask for."""

from __future__ import annotations

import math
from typing import Any

from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Remark, Sentence
from cxresearch.core.table import Column, Table
from cxresearch.survey.groups import by_group
from cxresearch.survey.nps_planning import (
    nps_detectable_difference,
    nps_difference_sample_size,
    nps_margin,
    nps_sample_size,
)
from cxresearch.survey.rated_parts import RatedParts
from cxresearch.survey.satisfaction import Satisfaction

#: The margins and the changes that are planned for, in points of an NPS; the first is asked for.
_MARGINS, _CHANGES = (5.0, 3.0), (10.0, 5.0)
_OF_NPS = Missing("the answers needed are worked out for an NPS")
_ALL_ALIKE = Missing(
    "all answers count the same: they do not tell how far the next ones will lie apart"
)
_COLUMNS = (
    Column("aim", "To know"),
    Column("answers", "Answers needed"),
)


def next_steps(
    satisfaction: Satisfaction | Missing, parts: RatedParts | Missing
) -> list[Sentence] | Missing:
    """Return what to do: where to look first, whom to ask more, how many answers to ask for.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    parts : RatedParts or Missing
        From :func:`cxresearch.survey.rated_parts`.
    """
    if isinstance(satisfaction, Missing):
        return satisfaction
    said = []
    if not isinstance(parts, Missing) and parts.first is not None:
        said.append(
            Sentence("Work on {part} first: it matters and is rated low.", {"part": parts.first})
        )
    else:
        said += _lowest(satisfaction)
    if least := satisfaction.answers_least:
        said.append(Sentence("Remind {group} customers: they answer least.", {"group": least}))
    needed = answers_for(satisfaction, _MARGINS[0])
    if not isinstance(needed, Missing):
        said.append(
            Sentence(
                "Ask for {answers} answers in the next wave: they give the NPS to within {margin}.",
                {
                    "answers": needed,
                    "margin": Remark("{x}", {"x": Amount(_MARGINS[0], "points", 0)}),
                },
            )
        )
    return said


@or_missing
def _lowest(satisfaction: Satisfaction) -> list[Sentence]:
    """Return the touchpoint whose CSAT is lower than that of the others, if there is one."""
    asked = satisfaction.recent[
        satisfaction.recent["touchpoint"].notna() & (satisfaction.recent["metric"] == "csat")
    ]
    rows = by_group(asked, confidence=satisfaction.confidence)
    low = rows[(rows["p_adjusted"] < 1 - satisfaction.confidence) & (rows["difference"] < 0)]
    if low.empty:
        return []
    worst = low.sort_values("difference").iloc[0]
    value = Remark("{x}", {"x": Amount(float(worst["value"]), "share", 0)})
    return [
        Sentence(
            "Look into {touchpoint} first: CSAT is {value}, lower than at the other touchpoints.",
            {"touchpoint": worst["touchpoint"], "value": value},
        )
    ]


@or_missing
def answers_for(satisfaction: Satisfaction, margin: float) -> int | Missing:
    """Return how many answers tell the NPS to within a margin, in points, weighted as it is.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    margin : float
        Half the width of the interval, in points.
    """
    if (nothing := _not_planned(satisfaction)) is not None:
        return nothing
    size = nps_sample_size(margin, confidence=satisfaction.confidence, **_shares(satisfaction))
    return math.ceil(size * _cost(satisfaction))


@or_missing
def answers_needed(satisfaction: Satisfaction, *, power: float = 0.8) -> Table | Missing:
    """Return how many answers the next wave needs, by what it is to show.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    power : float, default 0.8
        The chance to find a change of the size named, strictly between 0 and 1.

    Notes
    -----
    The shares are those of the last months, and every number is multiplied by what the weights
    cost then (n over the effective n).
    """
    import pandas as pd

    if (nothing := _not_planned(satisfaction)) is not None:
        return nothing
    shares, cost = _shares(satisfaction), _cost(satisfaction)
    lines = []
    for margin in _MARGINS:
        values = {"margin": Amount(margin, "points", 0)}
        lines.append(
            (Remark("the NPS to within {margin}", values), answers_for(satisfaction, margin))
        )
    for change in _CHANGES:
        values = {"change": Amount(change, "points", 0)}
        size = nps_difference_sample_size(
            change, power=power, confidence=satisfaction.confidence, **shares
        )
        needed = math.ceil(size * cost)
        lines.append((Remark("a change of {change} from an equally large wave", values), needed))
    rows = pd.DataFrame(lines, columns=["aim", "answers"])
    return Table(
        frame=rows,
        columns=_COLUMNS,
        caption="Answers that the next wave needs, at the shares of the last {months}",
        values={"months": (satisfaction.months, "months")},
    )


@or_missing
def last_wave(satisfaction: Satisfaction, *, power: float = 0.8) -> Remark | Missing:
    """Return what as many answers as in the last months can show, in a sentence.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    power : float, default 0.8
        The chance to find a change, strictly between 0 and 1.
    """
    if (nothing := _not_planned(satisfaction)) is not None:
        return nothing
    shares, n = _shares(satisfaction), max(1, round(len(satisfaction.now) / _cost(satisfaction)))
    margin = nps_margin(n, confidence=satisfaction.confidence, **shares)
    change = nps_detectable_difference(
        n, n, power=power, confidence=satisfaction.confidence, **shares
    )
    return Remark(
        "With as many answers as in the last months, the NPS is known to within {margin}, and a "
        "change of {change} or more shows",
        {"margin": Amount(margin, "points", 1), "change": Amount(change, "points", 1)},
    )


def _not_planned(satisfaction: Satisfaction) -> Missing | None:
    """Return why the next wave cannot be planned; None where it can."""
    if satisfaction.metric != "nps":
        return _OF_NPS
    return _ALL_ALIKE if len({*satisfaction.values(satisfaction.now)}) < 2 else None


def _shares(satisfaction: Satisfaction) -> Any:
    values = satisfaction.values(satisfaction.now)
    return {"promoters": float((values > 0).mean()), "detractors": float((values < 0).mean())}


def _cost(satisfaction: Satisfaction) -> float:
    """Return by how much weights and customers who answer again widen the interval, squared."""
    wide = satisfaction.level_of_all.ci.high - satisfaction.level_of_all.ci.low
    plain = 2 * nps_margin(
        len(satisfaction.now), confidence=satisfaction.confidence, **_shares(satisfaction)
    )
    if not wide > 0 or not plain > 0:
        return 1.0
    return max(1.0, (wide / plain) ** 2)
