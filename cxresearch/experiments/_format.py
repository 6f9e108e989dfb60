"""How the size of a difference is shown, and a p-value or a chance that is near its end."""

from __future__ import annotations

import math

from cxresearch.core.languages import is_currency
from cxresearch.core.remarks import Amount, Remark
from cxresearch.core.results import SHARE_DIFFERENCE, difference_unit

#: Below this a p-value is said to be smaller, and above one minus this a chance to be larger.
_SMALL = 0.001
#: The levels that p-values are judged by: one is written with the decimals that tell on which side
#: of them it is.
_LEVELS = (0.001, 0.01, 0.05)


def as_figure(difference: float, unit: str, *, relative: bool = False) -> Amount:
    """Return the size of a difference as a remark shows it.

    Examples
    --------
    >>> as_figure(0.05, "share")
    Amount(value=0.05, unit='share difference', digits=None)
    >>> as_figure(0.0525, "tickets")
    Amount(value=0.0525, unit='tickets', digits=3)
    """
    if relative or is_currency(unit):
        return Amount(difference, unit)
    if difference_unit(unit) == SHARE_DIFFERENCE:
        return Amount(difference, SHARE_DIFFERENCE)
    size = abs(difference)
    digits = 1 - math.floor(math.log10(size)) if 0 < size < 1 else 1
    return Amount(difference, unit, digits)


def p_remark(value: float) -> Remark:
    """Return a p-value as a remark shows it, never as 0 or as a level that it is not at.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> english = Language("en")
    >>> [p_remark(p).words(english) for p in (0.3287, 0.00998, 1e-300, 0.0)]
    ['p = 0.329', 'p = 0.00998', 'p < 0.001', 'p < 0.001']
    """
    if value < _SMALL:
        return Remark("p < {p}", {"p": Amount(_SMALL, "", 3)})
    return Remark("p = {p}", {"p": Amount(value, "", _digits(value))})


def chance_remark(value: float) -> Remark:
    """Return a chance as a remark shows it, never as certain or impossible where it is not.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> [chance_remark(p).words(Language("en")) for p in (0.9312, 0.99996, 0.00001)]
    ['93.1%', 'more than 99.9%', 'less than 0.1%']
    """
    if value > 1 - _SMALL:
        return Remark("more than {share}", {"share": Amount(1 - _SMALL, "share", 1)})
    if value < _SMALL:
        return Remark("less than {share}", {"share": Amount(_SMALL, "share", 1)})
    return Remark("{share}", {"share": Amount(value, "share", 1)})


def _digits(p: float) -> int:
    sides = [p < level for level in _LEVELS]
    return next((d for d in (3, 4, 5) if [round(p, d) < one for one in _LEVELS] == sides), 6)
