"""Whether numbers that must agree do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from cxresearch.errors import ReconciliationError

if TYPE_CHECKING:
    import pandas as pd


class Checked(Protocol):
    """A result that says what must agree of it."""

    def checks(self) -> Iterator[tuple[str, float, float]]:
        """Yield what must agree: what it is, and the two numbers."""


def reconcile(*results: Checked) -> pd.DataFrame:
    """Check that the numbers of results that must agree do; a report calls it, and fails if not.

    Parameters
    ----------
    *results : Checked
        Funnels, paths, transitions and all other results of journeys with `checks()`.

    Returns
    -------
    pandas.DataFrame
        One row per check: `result` (its kind), `what`, `left`, `right` and `agrees`, all true.

    Raises
    ------
    TypeError
        If a result has no checks.
    ReconciliationError
        If numbers differ; all that do are listed.

    Examples
    --------
    >>> from cxresearch.journeys import funnel
    >>> from cxresearch.journeys._example import PREPARED
    >>> reconcile(funnel(PREPARED, ["view", "buy"]))[["what", "left", "right"]].head(2)
                                              what  left  right
    0  customers = customers of the prepared table     3      3
    1       customers at view = rows of their list     3      3
    """
    import pandas as pd

    rows = [row for result in results for row in _rows(result)]
    columns = ["result", "what", "left", "right", "agrees"]
    table = pd.DataFrame(rows, columns=columns)
    faults = [
        f"{kind}: {what}: {left} and {right}"
        for kind, what, left, right, agrees in rows
        if not agrees
    ]
    if faults:
        raise ReconciliationError("\n  ".join(["numbers that must agree do not:", *faults]))
    return table


def _rows(result: Checked) -> Iterator[tuple[str, str, float, float, bool]]:
    if not hasattr(result, "checks"):
        raise TypeError(f"results must have checks; got {result!r}")
    for what, left, right in result.checks():
        yield type(result).__name__, what, left, right, left == right
