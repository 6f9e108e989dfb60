"""Where the journeys of two groups differ, cell by cell, without taking chance for news."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import frames
from cxresearch.journeys._pair_sums import PairCounts, PairSums
from cxresearch.journeys.cells import CellTable, View, in_order
from cxresearch.journeys.transitions import transition_view
from cxresearch.stats.multiplicity.p_values import adjusted
from cxresearch.stats.shares.differences import METHOD, TEST, difference_of_clustered_shares

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.journeys.prepared import Prepared

#: A share is tested where each group has at least so many customers in its base...
LEAST_CUSTOMERS = 10
#: ...and the smaller may expect so many who have the cell, and so many who lack it at times.
LEAST_EXPECTED = 5.0

#: What :func:`compare` gives of every cell, after its keys and before what the tests say together.
_COLUMNS = (
    *("count_first", "count_second", "share_first", "share_second"),
    *("difference", "ci_low", "ci_high"),
    *("n_first", "n_second", "n_both", "tested", "p_value"),
)

_SHOWN = (
    Column("share_first", "First", unit="share"),
    Column("share_second", "Second", unit="share"),
    Column(
        "difference", "Difference", unit="share difference", role="estimate", ends="ci", signed=True
    ),
    Column("p_adjusted", "p, adjusted", role="p"),
    Column("n_first", "n, first", role="people"),
    Column("n_second", "n, second", role="people"),
)
#: What a reader calls a key.
_HEADINGS = {"source": "From", "target": "To"}
_CAPTION = "Shares that differ: {second} minus {first}; n counts customers"
_OF_TRANSITIONS = (
    "Moves from one event to the next that differ: {second} minus {first}; n counts customers"
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Differences(Tabular, CellTable):
    """The cells of a view in two groups.

    The table has the keys; `count_first`, `count_second`, `share_first` and `share_second`;
    `difference`, the second share minus the first, with `ci_low` and `ci_high`; the customers in
    the base, `n_first`, `n_second`, and `n_both` of them in both groups; whether the cell was
    `tested`, its `p_value`, the same adjusted for all tests (`p_adjusted`), and whether it is
    `significant`.

    Parameters
    ----------
    by : str
        The column that makes the groups.
    first, second : str
        Its value in each.
    n_first, n_second, n_both : int
        The customers in each group, and in both.
    tests : int
        How many cells were tested.
    fdr : float
        The share of false alarms among the significant that is accepted.
    test : str
        The name of the test.

    See Also
    --------
    CellTable : The other fields.
    """

    by: str
    first: str
    second: str
    n_first: int
    n_second: int
    n_both: int
    tests: int
    fdr: float
    test: str

    @property
    def found(self) -> int:
        """How many cells are significant."""
        return int(self.frame["significant"].sum())

    @property
    def significant(self) -> pd.DataFrame:
        """The cells whose difference is significant, the largest difference first."""
        found = self.frame[self.frame["significant"]]
        largest_first = found["difference"].abs().sort_values(ascending=False, kind="stable")
        return found.loc[largest_first.index].reset_index(drop=True)

    def table(self) -> Table:
        """Return one row per significant difference."""
        keys = [Column(key, _HEADINGS.get(key, "")) for key in self.keys]
        return Table(
            frame=self.significant,
            columns=[*keys, *_SHOWN],
            caption=_OF_TRANSITIONS if "source" in self.base else _CAPTION,
            values={"first": self.first, "second": self.second},
            within=list(self.base),
        )


def compare(
    view: View,
    *,
    by: str,
    first: str,
    second: str,
    fdr: float = 0.05,
    confidence: float = 0.95,
) -> Differences:
    """Compare the shares of a view between two groups.

    Parameters
    ----------
    view : View
        What is counted, as :func:`transition_view`, :func:`step_view` or :func:`entry_view` say.
    by : str
        A carried column.
    first, second : str
        Its value in each group, as text; rows with another are left out. A customer may be in
        both, and is then compared with herself.
    fdr : float, default 0.05
        The share of false alarms that is accepted among the significant cells, strictly between
        0 and 1.
    confidence : float, default 0.95
        Coverage of each interval, strictly between 0 and 1; it is that of one cell, not of all.

    Returns
    -------
    Differences
        Every cell counted in either group. One is not tested, and counted in the note, where a
        group has fewer than 10 customers in the base, or where of all customers in the base so
        few have the cell, or so few ever lack it, that the smaller group may expect under 5.

    Raises
    ------
    ValueError
        If the column is not carried, a group is none of its values, or both are the same.

    Notes
    -----
    Each difference and its test are those of
    :func:`cxresearch.stats.shares.difference_of_clustered_shares`, the p-values
    adjusted by Benjamini and Hochberg. Whether a cell is tested depends on both groups together,
    so it favours no finding. A difference of groups that chance did not make is no effect.

    References
    ----------
    Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57, 289-300.

    Examples
    --------
    >>> from cxresearch.journeys._example import EVENTS
    >>> from cxresearch.journeys import prepare, transition_view
    >>> devices = ["phone", "phone", "phone", "desktop", "desktop", "phone"]
    >>> view = transition_view(prepare(EVENTS.assign(device=devices)))
    >>> found = compare(view, by="device", first="phone", second="desktop")
    >>> found.frame.loc[4:, ["source", "target", "share_first", "share_second", "difference"]]
      source  target  share_first  share_second  difference
    4   view    cart          0.5           1.0         0.5
    5   view  (exit)          0.5           0.0        -0.5
    >>> found.note
    'shares not tested, with too few customers: 6'
    """
    validate.share("fdr", fdr)
    validate.share("confidence", confidence)
    groups = {row[by] for row in frames.rows(frames.distinct(view.split(by).based, by))}
    validate.one_of("first", first, sorted(groups))
    validate.one_of("second", second, sorted(groups - {first}))
    counted = PairCounts.of(view, by, (first, second))
    table = _in_order(view, cell_tests(counted.sums(), fdr=fdr, confidence=confidence))
    n_first, n_second, n_both = counted.members()
    untested = int((~table["tested"]).sum())
    remarks = (*_remarks(n_both, untested=untested), *view.prepared.remarks)
    return Differences.of(
        view,
        table,
        confidence=confidence,
        method=METHOD,
        remarks=remarks,
        by=by,
        first=first,
        second=second,
        n_first=n_first,
        n_second=n_second,
        n_both=n_both,
        tests=int(table["tested"].sum()),
        fdr=fdr,
        test=TEST,
    )


@documented
def compare_transitions(
    prepared: Prepared,
    *,
    by: str | Missing,
    first: str,
    second: str,
    fdr: float = 0.05,
    confidence: float = 0.95,
) -> Differences | Missing:
    """Compare how the sessions of two groups go on from each event.

    Parameters
    ----------
    %(prepared)s
    by : str
        A carried column, as :meth:`Prepared.column` returns it.
    first, second, fdr, confidence
        As for :func:`compare`.

    Returns
    -------
    Differences or Missing
        The transitions; or why there are none to compare, where a group is not in the data.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> by = PREPARED.column("device")
    >>> compare_transitions(PREPARED, by=by, first="phone", second="desktop").why
    'the events have no column {column}'
    """
    if isinstance(by, Missing):
        return by
    column = nw.col(by).cast(nw.String)
    known = frames.distinct(prepared.frame.select(group=column), "group")
    groups = {row["group"] for row in frames.rows(known)}
    if not {first, second} <= groups:
        values = {"first": first, "second": second, "split": by}
        return Missing("these events do not tell {first} and {second} apart by {split}", values)
    view = transition_view(prepared)
    return compare(view, by=by, first=first, second=second, fdr=fdr, confidence=confidence)


def cell_tests(
    pairs: Sequence[PairSums], *, fdr: float = 0.05, confidence: float = 0.95
) -> pd.DataFrame:
    """Return the difference and the test of every cell, as the table of :class:`Differences`."""
    import pandas as pd

    keys = list(pairs[0].cell) if pairs else []
    rows = [_row(one, confidence) for one in pairs]
    table = pd.DataFrame(rows, columns=[*keys, *_COLUMNS])
    table["p_adjusted"] = adjusted(table["p_value"], method="bh")
    table["significant"] = table["p_adjusted"] <= fdr
    return table


def _in_order(view: View, table: pd.DataFrame) -> pd.DataFrame:
    both = table.assign(count=table["count_first"] + table["count_second"])
    return in_order(view, both).drop(columns="count")


def _row(one: PairSums, confidence: float) -> dict[str, Any]:
    found = difference_of_clustered_shares(one.first, one.second, one.cross, confidence=confidence)
    enough = min(one.first.n, one.second.n) >= LEAST_CUSTOMERS and one.expected >= LEAST_EXPECTED
    return {
        **one.cell,
        "count_first": int(one.first.x),
        "count_second": int(one.second.x),
        "share_first": one.first.ratio,
        "share_second": one.second.ratio,
        "difference": found.value,
        "ci_low": found.ci.low,
        "ci_high": found.ci.high,
        "n_first": one.first.n,
        "n_second": one.second.n,
        "n_both": one.n_both,
        "tested": enough and not math.isnan(found.p_value),
        "p_value": found.p_value if enough else math.nan,
    }


def _remarks(n_both: int, *, untested: int) -> tuple[Remark, ...]:
    counts = {
        "customers in both groups, compared with themselves: {count}": n_both,
        "shares not tested, with too few customers: {count}": untested,
    }
    return tuple(Remark(message, {"count": count}) for message, count in counts.items() if count)
