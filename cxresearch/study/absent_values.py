"""What stands in a column for there being no value: marks, words, ids that nobody has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from cxresearch.study import schema
from cxresearch.study.loaders.rules import NULLS, nobody

#: What stands for nothing in a column of numbers, and what databases write for it in any.
_DASHES = {"-", "--", "---", "\N{EN DASH}", "\N{EM DASH}"} | {
    *("n/a", "N/A", "n.d.", "nd", "#N/D", "#N/A"),
}
_NO_DAYS = {"0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "00000000"}
#: The columns in which a word is a word.
_WORDS = {"text", "name", "address", "city"}


def nothing(column: schema.Column) -> set[str]:
    """Return what stands for nothing in a canonical column."""
    nulls = set() if column.name in _WORDS else set(NULLS)
    kinds = {"number": _DASHES, "count": _DASHES, "time": _NO_DAYS, "date": _NO_DAYS}
    return nulls | kinds.get(column.kind, set())


def is_nothing(column: schema.Column, value: str) -> bool:
    """Return whether a value stands for nothing, or for nobody, in a canonical column.

    Examples
    --------
    >>> customer, name = schema.Column("customer_id"), schema.Column("name")
    >>> is_nothing(customer, "Guest"), is_nothing(name, "Guest")
    (True, False)
    """
    return value in nothing(column) or (column.is_id and value.lower() in nobody(column))


def worded(column: schema.Column, values: Sequence[str]) -> Counter[str]:
    """Return the words that stand in a column of times or numbers for there being none.

    Of more than half of its values they say that it is another column.

    Examples
    --------
    >>> worded(schema.Column("delivered", "time"), ["05/01/2026", "06/01/2026", "In giacenza"])
    Counter({'In giacenza': 1})
    """
    if column.required or column.kind not in {"number", "count", "time", "date"}:
        return Counter()
    said = [
        one
        for one in values
        if re.fullmatch(r"[^\d]*[^\W\d_]{2}[^\d]*", one) and not is_nothing(column, one)
    ]
    return Counter(said) if 2 * len(said) <= len(values) else Counter()
