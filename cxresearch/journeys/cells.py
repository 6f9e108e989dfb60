"""The cells of a view as a table: how many, which share of their base, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark, in_words
from cxresearch.core.results import Estimate, Interval, Result
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.journeys.counting_rules import CountingRules
from cxresearch.journeys.view import CellSums, View, cell_sums
from cxresearch.stats.means.ratios import why_undefined
from cxresearch.stats.shares.proportions import CLUSTERED, clustered_proportion

if TYPE_CHECKING:
    import pandas as pd

#: What is counted of a cell: how often, out of how many, and that share.
_COUNTED = ("count", "of", "share")
#: What is inferred: the interval over `n` customers of the base; the units and customers it has.
_INFERRED = ("ci_low", "ci_high", "n", "units", "customers")
#: What is 0 for a cell that was never counted, besides counts.
_ZEROS = ("share", "units", "customers")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellTable(Result):
    """A table with one row per cell of a view of journeys.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per cell.
    keys : tuple of str
        The columns that name a cell.
    base : tuple of str
        Those of them that name what it is a share of; none where that is everything.
    across : str
        The key that goes across the top of a matrix.
    names : mapping of str to tuple of str
        The names that a key can have, in the order in which they are shown.
    rules : CountingRules
        How things are counted.
    confidence : float
        The coverage that each interval promises, 0-1.
    method : str
        The name of the method behind the intervals.
    note : str
        What a reader must know before using it.
    remarks : tuple of Remark
        What `note` says.
    """

    frame: pd.DataFrame
    keys: tuple[str, ...]
    base: tuple[str, ...]
    across: str
    names: Mapping[str, tuple[str, ...]]
    rules: CountingRules
    confidence: float
    method: str
    note: str = ""
    remarks: tuple[Remark, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return the table, one row per cell."""
        return self.frame.copy()

    def matrix(self, values: str = "share") -> pd.DataFrame:
        """Return one column of the table as a matrix.

        Parameters
        ----------
        values : str, default "share"
            The column. What was never counted is 0 in a count and a share, else nan.

        Raises
        ------
        ValueError
            If the table has no such column.
        """
        validate.one_of("values", values, [name for name in self.frame if name not in self.keys])
        down = [key for key in self.keys if key != self.across]
        table = self.frame if down else self.frame.assign(all="all")
        wide = table.pivot(index=down or ["all"], columns=self.across, values=values)
        for axis in (0, 1):
            wide = wide.sort_index(axis=axis, key=self._places)
        never = values.startswith("count") or values in _ZEROS
        return wide.fillna(0).astype(table[values].dtype) if never else wide

    def _places(self, level: pd.Index[Any]) -> pd.Index[Any]:
        """Return where each value of a key is shown."""
        names = self.names.get(str(level.name))
        return level.map(names.index) if names else level


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells(CellTable):
    """The cells of a view of journeys, each as a share of its base.

    The table has the keys; `count`, `of` (how many there are in the base) and `share`; and, unless
    only counts were asked for, `ci_low`, `ci_high`, `n` (the customers in the base), and the
    `units` and `customers` that have it.

    See Also
    --------
    CellTable : The fields.
    """

    def estimate(self, **cell: Any) -> Estimate:
        """Return the share of one cell; 0 for one that was never counted.

        Parameters
        ----------
        **cell
            The value of each key.

        Raises
        ------
        ValueError
            If a key is not named, nothing in the table has such a value, or the table was asked
            for without intervals.
        """
        validate.one_of("intervals", "n" in self.frame, [True])
        for key in self.keys:
            validate.one_of(key, cell.get(key), list(self.frame[key].unique()))
        found = self._where({key: cell[key] for key in self.keys})
        if found.empty:
            share = self._never({key: cell[key] for key in self.base})
            value, ci, n = share.value, share.ci, share.n
        else:
            value, low, high = found[["share", "ci_low", "ci_high"]].iloc[0].astype(float)
            ci, n = Interval(low, high), int(found["n"].iloc[0])
        return Estimate(
            value=value,
            ci=ci,
            n=n,
            unit="share",
            confidence=self.confidence,
            method=self.method,
            note=why_undefined(value, n),
        )

    def checks(self) -> Iterator[tuple[str, int, int]]:
        """Yield what must agree: the cells alike but for their last key sum to their base.

        Each is named, with the sum and the base.
        """
        *alike, last = self.keys
        whole = [((), self.frame)] if len(self.frame) else []
        grouped = self.frame.groupby(alike) if alike else whole
        for place, rows in grouped:
            what = " ".join([f"{last}s of", *alike, *map(str, place)]) if alike else f"{last}s"
            yield what, int(rows["count"].sum()), int(rows["of"].iloc[0])

    def _where(self, cell: Mapping[str, Any]) -> pd.DataFrame:
        found = self.frame
        for key, value in cell.items():
            found = found[found[key] == value]
        return found

    def _never(self, base: Mapping[str, Any]) -> Estimate:
        """Return the share of a cell that was never counted, in a base that may have others."""
        others = self._where(base)
        n = 0 if others.empty else int(others["n"].iloc[0])
        sums = RatioSums(n=n, x=0, y=n, xx=0, xy=0, yy=n)
        return clustered_proportion(sums, confidence=self.confidence)


