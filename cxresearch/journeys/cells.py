"""What a view of journeys counts, and its table: each cell as a share of the things in its base.

A transition is a share of those that leave its source, an event at a step a share of all units,
an entry a share of all entries. Written as rows of what is counted and rows of what it is a share
of, every view gets its intervals and its comparison of groups from the same sums over customers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark, in_words
from cxresearch.core.results import Estimate, Interval, Result
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.journeys.counting_rules import CountingRules
from cxresearch.stats.means.ratios import why_undefined
from cxresearch.stats.shares.proportions import CLUSTERED, clustered_proportion

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.journeys.prepared import Prepared

#: What is counted of a cell: how often, out of how many, and that share.
_COUNTED = ("count", "of", "share")
#: What is inferred: the interval over `n` customers of the base; the units and customers it has.
_INFERRED = ("ci_low", "ci_high", "n", "units", "customers")
#: What is 0 for a cell that was never counted, besides counts.
_ZEROS = ("share", "units", "customers")
#: The value of a column where there is none.
NONE = "(none)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """What is counted, as lazy rows of the engine.

    Parameters
    ----------
    counted : narwhals.LazyFrame
        One row per thing counted: `customer_id`, `unit`, the `keys`, and the carried columns.
    based : narwhals.LazyFrame
        One row per thing that the counted are a share of: `customer_id`, `unit`, the `base`, and
        the carried columns.
    keys : tuple of str
        The columns that name a cell, ordered so that the cells that differ only in the last are all
        of what their base has.
    base : tuple of str, default ()
        Those of them that name what it is a share of; none where that is all of `based`.
    rules : CountingRules
        How things are counted.
    across : str, optional
        The key that goes across the top of a matrix; by default the last.
    prepared : Prepared
        The events counted, whose carried columns split the view into groups; a temporary table
        goes with it.
    names : mapping of str to mapping
        The name of each code, for the keys that hold codes, in the order they are shown.
    once : bool, default False
        Whether a unit is counted at most once in a cell, which spares the engine a count.
    starts : narwhals.LazyFrame, optional
        One row per unit (`customer_id`, `unit`, the carried columns) that says which group the
        whole unit is in; by default the group is that of each row.
    """

    counted: frames.Frame
    based: frames.Frame
    keys: tuple[str, ...]
    rules: CountingRules
    prepared: Prepared
    base: tuple[str, ...] = ()
    across: str = ""
    names: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    once: bool = False
    starts: frames.Frame | None = None

    def split(self, by: str | None) -> View:
        """Return the view with a column, as text, as its first key; the view itself without one.

        Raises
        ------
        ValueError
            If the column is not carried.
        """
        if by is None:
            return self
        validate.one_of("by", by, self.prepared.carried)
        return replace(
            self,
            counted=self._in_groups(self.counted, by),
            based=self._in_groups(self.based, by),
            keys=(by, *self.keys),
            base=(by, *self.base),
            starts=None,
        )

    def named(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keys of a cell with names for codes."""
        return {
            key: self.names[key][int(row[key])] if key in self.names else row[key]
            for key in self.keys
        }

    def cell(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the keys of a cell, as :meth:`named` gives them, without what they are called."""
        return tuple(self.named(row).values())

    def _in_groups(self, rows: frames.Frame, by: str) -> frames.Frame:
        if self.starts is not None:
            of_unit = self.starts.select("customer_id", "unit", by)
            rows = rows.drop(by, strict=False).join(of_unit, on=["customer_id", "unit"])
        return rows.with_columns(nw.col(by).cast(nw.String).fill_null(NONE))


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

    @classmethod
    def of(
        cls,
        view: View,
        frame: pd.DataFrame,
        /,
        *,
        confidence: float,
        method: str = CLUSTERED,
        remarks: tuple[Remark, ...] | None = None,
        **own: Any,
    ) -> Self:
        """Return the table of a view; `own` are the fields that a subclass adds."""
        remarks = view.prepared.remarks if remarks is None else remarks
        return cls(
            frame=frame,
            keys=view.keys,
            base=view.base,
            across=view.across or view.keys[-1],
            names={key: tuple(codes.values()) for key, codes in view.names.items()},
            rules=view.rules,
            confidence=confidence,
            method=method,
            note=in_words(remarks, Language("en")),
            remarks=remarks,
            **own,
        )

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
            If the table has no column of this name.
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
            If a key is not named, nothing in the table has this value, or the table was asked
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


@documented
def cells(view: View, *, confidence: float = 0.95) -> Cells:
    """Return the cells of a view with the interval of each share; customers are the clusters.

    Raises
    ------
    %(confidence_error)s
    """
    import pandas as pd

    validate.share("confidence", confidence)
    rows = [_row(view, row, sums, confidence) for row, sums in _sums(view)]
    table = pd.DataFrame(rows, columns=[*view.keys, *_COUNTED, *_INFERRED])
    return Cells.of(view, in_order(view, table), confidence=confidence)


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
    table = in_order(view, table.assign(of=of, share=count / of))
    return Cells.of(view, table, confidence=confidence)


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


def _row(view: View, row: Mapping[str, Any], sums: RatioSums, confidence: float) -> dict[str, Any]:
    share = clustered_proportion(sums, confidence=confidence)
    return {
        **view.named(row),
        "count": int(sums.x),
        "of": int(sums.y),
        "share": share.value,
        "ci_low": share.ci.low,
        "ci_high": share.ci.high,
        "n": share.n,
        "units": int(row["units"]),
        "customers": int(row["n"]),
    }


def _sums(view: View) -> Iterator[tuple[dict[str, Any], RatioSums]]:
    """Yield each cell that was counted with the sums of its share, in two passes of the engine."""
    based = view.based.group_by("customer_id", *view.base).agg(y=nw.len())
    counted = _per_customer(view).join(based, on=["customer_id", *view.base])
    products = floats(counted, "x", "y").with_columns(
        xx=nw.col("x") * nw.col("x"), xy=nw.col("x") * nw.col("y")
    )
    squares = floats(based, "y").with_columns(yy=nw.col("y") * nw.col("y"))
    bases = {
        tuple(row[key] for key in view.base): row for row in totals(squares, view.base, "y", "yy")
    }
    for row in totals(products, view.keys, "x", "xx", "xy", "units"):
        base = bases[tuple(row[key] for key in view.base)]
        yield (
            row,
            RatioSums(
                n=int(base["n"]),
                **{name: float(row[name]) for name in ("x", "xx", "xy")},
                **{name: float(base[name]) for name in ("y", "yy")},
            ),
        )


def floats(frame: frames.Frame, *columns: str) -> frames.Frame:
    """Return a frame with counts as floats; sums of whole ones are exact in any order."""
    return frame.with_columns(nw.col(*columns).cast(nw.Float64))


def aggregate(
    frame: frames.Frame, keys: Sequence[str], *parts: nw.Expr, **named: nw.Expr
) -> list[dict[str, Any]]:
    """Return the aggregates of a frame per value of the keys; without keys, of all of it."""
    if keys:
        return frames.rows(frame.group_by(*keys).agg(*parts, **named))
    return frames.rows(frame.select(*parts, **named))


def totals(frame: frames.Frame, keys: Sequence[str], *columns: str) -> list[dict[str, Any]]:
    """Return, per value of the keys, the number of rows `n` and the sums of the columns."""
    found = aggregate(frame, keys, nw.len().alias("n"), nw.col(*columns).sum())
    return [row for row in found if row["n"]]


def _per_customer(view: View) -> frames.Frame:
    """Return, per customer and cell, how often it was counted, and in how many units."""
    keys = view.keys
    if view.once:
        return view.counted.group_by("customer_id", *keys).agg(x=nw.len(), units=nw.len())
    of_units = view.counted.group_by("customer_id", "unit", *keys).agg(x=nw.len())
    return of_units.group_by("customer_id", *keys).agg(nw.col("x").sum(), units=nw.len())
