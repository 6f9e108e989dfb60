"""How bad it could be at worst: what the silent ones may think is not known."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cxresearch.core import validate
from cxresearch.core.results import Interval, Result

NO_BOUND = "nothing is known without a doubt: nobody answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds(Result):
    """Between what the answer of everybody invited must lie, whatever the silent ones think.

    Parameters
    ----------
    value : float
        The answer of those who answered, in `unit`; nan where nobody did.
    bounds : Interval
        The answer of everybody, if all silent ones gave the lowest and if all gave the highest.
    ci : Interval
        The bounds of the ends of the interval of `value`: doubt of sampling added.
    n : int
        How many answered.
    invited : int
        How many were invited.
    unit : str
        The unit.
    confidence : float
        Coverage of the interval of `value`, 0-1; that of `ci` is at least as large.
    method : str
        The name of the method.
    note : str
        What a reader must know; empty when there is nothing.
    """

    value: float
    bounds: Interval
    ci: Interval
    n: int
    invited: int
    unit: str
    confidence: float
    method: str
    note: str = ""


def worst_case(
    value: float,
    *,
    answered: int,
    invited: int,
    low: float,
    high: float,
    unit: str,
    ci: Interval | None = None,
    confidence: float = 0.95,
) -> Bounds:
    """Return between what the answer of everybody invited must lie.

    Parameters
    ----------
    value : float
        The mean, share or score of those who answered, in `unit`; nan where nobody did.
    answered, invited : int
        How many answered, and how many were invited.
    low, high : float
        The lowest and highest value one answer can have: 0 and 1 for a share, -100 and 100 for a
        net promoter score in points.
    unit : str
        The unit.
    ci : Interval, optional
        The interval of `value`.
    confidence : float, default 0.95
        Its coverage, strictly between 0 and 1.

    Returns
    -------
    Bounds
        The bounds; they hold whatever the reason for silence, so they are wide.

    Raises
    ------
    ValueError
        If `value` is not from `low` to `high`, or more answered than were invited.

    Notes
    -----
    With response rate r: r * value + (1 - r) * low to r * value + (1 - r) * high.

    References
    ----------
    Manski (1989), Anatomy of the selection problem, J. Hum. Resour. 24, 343-360. Horowitz &
    Manski (1998), J. Econometrics 84, 37-58.

    Examples
    --------
    An NPS of +40 from a fifth of the invited.

    >>> worst_case(40, answered=200, invited=1000, low=-100, high=100, unit="points").bounds
    Interval(low=-72.0, high=88.0)
    """
    validate.share("confidence", confidence)
    validate.whole("invited", invited)
    validate.between("answered", validate.whole("answered", answered), 0, invited)
    validate.between("high", high, low, math.inf)
    mean = validate.between("value", value, low, high) if answered else math.nan
    rate = answered / invited if invited else 0.0

    def outer(below: float, above: float) -> Interval:
        silent = (1 - rate) * low, (1 - rate) * high
        return Interval(rate * below + silent[0], rate * above + silent[1])

    bounds = outer(mean, mean) if answered else Interval(float(low), float(high))
    doubt = Interval(math.nan, math.nan) if ci is None or not answered else outer(*ci)
    return Bounds(
        value=mean,
        bounds=bounds,
        ci=doubt,
        n=answered,
        invited=invited,
        unit=unit,
        confidence=confidence,
        method="worst-case bounds (Manski)",
        note="" if answered else NO_BOUND,
    )
