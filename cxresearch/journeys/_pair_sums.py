"""The cells of a view in two groups, summed over the customers of either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch import engine
from cxresearch.core import disk
from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.engine import frames
from cxresearch.journeys.cells import View, totals

if TYPE_CHECKING:
    from cxresearch.core.unit_sums import Side

#: The number of customers `n`, and sums over them, by name.
Totals = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSums:
    """One cell in two groups.

    Parameters
    ----------
    cell : dict
        Its keys, with names for codes.
    first, second : RatioSums
        The sums of its share in each group, over the customers in the group's base.
    cross : CrossSums
        The products between them, over the customers in either base.
    having, lacking : int
        Of the customers in either base, those who have the cell, and those who have it less often
        than they could.
    """

    cell: dict[str, Any]
    first: RatioSums
    second: RatioSums
    cross: CrossSums
    having: int
    lacking: int

    @classmethod
    def from_arrays(cls, cell: dict[str, Any], first: Side, second: Side) -> PairSums:
        """Return the sums of one cell, from what each customer has in each group.

        Parameters
        ----------
        cell : dict
            Its keys.
        first, second : tuple of two arrays of shape (customers,)
            How often the cell was counted, and how often it could have been; 0 for a customer who
            is not in the group.
        """
        (x1, y1), (x2, y2) = first, second
        there = [y > 0 for y in (y1, y2)]
        return cls(
            cell=cell,
            first=RatioSums.from_arrays(x1[there[0]], y1[there[0]]),
            second=RatioSums.from_arrays(x2[there[1]], y2[there[1]]),
            cross=CrossSums.from_arrays(first, second),
            having=int((x1 + x2 > 0).sum()),
            lacking=int((x1 + x2 < y1 + y2).sum()),
        )

    @classmethod
    def from_totals(cls, cell: dict[str, Any], row: Totals, base: Totals) -> PairSums:
        """Return the sums of one cell, from totals of what was counted and of its base."""
        first, second = (
            RatioSums(
                n=int(base[member]),
                x=float(row[f"x{i}"]),
                y=float(base[f"y{i}"]),
                xx=float(row[f"x{i} x{i}"]),
                xy=float(row[f"x{i} y{i}"]),
                yy=float(base[f"y{i} y{i}"]),
            )
            for i, member in enumerate(_MEMBERS, 1)
        )
        return cls(
            cell=cell,
            first=first,
            second=second,
            cross=CrossSums(
                n=int(base["n"]),
                xx=float(row["x1 x2"]),
                xy=float(row["x1 y2"]),
                yx=float(row["x2 y1"]),
                yy=float(base["y1 y2"]),
            ),
            having=int(row["having"]),
            lacking=int(base["n"]) - (int(row["having"]) - int(row["lacking"])),
        )

    @property
    def n_both(self) -> int:
        """The customers in both bases."""
        return self.first.n + self.second.n - self.cross.n

    @property
    def expected(self) -> float:
        """How many the smaller group may expect who have the cell, or who lack it, if fewer."""
        smaller = min(self.first.n, self.second.n) / (self.first.n + self.second.n)
        return min(self.having, self.lacking) * smaller


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairCounts:
    """What each customer has in two groups of a view, written once and read for every sum.

    Parameters
    ----------
    view : View
        The view.
    x, y : narwhals.LazyFrame
        Per customer and cell, how often it was counted in each group, `x1` and `x2`; and per
        customer and base how often it could have been, `y1` and `y2`.
    """

    view: View
    x: frames.Frame
    y: frames.Frame
    _home: disk.OwnFolder

    @classmethod
    def of(cls, view: View, by: str, groups: tuple[str, str]) -> PairCounts:
        """Count what each customer has in two groups of a column."""
        home = disk.OwnFolder("cxresearch-pairs-")

        def kept(rows: frames.Frame, name: str) -> frames.Frame:
            table = home.path / f"{name}.parquet"
            engine.write(rows.to_native(), table)
            return engine.scan(table, on=view.prepared.on)

        split = view.split(by)
        x = kept(_sides(split.counted, by, groups, view.keys, "x"), "x")
        if view.counted is view.based:
            alike = x.group_by("customer_id", *view.base)
            y = kept(alike.agg(y1=nw.col("x1").sum(), y2=nw.col("x2").sum()), "y")
        else:
            y = kept(_sides(split.based, by, groups, view.base, "y"), "y")
        return cls(view=view, x=x, y=y, _home=home)

    def sums(self) -> list[PairSums]:
        """Return the sums of every cell that was counted in one of the groups."""
        view = self.view

        def base(row: Totals) -> tuple[Any, ...]:
            return tuple(row[key] for key in view.base)

        bases = _products(_members(self.y), view.base, _BASE_PAIRS, *_BASE_SUMS)
        base_of = {base(row): row for row in bases}
        together = self.x.join(self.y, on=["customer_id", *view.base])
        return [
            PairSums.from_totals(view.named(row), row, base_of[base(row)])
            for row in cell_totals(together, view.keys)
        ]

    def members(self) -> tuple[int, int, int]:
        """Return the customers in each of the groups, and in both."""
        each = self.y.group_by("customer_id").agg(nw.col("y1", "y2").sum())
        found = totals(_members(each), (), *_MEMBERS)
        first, second = (int(row[name]) for row in found for name in _MEMBERS)
        return first, second, first + second - sum(row["n"] for row in found)


def cell_totals(rows: frames.Frame, keys: Sequence[str], *, base: bool = False) -> list[Totals]:
    """Return, per value of the keys, the sums over customers for :meth:`PairSums.from_totals`.

    Each row is a customer with what was counted in each group, `x1` and `x2`, and what it is a
    share of, `y1` and `y2`; with `base` these rows are all of the base too.
    """
    either = nw.col("x1") + nw.col("x2")
    lacks = (either > 0) & (either < nw.col("y1") + nw.col("y2"))
    marked = rows.with_columns(having=frames.one(either > 0), lacking=frames.one(lacks))
    if not base:
        return _products(marked, keys, _CELL_PAIRS, *_CELL_SUMS)
    pairs = (*_CELL_PAIRS, *_BASE_PAIRS)
    return _products(_members(marked), keys, pairs, *_CELL_SUMS, *_BASE_SUMS)


_MEMBERS = ("in_first", "in_second")
#: What is summed over the customers of a cell and of its base, and which products of two.
_CELL_SUMS, _BASE_SUMS = ("x1", "x2", "having", "lacking"), ("y1", "y2", *_MEMBERS)
_CELL_PAIRS = ("x1 x1", "x2 x2", "x1 x2", "x1 y1", "x2 y2", "x1 y2", "x2 y1")
_BASE_PAIRS = ("y1 y1", "y2 y2", "y1 y2")


def _sides(
    rows: frames.Frame, by: str, groups: tuple[str, str], keys: Sequence[str], letter: str
) -> frames.Frame:
    """Return, per customer and value of the keys, the rows in each group: x1 and x2, for instance.

    They are floats: sums of products of whole ones are exact in any order.
    """
    within = rows.filter(nw.col(by).is_in(groups))
    sides = {
        f"{letter}{place}": frames.indicator(nw.col(by) == one).sum()
        for place, one in enumerate(groups, 1)
    }
    return within.group_by("customer_id", *keys).agg(**sides)


def _members(y: frames.Frame) -> frames.Frame:
    return y.with_columns(
        in_first=frames.one(nw.col("y1") > 0), in_second=frames.one(nw.col("y2") > 0)
    )


def _products(
    rows: frames.Frame, keys: Sequence[str], pairs: Sequence[str], *columns: str
) -> list[Totals]:
    """Return, per value of the keys, the sums of columns and of products of two, `x1 y2` e.g."""
    factors = {pair: pair.split() for pair in pairs}
    both = {pair: nw.col(a) * nw.col(b) for pair, (a, b) in factors.items()}
    return list(totals(rows.with_columns(**both), keys, *columns, *pairs))
