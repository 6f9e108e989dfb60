"""How many answers the next wave needs, and what those of the last one can show."""

from __future__ import annotations

import math

from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Remark
from cxresearch.core.table import Column, Table
from cxresearch.survey.metrics import METRICS
from cxresearch.survey.nps_planning import (
    nps_detectable_difference,
    nps_difference_sample_size,
    nps_margin,
    nps_sample_size,
)
from cxresearch.survey.satisfaction import Satisfaction, people_of

#: The margins and the changes that are planned for, in points of an NPS.
_MARGINS, _CHANGES = (5.0, 3.0), (10.0, 5.0)
_COLUMNS = (
    Column("aim", "To know"),
    Column("answers", "Answers needed"),
    Column("invitations", "Customers to ask"),
)


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

    if METRICS[heard.metric].unit != "points":
        return Missing("the answers needed are worked out for an NPS")
    shares = _shares(heard)
    lines = []
    for margin in _MARGINS:
        told = {"margin": Amount(margin, "points", 0)}
        size = nps_sample_size(margin, confidence=heard.confidence, **shares)
        lines.append((Remark("the NPS to within {margin}", told), size))
    for change in _CHANGES:
        told = {"change": Amount(change, "points", 0)}
        size = nps_difference_sample_size(
            change, power=power, confidence=heard.confidence, **shares
        )
        lines.append((Remark("a change of {change} from a wave of as many", told), size))
    cost, rate = _cost(heard), _response(heard)
    rows = pd.DataFrame(lines, columns=["aim", "answers"])
    rows["answers"] = [math.ceil(size * cost) for size in rows["answers"]]
    rows["invitations"] = [
        math.nan if rate is None else math.ceil(size / rate) for size in rows["answers"]
    ]
    return Table(
        frame=rows,
        columns=_COLUMNS if rate is not None else _COLUMNS[:2],
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
    if METRICS[heard.metric].unit != "points":
        return Missing("the answers needed are worked out for an NPS")
    shares, n = _shares(heard), max(1, round(len(heard.now) / _cost(heard)))
    margin = nps_margin(n, confidence=heard.confidence, **shares)
    change = nps_detectable_difference(n, n, power=power, confidence=heard.confidence, **shares)
    return Remark(
        "As many answers as in the last months tell the NPS to within {margin}, and show a change "
        "of {change} or more",
        {"margin": Amount(margin, "points", 1), "change": Amount(change, "points", 1)},
    )


def _shares(heard: Satisfaction) -> dict[str, float]:
    values = heard.values(heard.now)
    return {"promoters": float((values > 0).mean()), "detractors": float((values < 0).mean())}


def _cost(heard: Satisfaction) -> float:
    """Return by how much weights and customers who answer again widen the interval, squared."""
    wide = heard.level_of_all.ci.high - heard.level_of_all.ci.low
    plain = 2 * nps_margin(len(heard.now), confidence=heard.confidence, **_shares(heard))
    if not wide > 0 or not plain > 0:
        return 1.0
    return max(1.0, (wide / plain) ** 2)


def _response(heard: Satisfaction) -> float | None:
    """Return how many of the customers answered in the last months; None where nothing says it."""
    customers = heard.population.customers
    return min(1.0, people_of(heard.now) / customers) if customers else None
