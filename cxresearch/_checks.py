"""The only place that words an argument error: "name must be <rule>; got <value>"."""

from __future__ import annotations

import math
from collections.abc import Collection
from numbers import Integral, Real
from typing import Any, TypeVar

T = TypeVar("T")


def _fault(name: str, rule: str, value: Any) -> str:
    return f"{name} must be {rule}; got {value!r}"


def one_of(name: str, value: T, allowed: Collection[T]) -> T:
    """Return `value` if it is one of `allowed`.

    Raises
    ------
    ValueError
        If it is not; the message lists what is allowed.

    Examples
    --------
    >>> one_of("lang", "it", ["en", "it"])
    'it'
    """
    if value not in allowed:
        options = ", ".join(repr(option) for option in allowed)
        raise ValueError(_fault(name, f"one of {options}", value))
    return value


def share(name: str, value: float) -> float:
    """Return `value` as a float strictly between 0 and 1.

    Raises
    ------
    TypeError
        If it is not a number.
    ValueError
        If it is 0 or 1, outside them, or nan.

    Examples
    --------
    >>> share("confidence", 0.95)
    0.95
    """
    number = real(name, value)
    if not 0 < number < 1:
        raise ValueError(_fault(name, "strictly between 0 and 1", value))
    return number


def real(name: str, value: float) -> float:
    """Return `value` as a finite float.

    Raises
    ------
    TypeError
        If it is not a number.
    ValueError
        If it is nan or infinite.

    Examples
    --------
    >>> real("margin", 2)
    2.0
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(_fault(name, "a number", value))
    if not math.isfinite(value):
        raise ValueError(_fault(name, "finite", value))
    return float(value)


def whole(name: str, value: int, *, low: int = 0) -> int:
    """Return `value` as an int of at least `low`.

    Raises
    ------
    TypeError
        If it is not a whole number.
    ValueError
        If it is below `low`.

    Examples
    --------
    >>> whole("n", 3)
    3
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(_fault(name, "a whole number", value))
    if value < low:
        raise ValueError(_fault(name, f"at least {low}", value))
    return int(value)
