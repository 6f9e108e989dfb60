"""What a view of journeys counts: things in cells, each a share of the things in its base.

A transition is a share of those that leave its source, an event at a step a share of all units,
an entry a share of all entries. Written as rows of what is counted and rows of what it is a share
of, every view gets its intervals and its comparison of groups from the same sums over customers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.journeys.counting_rules import CountingRules

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared

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
        The columns that name a cell, in such an order that the cells alike but for the last are
        all of what their base has.
    base : tuple of str
        Those of them that name what it is a share of; none where that is all of `based`.
    rules : CountingRules
        How things are counted.
    across : str
        The key that goes across the top of a matrix.
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
    base: tuple[str, ...]
    rules: CountingRules
    across: str
    prepared: Prepared
    names: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    once: bool = False
    starts: frames.Frame | None = None

    def split(self, by: str) -> View:
        """Return the view with a column, as text, as its first key.

        Raises
        ------
        ValueError
            If the column is not carried.
        """
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSums:
    """One cell: how many, of how many units and customers, and the sums of its share.

    Parameters
    ----------
    cell : dict
        Its keys, with names for codes.
    units, customers : int
        How many units and customers have it.
    sums : RatioSums
        Over the customers of its base: how often it was counted, and how often it could have been.
    """

    cell: dict[str, Any]
    units: int
    customers: int
    sums: RatioSums


def cell_sums(view: View) -> list[CellSums]:
    """Return the sums of every cell that was counted, in two passes of the engine."""
    counted = _per_customer(view)
    based = view.based.group_by("customer_id", *view.base).agg(y=nw.len())
    products = floats(counted.join(based, on=["customer_id", *view.base]), "x", "y").with_columns(
        xx=nw.col("x") * nw.col("x"), xy=nw.col("x") * nw.col("y")
    )
    squares = floats(based, "y").with_columns(yy=nw.col("y") * nw.col("y"))
    cells = totals(products, view.keys, "x", "xx", "xy", "units")
    bases = {
        tuple(row[key] for key in view.base): row for row in totals(squares, view.base, "y", "yy")
    }
    return [_cell(view, row, bases[tuple(row[key] for key in view.base)]) for row in cells]


def floats(frame: frames.Frame, *columns: str) -> frames.Frame:
    """Return a frame with counts as floats; sums of whole ones are exact in any order."""
    return frame.with_columns(nw.col(*columns).cast(nw.Float64))


def grouped(
    frame: frames.Frame, keys: Sequence[str], *parts: nw.Expr, **named: nw.Expr
) -> list[dict[str, Any]]:
    """Return the aggregates of a frame per value of the keys; without keys, of all of it."""
    if keys:
        return frames.rows(frame.group_by(*keys).agg(*parts, **named))
    return frames.rows(frame.select(*parts, **named))


def totals(frame: frames.Frame, keys: Sequence[str], *columns: str) -> list[dict[str, Any]]:
    """Return, per value of the keys, the number of rows `n` and the sums of the columns."""
    found = grouped(frame, keys, nw.len().alias("n"), nw.col(*columns).sum())
    return [row for row in found if row["n"]]


def _per_customer(view: View) -> frames.Frame:
    """Return, per customer and cell, how often it was counted, and in how many units."""
    keys = view.keys
    if view.once:
        return view.counted.group_by("customer_id", *keys).agg(x=nw.len(), units=nw.len())
    of_units = view.counted.group_by("customer_id", "unit", *keys).agg(x=nw.len())
    return of_units.group_by("customer_id", *keys).agg(nw.col("x").sum(), units=nw.len())


def _cell(view: View, row: Mapping[str, Any], base: Mapping[str, Any]) -> CellSums:
    sums = RatioSums(
        n=int(base["n"]),
        **{name: float(row[name]) for name in ("x", "xx", "xy")},
        **{name: float(base[name]) for name in ("y", "yy")},
    )
    units, customers = int(row["units"]), int(row["n"])
    return CellSums(cell=view.named(row), units=units, customers=customers, sums=sums)
