"""The units of numbers: the interval around one, and how a value is written by its unit."""

from __future__ import annotations

import math
from typing import NamedTuple

#: The unit of a difference of two shares, 0.05 for five percentage points: five per cent would
#: be read as a relative change.
SHARE_DIFFERENCE = "share difference"
_CURRENCY_CODE_LENGTH = 3
#: Beyond this many decimals a narrower interval tells a reader nothing more.
MOST_DIGITS = 4
#: An interval at least this wide needs no decimals beside a whole estimate, and one of hundreds
#: beside none.
_WIDE, _HUNDREDS = 10, 100
#: How far an estimate is from its nearer end, in the last digit; an end less than this part of the
#: width away lies at the estimate.
_LAST_DIGITS, _AT_THE_END = 2, 10
#: The units of values between -1 and 1 that are written in hundredths.
HUNDREDTHS = ("share", SHARE_DIFFERENCE)
#: The unit of a column of :class:`~cxresearch.core.sparkline.Sparkline`.
DRAWN = "course"
#: Money of four figures and more is said without cents.
NO_CENTS = 1_000


class Interval(NamedTuple):
    """A closed interval, in the unit of the estimate it belongs to."""

    low: float
    high: float


def difference_unit(unit: str) -> str:
    """Return the unit of the difference of two values in a unit.

    Examples
    --------
    >>> difference_unit("share"), difference_unit("EUR")
    ('share difference', 'EUR')
    """
    return SHARE_DIFFERENCE if unit == "share" else unit


def decimals(numbers: list[float], unit: str) -> int | None:
    """Return the decimals that an estimate and the ends of its interval share; None for default."""
    value, low, high = numbers
    known = [abs(number) for number in numbers if not math.isnan(number)]
    if is_currency(unit):
        return 0 if max(known, default=0) >= NO_CENTS else None
    if len(known) < len(numbers):
        return None
    width = scale(unit) * (high - low)
    # A whole estimate takes no decimals from an interval far too wide for them.
    asked = [value] if width >= _WIDE else numbers
    if unit not in HUNDREDTHS and (
        width >= _HUNDREDS or all(float(number).is_integer() for number in asked)
    ):
        return 0
    # They must not look the same, but for an end that lies at the estimate.
    sides = [scale(unit) * one for one in (value - low, high - value)]
    apart = min((one for one in sides if one > width / _AT_THE_END), default=0.0)
    needed = math.ceil(math.log10(_LAST_DIGITS / apart)) if apart else 1
    return min(MOST_DIGITS, max(1, needed))


def shared_decimals(numbers: list[list[float]], unit: str) -> int | None:
    """Return the decimals of all estimates of a unit: those that half of them need.

    More where one would be written as nothing with them, or an interval as a point; None for the
    usual ones of the unit.
    """
    known = [row for row in numbers if not math.isnan(row[0])]
    if is_currency(unit):
        largest = max((abs(one) for row in known for one in row if one == one), default=0.0)
        return 0 if largest >= NO_CENTS else None
    needed = sorted(one for row in known if (one := decimals(row, unit)) is not None)
    if not needed:
        return None
    smallest = min((scale(unit) * abs(row[0]) for row in known if row[0]), default=1.0)
    digits = max(needed[(len(needed) - 1) // 2], math.ceil(-math.log10(smallest)))
    ends = [(scale(unit) * low, scale(unit) * high) for _, low, high in known if low < high]
    while digits < MOST_DIGITS and any(
        round(low, digits) == round(high, digits) for low, high in ends
    ):
        digits += 1
    return min(digits, MOST_DIGITS)


def unit_message(unit: str) -> str:
    """Return the English words of a unit, which the catalogue knows.

    Examples
    --------
    >>> unit_message("share difference"), unit_message("orders")
    ('percentage points', 'orders')
    """
    return "percentage points" if unit == SHARE_DIFFERENCE else unit


def scale(unit: str) -> int:
    """Return by what a value is multiplied where its unit is said in words or as a sign.

    Examples
    --------
    >>> scale("share"), scale("share difference"), scale("EUR")
    (100, 100, 1)
    """
    return 100 if unit in HUNDREDTHS else 1


def is_currency(unit: str) -> bool:
    """Return whether a unit is an ISO 4217 currency code.

    Examples
    --------
    >>> is_currency("EUR"), is_currency("orders")
    (True, False)
    """
    return len(unit) == _CURRENCY_CODE_LENGTH and unit.isupper()


def is_said_in_cell(unit: str) -> bool:
    """Return whether a unit is said in each cell; any other is said once, in the heading."""
    return unit in {"share", "month", "name", "code", "p", DRAWN} or is_currency(unit)
