"""Many indicators as one table, in the language of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cxresearch.core.results import side_by_side
from cxresearch.kpis import tracking

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.kpis.kpi import Kpi

#: Below this the rule of eight in a row cannot speak and the limits are a guess.
_FEWEST_MONTHS = 8


def tracked(kpis: Mapping[str, Kpi]) -> pd.DataFrame:
    """Return indicators with their intervals, their last change, and whether it is out of line.

    Parameters
    ----------
    kpis : mapping of str to Kpi
        The indicators by name; a name is an English message.

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`cxresearch.core.results.side_by_side`, then `change` (the last whole
        month minus the one before) with `change_low`, `change_high` and `change_unit`, and
        `signal`: what the control chart says of the last whole month, ``"signal"`` or
        ``"noise"``, ``"seasonal"`` where the months follow a season, of which it can say nothing,
        or ``"too few months"`` below eight, too few for the rule of eight in a row.

    Examples
    --------
    >>> from cxresearch.kpis import repeat_purchase_rate
    >>> from cxresearch.kpis._example import ORDERS
    >>> table = tracked({"Repeat purchase rate": repeat_purchase_rate(ORDERS)})
    >>> table[["indicator", "change", "change_unit", "signal"]]
                  indicator  change       change_unit          signal
    0  Repeat purchase rate     0.0  share difference  too few months
    """
    import pandas as pd

    changes = side_by_side({name: tracking.change(kpi) for name, kpi in kpis.items()})
    changed = changes.filter(like="value").rename(
        columns=lambda name: name.replace("value", "change")
    )
    table = pd.concat([side_by_side(kpis), changed], axis=1)
    return table.assign(signal=[_signal(kpi) for kpi in kpis.values()])


def cohort_table(cohorts: pd.DataFrame) -> pd.DataFrame:
    """Return the retention of cohorts with one row each.

    Parameters
    ----------
    cohorts : pandas.DataFrame
        What :func:`cxresearch.kpis.cohort_retention` returned.

    Returns
    -------
    pandas.DataFrame
        One row per cohort with its `customers`, then the share retained `after_1`, `after_2`...
        months (nan where it was not observed), and `mature`.

    Examples
    --------
    >>> from cxresearch.kpis import cohort_retention
    >>> from cxresearch.kpis._example import ORDERS
    >>> cohort_table(cohort_retention(ORDERS, months=1))
        cohort  customers  after_1  mature
    0  2026-01          2      0.5    True
    1  2026-02          0      NaN   False
    """
    keys = ["cohort", "customers", "mature"]
    shares = cohorts.pivot(index=keys, columns="later", values="share").add_prefix("after_")
    wide = shares.reset_index().rename_axis(columns=None)
    return wide[[*keys[:2], *shares.columns, "mature"]]


def _signal(kpi: Kpi) -> str:
    chart = tracking.control_chart(kpi)
    if chart.n < _FEWEST_MONTHS:
        return "too few months"
    if chart.note == tracking.SEASON:
        return "seasonal"
    return "signal" if chart.points["signal"].iloc[-1] else "noise"