def cells(view: View, *, confidence: float = 0.95) -> Cells:
    """Return the cells of a view with the interval of each share; customers are the clusters.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.
    """
    import pandas as pd

    validate.share("confidence", confidence)
    rows = [_row(one, confidence) for one in cell_sums(view)]
    table = pd.DataFrame(rows, columns=[*view.keys, *_COUNTED, *_INFERRED])
    return _cells(view, table, confidence)


def counts(
    view: View, rows: list[dict[str, Any]] | None = None, *, confidence: float = 0.95
) -> Cells:
    """Return the cells of a view without inference, in one pass.

    It must be a view whose base is what is counted, such as transitions. `rows` are the keys and
    the `count` of each cell, where they are known already.
    """
    import pandas as pd

    if rows is None:
        rows = frames.rows(view.counted.group_by(*view.keys).agg(count=nw.len()))
    named = [{**view.named(row), "count": int(row["count"])} for row in rows]
    table = pd.DataFrame(named, columns=[*view.keys, "count"])
    base, count = list(view.base), table["count"]
    of = table.groupby(base)["count"].transform("sum") if base else count.sum()
    return _cells(view, table.assign(of=of, share=count / of), confidence)


def in_order(view: View, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table of cells as they are read: by base, the largest count first."""
    import pandas as pd

    order = pd.DataFrame(index=table.index)
    for key in view.keys:
        place = {name: i for i, name in enumerate(view.names.get(key, {}).values())}
        order[key] = table[key].map(place) if place else table[key]
    order["fewer"] = -table["count"]
    *first, last = view.keys
    return table.loc[order.sort_values([*first, "fewer", last]).index].reset_index(drop=True)


def shown_names(view: View) -> dict[str, tuple[str, ...]]:
    """Return the names that each coded key can have, in the order in which they are shown."""
    return {key: tuple(codes.values()) for key, codes in view.names.items()}


def _cells(view: View, table: pd.DataFrame, confidence: float) -> Cells:
    return Cells(
        frame=in_order(view, table),
        keys=view.keys,
        base=view.base,
        across=view.across,
        names=shown_names(view),
        rules=view.rules,
        confidence=confidence,
        method=CLUSTERED,
        note=in_words(view.prepared.remarks, Language("en")),
        remarks=view.prepared.remarks,
    )


def _row(one: CellSums, confidence: float) -> dict[str, Any]:
    share = clustered_proportion(one.sums, confidence=confidence)
    return {
        **one.cell,
        "count": int(one.sums.x),
        "of": int(one.sums.y),
        "share": share.value,
        "ci_low": share.ci.low,
        "ci_high": share.ci.high,
        "n": share.n,
        "units": one.units,
        "customers": one.customers,
    }
