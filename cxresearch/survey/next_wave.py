"""How many answers the next wave needs, and what those of the last one can show."""

from __future__ import annotations

import math
from typing import Any

from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Remark
from cxresearch.core.table import Column, Table
from cxresearch.survey.nps_planning import (
    nps_detectable_difference,
    nps_difference_sample_size,
    nps_margin,
    nps_sample_size,
)
from cxresearch.survey.satisfaction import Satisfaction

#: The margins and the changes that are planned for, in points of an NPS.
_MARGINS, _CHANGES = (5.0, 3.0), (10.0, 5.0)
_OF_NPS = Missing("the answers needed are worked out for an NPS")
_ALL_ALIKE = Missing(
    "all answers count the same: they do not tell how far the next ones will lie apart"
)
_COLUMNS = (
    Column("aim", "To know"),
    Column("answers", "Answers needed"),
)


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
