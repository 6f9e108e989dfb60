"""The cells of a view in two groups, summed over the customers of either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.engine import frames
from cxresearch.journeys.view import View, floats, totals

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Side = tuple[Array, Array]


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
            cross=CrossSums(
                n=int((there[0] | there[1]).sum()),
                xx=float(x1 @ x2),
                xy=float(x1 @ y2),
                yx=float(y1 @ x2),
                yy=float(y1 @ y2),
            ),
            having=int((x1 + x2 > 0).sum()),
            lacking=int((x1 + x2 < y1 + y2).sum()),
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


def pair_sums(view: View, by: str, groups: tuple[str, str]) -> list[PairSums]:
    """Return the sums of every cell that was counted in one of two groups of a split view."""
    split = view.split(by)
    x = _sides(split.counted, by, groups, view.keys, "x")
    y = _sides(split.based, by, groups, view.base, "y")
    together = x.join(y, on=["customer_id", *view.base])
    either = nw.col("x1") + nw.col("x2")
    marked = together.with_columns(
        having=nw.lit(1), lacking=_one(either < nw.col("y1") + nw.col("y2"))
    )
    pairs = ("x1 x1", "x2 x2", "x1 x2", "x1 y1", "x2 y2", "x1 y2", "x2 y1")
    cells = _products(marked, view.keys, pairs, "x1", "x2", "having", "lacking")
    squares = ("y1 y1", "y2 y2", "y1 y2")
    bases = _products(_members(y), view.base, squares, "y1", "y2", *_MEMBERS)
    base_of = {tuple(row[key] for key in view.base): row for row in bases}
    return [_pair(view, row, base_of[tuple(row[key] for key in view.base)]) for row in cells]


def members(view: View, by: str, groups: tuple[str, str]) -> tuple[int, int, int]:
    """Return the customers in each of two groups, and in both."""
    each = _members(_sides(view.split(by).based, by, groups, (), "y"))
    found = totals(each, (), *_MEMBERS)
    first, second = (int(row[name]) for row in found for name in _MEMBERS)
    return first, second, first + second - sum(row["n"] for row in found)


_MEMBERS = ("in_first", "in_second")


def _one(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(1).otherwise(0)


def _sides(
    rows: frames.Frame, by: str, groups: tuple[str, str], keys: Sequence[str], letter: str
) -> frames.Frame:
    """Return, per customer and value of the keys, the rows in each group: x1 and x2, for instance.

    They are floats: sums of products of whole ones are exact in any order.
    """
    within = rows.filter(nw.col(by).is_in(groups))
    sides = {f"{letter}{place}": _one(nw.col(by) == one) for place, one in enumerate(groups, 1)}
    summed = within.with_columns(**sides).group_by("customer_id", *keys).agg(nw.col(*sides).sum())
    return floats(summed, *sides)


def _members(y: frames.Frame) -> frames.Frame:
    return y.with_columns(in_first=_one(nw.col("y1") > 0), in_second=_one(nw.col("y2") > 0))


def _products(
    rows: frames.Frame, keys: Sequence[str], pairs: Sequence[str], *columns: str
) -> list[dict[str, Any]]:
    """Return, per value of the keys, the sums of columns and of products of two, `x1 y2` e.g."""
    factors = {pair: pair.split() for pair in pairs}
    both = {pair: nw.col(a) * nw.col(b) for pair, (a, b) in factors.items()}
    return totals(rows.with_columns(**both), keys, *columns, *pairs)


def _pair(view: View, row: Mapping[str, Any], base: Mapping[str, Any]) -> PairSums:
    found = {name: float(value) for name, value in {**base, **row}.items() if name not in view.keys}
    first, second = (
        RatioSums(
            n=int(base[member]),
            x=found[f"x{i}"],
            y=found[f"y{i}"],
            xx=found[f"x{i} x{i}"],
            xy=found[f"x{i} y{i}"],
            yy=found[f"y{i} y{i}"],
        )
        for i, member in enumerate(_MEMBERS, 1)
    )
    return PairSums(
        cell=view.named(row),
        first=first,
        second=second,
        cross=CrossSums(
            n=int(base["n"]),
            xx=found["x1 x2"],
            xy=found["x1 y2"],
            yx=found["x2 y1"],
            yy=found["y1 y2"],
        ),
        having=int(row["having"]),
        lacking=int(base["n"]) - (int(row["having"]) - int(row["lacking"])),
    )
