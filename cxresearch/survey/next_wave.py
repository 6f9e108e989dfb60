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
def answers_for(heard: Satisfaction, margin: float) -> int | Missing:
    """Return how many answers tell the NPS to within a margin, in points, weighted as it is.

    Parameters
    ----------
    heard : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    margin : float
        Half the width of the interval, in points.
    """
    if (nothing := _not_planned(heard)) is not None:
        return nothing
    size = nps_sample_size(margin, confidence=heard.confidence, **_shares(heard))
    return math.ceil(size * _cost(heard))


@or_missing
def answers_needed(heard: Satisfaction, *, power: float = 0.8) -> Table | Missing:
    """Return how many answers the next wave needs, by what it is to show.

    Parameters
    ----------
    heard : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    power : float, default 0.8
        The chance to find a change of the size named, strictly between 0 and 1.

    Notes
    -----
    The shares are those of the last months, and every number is multiplied by what the weights
    cost then (n over the effective n).
    """
    import pandas as pd

    if (nothing := _not_planned(heard)) is not None:
        return nothing
    shares, cost = _shares(heard), _cost(heard)
    lines = []
    for margin in _MARGINS:
        told = {"margin": Amount(margin, "points", 0)}
        lines.append((Remark("the NPS to within {margin}", told), answers_for(heard, margin)))
    for change in _CHANGES:
        told = {"change": Amount(change, "points", 0)}
        size = nps_difference_sample_size(
            change, power=power, confidence=heard.confidence, **shares
        )
        needed = math.ceil(size * cost)
        lines.append((Remark("a change of {change} from an equally large wave", told), needed))
    rows = pd.DataFrame(lines, columns=["aim", "answers"])
    return Table(
        frame=rows,
        columns=_COLUMNS,
        caption="Answers that the next wave needs, at the shares of the last {months}",
        values={"months": (heard.months, "months")},
    )


@or_missing
def last_wave(heard: Satisfaction, *, power: float = 0.8) -> Remark | Missing:
    """Return what as many answers as in the last months can show, in a sentence.

    Parameters
    ----------
    heard : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    power : float, default 0.8
        The chance to find a change, strictly between 0 and 1.
    """
    if (nothing := _not_planned(heard)) is not None:
        return nothing
    shares, n = _shares(heard), max(1, round(len(heard.now) / _cost(heard)))
    margin = nps_margin(n, confidence=heard.confidence, **shares)
    change = nps_detectable_difference(n, n, power=power, confidence=heard.confidence, **shares)
    return Remark(
        "With as many answers as in the last months, the NPS is known to within {margin}, and a "
        "change of {change} or more shows",
        {"margin": Amount(margin, "points", 1), "change": Amount(change, "points", 1)},
    )


def _not_planned(heard: Satisfaction) -> Missing | None:
    """Return why the next wave cannot be planned; None where it can."""
    if heard.metric != "nps":
        return _OF_NPS
    return _ALL_ALIKE if len({*heard.values(heard.now)}) < 2 else None


def _shares(heard: Satisfaction) -> Any:
    values = heard.values(heard.now)
    return {"promoters": float((values > 0).mean()), "detractors": float((values < 0).mean())}


def _cost(heard: Satisfaction) -> float:
    """Return by how much weights and customers who answer again widen the interval, squared."""
    wide = heard.level_of_all.ci.high - heard.level_of_all.ci.low
    plain = 2 * nps_margin(len(heard.now), confidence=heard.confidence, **_shares(heard))
    if not wide > 0 or not plain > 0:
        return 1.0
    return max(1.0, (wide / plain) ** 2)
