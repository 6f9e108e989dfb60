"""How the size of a difference is shown: that of two shares in percentage points."""

from __future__ import annotations

import math

from cxresearch.i18n import is_currency
from cxresearch.remarks import Figure
from cxresearch.results import SHARE_DIFFERENCE, difference_unit


def as_figure(difference: float, unit: str, *, relative: bool = False) -> Figure:
    """Return the size of a difference as a remark shows it.

    Examples
    --------
    >>> as_figure(0.05, "share")
    Figure(value=0.05, unit='share difference', digits=None)
    >>> as_figure(0.0525, "tickets")
    Figure(value=0.0525, unit='tickets', digits=3)
    """
    if relative or is_currency(unit):
        return Figure(difference, unit)
    if difference_unit(unit) == SHARE_DIFFERENCE:
        return Figure(difference, SHARE_DIFFERENCE)
    size = abs(difference)
    digits = 1 - math.floor(math.log10(size)) if 0 < size < 1 else 1
    return Figure(difference, unit, digits)
