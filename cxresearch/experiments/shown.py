"""How a difference is shown: that of two shares in percentage points."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cxresearch.frames import stable
from cxresearch.i18n import is_currency
from cxresearch.remarks import Figure
from cxresearch.results import Interval

if TYPE_CHECKING:
    from cxresearch.stats.comparison import Comparison

PERCENTAGE_POINTS = "percentage points"
_POINTS = 100


def in_points(difference: Comparison) -> Comparison:
    """Return a difference as it is shown: that of two shares in percentage points.

    Examples
    --------
    >>> from cxresearch.stats.differences import difference_of_proportions
    >>> shown = in_points(difference_of_proportions((48, 80), (56, 70)))
    >>> shown.value, shown.unit
    (20.0, 'percentage points')
    """
    if difference.unit != "share":
        return difference
    ci = Interval(*(stable(_POINTS * bound) for bound in difference.ci))
    return replace(
        difference, value=stable(_POINTS * difference.value), ci=ci, unit=PERCENTAGE_POINTS
    )


def as_figure(difference: float, unit: str, *, relative: bool = False) -> Figure:
    """Return the size of a difference as a remark shows it.

    Examples
    --------
    >>> as_figure(0.05, "share")
    Figure(value=5.0, unit='percentage points', digits=None)
    >>> as_figure(0.0525, "tickets")
    Figure(value=0.0525, unit='tickets', digits=3)
    """
    if relative or is_currency(unit):
        return Figure(difference, unit)
    if unit == "share":
        return Figure(stable(_POINTS * difference), PERCENTAGE_POINTS)
    size = abs(difference)
    digits = 1 - math.floor(math.log10(size)) if 0 < size < 1 else 1
    return Figure(difference, unit, digits)
