"""What "within 7 days" means, everywhere: from a moment on, the end of the time included."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    import narwhals as nw

DAY_US = 86_400_000_000


def of_days(days: float) -> int:
    """Return a number of days in microseconds.

    Examples
    --------
    >>> of_days(7)
    604800000000
    """
    return round(days * DAY_US)


def within(since_us: nw.Expr, window_us: int) -> nw.Expr:
    """Return whether something comes within a time after a moment: at the moment, or at its end.

    Parameters
    ----------
    since_us : narwhals.Expr
        How long after the moment it comes, in microseconds; before it is negative.
    window_us : int
        The time.

    Examples
    --------
    >>> import narwhals as nw
    >>> import pandas as pd
    >>> since = nw.from_native(pd.DataFrame({"us": [-1, 0, 5, 6]}))
    >>> since.select(inside=within(nw.col("us"), 5))["inside"].to_list()
    [False, True, True, False]
    """
    return (since_us >= 0) & (since_us <= window_us)


@overload
def is_over(start_us: int, window_us: int, last_us: int) -> bool: ...


@overload
def is_over(start_us: nw.Expr, window_us: int, last_us: int) -> nw.Expr: ...


def is_over(start_us: int | nw.Expr, window_us: int, last_us: int) -> bool | nw.Expr:
    """Return whether a time that starts at a moment has been observed to its end.

    Parameters
    ----------
    start_us : int or narwhals.Expr
        Where it starts, in microseconds.
    window_us : int
        The time.
    last_us : int
        The last moment that was observed.

    Examples
    --------
    >>> is_over(10, 5, 15), is_over(10, 5, 14)
    (True, False)
    """
    return start_us <= last_us - window_us
