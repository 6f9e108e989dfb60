"""Who has no outcome: how many units of each variant, and whether the variants differ in it.

An answer that was not given and a total over nothing are no outcomes. A comparison of those who
have one is a comparison of everybody only where as many, and the same kind, are missing in both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxresearch.core.remarks import Amount, Remark
from cxresearch.core.table import Column, Table
from cxresearch.engine.frames import stable
from cxresearch.experiments._metric_labels import named
from cxresearch.stats.shares.differences import difference_of_proportions

if TYPE_CHECKING:
    from cxresearch.experiments.analysis import Analysis
    from cxresearch.experiments.metric_columns import MetricColumns
    from cxresearch.experiments.metric_effects import MetricEffect

#: The kinds that only some units can have: those who did what the metric divides by or orders.
OF_SOME = ("ratio", "quantile")
_SHARE = "{share} ({count})"
_COLUMNS = (
    Column("metric"),
    Column("variant", role="name"),
    Column("n", "n", role="people"),
    Column("control", "Control, without"),
    Column("treatment", "Treatment, without"),
    Column("p_differs", "p of the difference", role="p"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The units without an outcome of one metric, in the control and in one treatment.

    Parameters
    ----------
    metric : MetricColumns
        The metric.
    variant : str
        The treatment.
    units : tuple of int
        The units of the control and of the treatment.
    without : tuple of int
        Those of them without an outcome.
    p_value : float
        The p-value of the test that the two shares are the same; nan where nobody or everybody
        has an outcome.
    """

    metric: MetricColumns
    variant: str
    units: tuple[int, int]
    without: tuple[int, int]
    p_value: float


def missing_outcomes(analysis: Analysis, *, planned: bool = False) -> tuple[Missing, ...]:
    """Return who has no outcome, for every metric and treatment, also where everybody has one.

    Parameters
    ----------
    analysis : Analysis
        The results.
    planned : bool, default False
        Whether to leave out the exploratory metrics.

    Notes
    -----
    A ratio has no outcome for a unit whose total is over nothing: who ordered nothing has no
    order value.

    Examples
    --------
    >>> from cxresearch.experiments import MetricColumns, analyse
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> value = MetricColumns(name="order_value", kind="ratio", value="revenue", per="orders")
    >>> found = missing_outcomes(analyse(CUSTOMERS, metrics=[value]))[0]
    >>> found.units, found.without, round(found.p_value, 3)
    ((6, 6), (4, 2), 0.248)
    """
    readings = analysis.readings
    chosen = [one for one in readings if not (planned and one.metric.role == "exploratory")]
    return tuple(_missing(one, analysis) for one in chosen)


def missing_table(found: Sequence[Missing]) -> Table:
    """Return the share of units without an outcome, by metric and treatment.

    Parameters
    ----------
    found : sequence of Missing
        Who has no outcome, from :func:`missing_outcomes`.

    Returns
    -------
    Table
        One row per metric and treatment: `metric`, `variant`, `n` (the units of both), `control`
        and `treatment` (the share without an outcome, and how many), and `p_differs`.
    """
    import pandas as pd

    rows = []
    for one in found:
        pairs = zip(one.without, one.units, strict=True)
        control, treatment = (_share(without, units) for without, units in pairs)
        name = named(one.metric.name)
        rows.append((name, one.variant, sum(one.units), control, treatment, one.p_value))
    return Table(
        frame=pd.DataFrame(rows, columns=[one.name for one in _COLUMNS]),
        columns=_COLUMNS,
        caption="Who has no outcome, of those in the experiment",
    )


def _share(without: int, units: int) -> Remark:
    part = without / units if units else math.nan
    return Remark(_SHARE, {"share": Amount(part, "share"), "count": without})


def _missing(reading: MetricEffect, analysis: Analysis) -> Missing:
    metric = reading.metric.name
    both = analysis.control, reading.variant
    a, b = (analysis.groups[name].units for name in both)
    without = analysis.missing[metric][both[0]], analysis.missing[metric][both[1]]
    p_value = difference_of_proportions((without[0], a), (without[1], b)).p_value
    return Missing(
        metric=reading.metric,
        variant=reading.variant,
        units=(a, b),
        without=without,
        p_value=stable(p_value),
    )
