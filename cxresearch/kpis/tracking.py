"""How an indicator moves: by month, the last month against the one before, signal or noise."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, Interval, difference_unit, fewest, people_of
from cxresearch.engine.frames import stable
from cxresearch.kpis import _calendar
from cxresearch.kpis.kpi import Kpi, kpi
from cxresearch.stats.control.baselines import baseline
from cxresearch.stats.control.shewhart import ControlChart, individuals

if TYPE_CHECKING:
    import pandas as pd

COMPARED = "{last} against {before}"
TOO_SHORT = "the data do not cover two whole months"
NO_MONTHS = "this indicator has no months"
TREND = "the months follow a line, and the limits lie around it"
SEASON = "undefined: the months follow a season, which a control chart would take for signals"

_YEAR = 12

_COLUMNS = ["month", "value", "value_low", "value_high", "n", "people", "complete"]


def by_month(indicator: Kpi) -> pd.DataFrame:
    """Return an indicator for each month of the data.

    Parameters
    ----------
    indicator : Kpi
        The indicator over the whole period.

    Returns
    -------
    pandas.DataFrame
        One row per month: `month` (``"2026-10"``, in the study's time zone), `value` in the
        indicator's unit with `value_low` and `value_high` at its confidence, its `n`, the
        `people` it tells about, and `complete` (the data cover the whole month). Without rows for
        an indicator without months.

    Examples
    --------
    >>> from cxresearch.kpis import average_order_value
    >>> from cxresearch.kpis._example import ORDERS
    >>> by_month(average_order_value(ORDERS, currency="EUR"))[["month", "value", "n"]]
         month  value  n
    0  2026-01   25.0  2
    1  2026-02   45.0  2
    """
    import pandas as pd

    if indicator.measure is None:
        return pd.DataFrame(columns=_COLUMNS)
    complete = indicator.measure.coverage().complete
    rows = [
        [
            _calendar.name(month),
            *map(stable, (e.value, *e.ci)),
            *(e.n, people_of(e)),
            month in complete,
        ]
        for month, e in indicator.measure.estimates(indicator.confidence).items()
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def change(indicator: Kpi) -> Kpi:
    """Return an indicator's last whole month minus the whole month before it.

    Parameters
    ----------
    indicator : Kpi
        The indicator over the whole period.

    Returns
    -------
    Kpi
        The difference in the indicator's unit (of a share, a share difference), at its
        confidence, with `n` independent units in either month; the note names the months. nan
        with a note with fewer than two whole months.

    Notes
    -----
    The months are not independent where the same customers are in both: what is computed is the
    difference over customers (:func:`cxresearch.stats.means.difference_of_ratios`), each being
    one unit. It is not corrected for the season nor for the number of days of a month.

    Examples
    --------
    >>> from cxresearch.kpis import average_order_value
    >>> from cxresearch.kpis._example import ORDERS
    >>> moved = change(average_order_value(ORDERS, currency="EUR"))
    >>> moved.value, moved.unit, moved.note
    (20.0, 'EUR', '2026-02 against 2026-01')
    """
    definition = "The last whole month minus the whole month before it."
    if indicator.measure is None:
        return kpi(_no_change(indicator), definition, Remark(NO_MONTHS))
    months = indicator.measure.coverage().complete[-2:]
    if len(months) < 2:
        return kpi(_no_change(indicator), definition, Remark(TOO_SHORT))
    before, last = months
    difference = indicator.measure.change(before, last, indicator.confidence)
    names = {"last": _calendar.name(last), "before": _calendar.name(before)}
    monthly = indicator.measure.estimates(indicator.confidence)
    difference = replace(
        difference,
        unit=difference_unit(difference.unit),
        people=fewest(monthly[before], monthly[last]),
    )
    return kpi(difference, definition, Remark(COMPARED, names))


def control_chart(indicator: Kpi) -> ControlChart:
    """Return the control chart of an indicator over the whole months.

    Parameters
    ----------
    indicator : Kpi
        The indicator over the whole period.

    Returns
    -------
    ControlChart
        Its points also have their `month` and the `people` it tells about; a month in which the
        indicator is undefined has none. Of months that follow a line the limits lie around it; of
        months that follow a season there are none, nor signals. Both are said in the note.

    See Also
    --------
    cxresearch.stats.control.shewhart.individuals : The limits, the signals, and when they mislead.
    cxresearch.stats.control.baselines.baseline : How a line or a season is told from a level.

    Examples
    --------
    >>> from cxresearch.kpis import net_revenue
    >>> from cxresearch.kpis._example import ORDERS
    >>> control_chart(net_revenue(ORDERS, currency="EUR")).centre
    60.0
    """
    months = by_month(indicator)
    whole = months[months["complete"] & months["value"].notna()].reset_index(drop=True)
    usual = baseline(whole["value"], period=_YEAR)
    around = usual.fitted if usual.kind == "line" else None
    chart = individuals(whole["value"], unit=indicator.unit, around=around)
    if usual.kind == "line":
        chart = replace(chart, note=TREND)
    points = chart.points.copy()
    points.insert(0, "month", whole["month"])
    points["people"] = whole["people"]
    if usual.kind == "season":
        nothing = Interval(math.nan, math.nan)
        chart = replace(chart, ci=nothing, sigma=math.nan, note=SEASON)
        points["signal"] = ""
    return replace(chart, points=points)


def _no_change(indicator: Kpi) -> Estimate:
    return Estimate(
        value=float("nan"),
        ci=Interval(float("nan"), float("nan")),
        n=0,
        unit=difference_unit(indicator.unit),
        confidence=indicator.confidence,
        method="",
    )
