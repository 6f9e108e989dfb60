"""The only place that words an argument error: "name must be <rule>; got <value>"."""

from __future__ import annotations

import difflib
import math
import reprlib
from collections.abc import Collection, Iterable
from datetime import date
from numbers import Integral, Number, Real
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

T = TypeVar("T")
#: No message is made of a whole value: some are longer than a page, and some are private.
_SHORT = reprlib.Repr()
_SHORT.maxlevel = 2
_SHORT.maxstring = _SHORT.maxother = 80
_CLIPPED = 60
_CHOICES = 30


def short(value: object) -> str:
    """Return what Python shows of a value, cut short in the middle where it is long.

    Examples
    --------
    >>> short("x" * 5_000)[:8], len(short("x" * 5_000)), short([[[1]]])
    ("'xxxxxxx", 80, '[[[...]]]')
    """
    return _SHORT.repr(value)


def clipped(name: str) -> str:
    """Return a name, cut short at its end where it is long.

    Examples
    --------
    >>> clipped("revenue"), len(clipped("x" * 5_000))
    ('revenue', 60)
    """
    return name if len(name) <= _CLIPPED else name[: _CLIPPED - 1] + "\N{HORIZONTAL ELLIPSIS}"


def meant(name: str, known: Iterable[str]) -> str:
    """Return "did you mean ...?" with the nearest known name; nothing where none is near.

    Examples
    --------
    >>> meant("Totale_ordine", ["Data", "Totale ordine"]), meant("x", ["Data"])
    (" (did you mean 'Totale ordine'?)", '')
    """
    folded = {one.casefold(): one for one in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return f" (did you mean {clipped(folded[close[0]])!r}?)" if close else ""


def _fault(name: str, rule: str, value: Any) -> str:
    return f"{name} must be {rule}; got {short(value)}"


def refused(name: str, rule: str, value: Any) -> ValueError:
    """Return the error of an argument that only its own module can judge.

    Examples
    --------
    >>> refused("pattern", "events joined by ->", "a b")
    ValueError("pattern must be events joined by ->; got 'a b'")
    """
    return ValueError(_fault(name, rule, value))


def refused_type(name: str, rule: str, value: Any) -> TypeError:
    """Return the error of an argument of a kind that only its own module can judge.

    Examples
    --------
    >>> refused_type("result", "an estimate", "GroupTest")
    TypeError("result must be an estimate; got 'GroupTest'")
    """
    return TypeError(_fault(name, rule, value))


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
        raise ValueError(_fault(name, choice(allowed), value))
    return value


def choice(allowed: Iterable[object]) -> str:
    """Return the rule that a value is one of `allowed`, also where nothing is.

    Examples
    --------
    >>> choice(["en", "it"]), choice([])
    ("one of 'en', 'it'", 'one of those there are, and there is none')
    """
    found = list(allowed)
    names = [repr(clipped(one)) if isinstance(one, str) else short(one) for one in found[:_CHOICES]]
    more = f" and {len(found) - _CHOICES:,} more" if len(found) > _CHOICES else ""
    return f"one of {', '.join(names) or 'those there are, and there is none'}{more}"


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


def positive(name: str, value: float) -> float:
    """Return `value` as a float above 0.

    Raises
    ------
    TypeError
        If it is not a number.
    ValueError
        If it is 0 or less, nan or infinite.

    Examples
    --------
    >>> positive("margin", 5)
    5.0
    """
    number = real(name, value)
    if number <= 0:
        raise ValueError(_fault(name, "above 0", value))
    return number


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


def between(name: str, value: float, low: float, high: float) -> float:
    """Return `value` as a float from `low` to `high`, both allowed.

    Raises
    ------
    TypeError
        If it is not a number.
    ValueError
        If it is outside them, or nan.

    Examples
    --------
    >>> between("successes", 3, 0, 10)
    3.0
    """
    number = real(name, value)
    if not low <= number <= high:
        raise ValueError(_fault(name, f"between {low} and {high}", value))
    return number


def arrays(**named: ArrayLike) -> list[NDArray[Any]]:
    """Return each argument as a flat array of finite floats; all have one length.

    Raises
    ------
    TypeError
        If one holds what is no number.
    ValueError
        If one has more than one dimension, a value that is not finite, or another length than
        the first.

    Examples
    --------
    >>> arrays(x=[1, 2], y=[3, 4])
    [array([1., 2.]), array([3., 4.])]
    """
    import numpy as np

    found: list[NDArray[Any]] = []
    for name, values in named.items():
        try:
            array = np.asarray(values, dtype=float)
        except (TypeError, ValueError) as error:
            raise TypeError(_fault(name, "numbers", values)) from error
        _flat(name, array, values)
        wrong = array[~np.isfinite(array)]
        if wrong.size:
            rule = f"finite ({wrong.size} of {array.size} values are not)"
            raise ValueError(_fault(name, rule, float(wrong[0])))
        if found and array.size != found[0].size:
            rule = f"as long as {next(iter(named))}, {found[0].size} values"
            raise ValueError(_fault(name, rule, array.size))
        found.append(array)
    return found


def counts(**named: ArrayLike) -> list[NDArray[Any]]:
    """Return each argument as a flat array of whole numbers from 0; all have one length.

    Raises
    ------
    TypeError
        If a value is not a whole number.
    ValueError
        If a value is negative or not finite, or the lengths differ.

    Examples
    --------
    >>> counts(first=[3, 0], second=[1, 2])
    [array([3., 0.]), array([1., 2.])]
    """
    import numpy as np

    found = arrays(**named)
    for name, array in zip(named, found, strict=True):
        for value in array[array != np.floor(array)][:1].tolist():
            whole(name, value)
        if array.size:
            between(name, float(array.min()), 0, math.inf)
    return found


def answers(name: str, values: Any, low: int, high: int) -> NDArray[Any]:
    """Return answers on a scale of whole numbers as floats; a missing one (None, nan) is nan.

    Raises
    ------
    TypeError
        If `values` holds what is no number.
    ValueError
        If it has more than one dimension, or values that are not on the scale.

    Examples
    --------
    >>> answers("scores", [9, None, 10], 0, 10)
    array([ 9., nan, 10.])
    """
    import numpy as np

    raw = np.asarray(values)
    _flat(name, raw, values)
    array = _numbers(name, raw)
    wrong = array[
        ~np.isnan(array) & ~((array >= low) & (array <= high) & (array == np.floor(array)))
    ]
    if wrong.size:
        rule = f"whole numbers from {low} to {high} ({wrong.size} of {array.size} are not)"
        raise ValueError(_fault(name, rule, float(wrong[0])))
    return array


def _flat(name: str, array: NDArray[Any], values: Any) -> None:
    """Refuse one value, and a table of values, where a list of them is needed.

    Raises
    ------
    ValueError
        If the array has not one dimension.
    """
    if array.ndim == 0:
        raise ValueError(_fault(name, "a list or one column of numbers", values))
    if array.ndim > 1:
        raise ValueError(_fault(name, "flat", f"{array.ndim} dimensions"))


def _numbers(name: str, raw: NDArray[Any]) -> NDArray[Any]:
    """Return an array as floats, its missing values as nan; a text or a truth is no number."""
    import numpy as np
    import pandas as pd

    if raw.dtype.kind == "O":
        there = raw[~pd.isna(raw)].tolist()
        wrong = [v for v in there if isinstance(v, bool) or not isinstance(v, Number)]
        raw = np.where(pd.isna(raw), math.nan, raw)
    else:
        wrong = [] if raw.dtype.kind in "iuf" else raw.tolist()
    if wrong:
        raise TypeError(_fault(name, "numbers", wrong[0]))
    return raw.astype(float)


def filled(name: str, value: str) -> str:
    """Return `value` if it is a text with something in it.

    Raises
    ------
    ValueError
        If it is no text, is empty, or holds spaces only.

    Examples
    --------
    >>> filled("caption", "Revenue by month")
    'Revenue by month'
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError(_fault(name, "a text that is not empty", value))
    return value


def listed(name: str, values: Iterable[T], *, low: int = 0) -> tuple[T, ...]:
    """Return values as a tuple; one text, which would be taken for its letters, is no list.

    Raises
    ------
    TypeError
        If `values` is a text, or a single thing of another kind.
    ValueError
        If there are fewer than `low`.

    Examples
    --------
    >>> listed("steps", ["cart", "buy"])
    ('cart', 'buy')
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        rule = "a list, not one text" if isinstance(values, str) else "a list"
        raise TypeError(_fault(name, rule, values))
    found = tuple(values)
    if len(found) < low:
        raise ValueError(_fault(name, f"at least {low} long", found))
    return found


def pair(name: str, values: Iterable[T]) -> tuple[T, T]:
    """Return two values that belong together, such as the successes and the units of a group.

    Raises
    ------
    TypeError
        If `values` is a text or no list.
    ValueError
        If there are not two.

    Examples
    --------
    >>> pair("first", [3, 10])
    (3, 10)
    """
    found = listed(name, values)
    if len(found) != 2:
        raise ValueError(_fault(name, "two values", found))
    return found[0], found[1]


def day(name: str, value: str) -> date:
    """Return `value`, a day written as ISO 8601, as a date.

    Raises
    ------
    TypeError
        If it is not a text.
    ValueError
        If it is not a day of the calendar.

    Examples
    --------
    >>> day("start", "2025-11-01")
    datetime.date(2025, 11, 1)
    """
    if not isinstance(value, str):
        raise TypeError(_fault(name, "a text", value))
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(_fault(name, "a day such as 2026-01-31", value)) from None
