"""What an order counts as: the rules that every room shares, written once."""

from __future__ import annotations

import narwhals as nw

COMPLETED = nw.col("status").is_null() | (nw.col("status") == "completed")
_POSITIVE = nw.col("revenue") > 0

#: An order placed, whatever became of it. A document of its own that takes money back (negative
#: revenue) is not one, nor is a document worth nothing.
PLACED = _POSITIVE
#: An order placed and kept.
SALE = COMPLETED & _POSITIVE


def in_another(currency: str) -> nw.Expr:
    """Return whether an order's money cannot be added to money in `currency`.

    An order that does not name its currency is in the study's.
    """
    return ~nw.col("currency").is_null() & (nw.col("currency") != currency)
