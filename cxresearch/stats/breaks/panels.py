"""One measure of a whole and its groups, week by week, as sums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cxresearch.core import validate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One measure of a whole and its groups, week by week; make it with `shares` or `means`.

    Parameters
    ----------
    measure : str
        The name of the measure.
    groups : tuple of str, length g
        The names of the groups; the first is the whole, of which the others are parts. They may
        overlap.
    n : ndarray of float, shape (g, weeks)
        How many units were asked; 0 in a week without data.
    sums, squares : ndarray of float, shape (g, weeks)
        The sums of their values and of the squares of these; for a share both are the hits.
    kind : {"share", "mean"}
        What `sums` over `n` is.
    unit : str
        The unit of the values.
    is_amount : bool
        Whether the values are amounts, as times and money are: none below 0, and few that are
        very large.
    """

    measure: str
    groups: tuple[str, ...]
    n: NDArray[np.float64]
    sums: NDArray[np.float64]
    squares: NDArray[np.float64]
    kind: Literal["share", "mean"]
    unit: str
    is_amount: bool = False

    @classmethod
    def shares(cls, measure: str, groups: Iterable[str], n: ArrayLike, hits: ArrayLike) -> Panel:
        """Return the panel of a share.

        Parameters
        ----------
        measure : str
            The name of the measure.
        groups : iterable of str, length g
            The names of the groups, the whole first.
        n, hits : array_like of float, shape (g, weeks)
            Units, and those with the outcome. A week in which one of them is nan has no data.

        Raises
        ------
        ValueError
            If the shapes differ, a number is negative, hits exceed n, or a group exceeds the whole.

        Examples
        --------
        >>> panel = Panel.shares("late", ["all", "mobile"], [[90, 80], [40, 50]], [[9, 8], [4, 5]])
        >>> panel.weeks, panel.level.tolist()
        (2, [0.1, 0.1])
        """
        asked, hit = _tables(n=n, hits=hits)
        panel = cls(measure, tuple(groups), asked, hit, hit, "share", "share")
        _check(panel, hits=hit, misses=asked - hit)
        return panel

    @classmethod
    def means(
        cls,
        measure: str,
        groups: Iterable[str],
        n: ArrayLike,
        sums: ArrayLike,
        squares: ArrayLike,
        *,
        unit: str,
        is_amount: bool = False,
    ) -> Panel:
        """Return the panel of a mean.

        Parameters
        ----------
        measure : str
            The name of the measure.
        groups : iterable of str, length g
            The names of the groups, the whole first.
        n, sums, squares : array_like of float, shape (g, weeks)
            Units, the sums of their values, and of the squares of these. A week in which one of
            them is nan has no data.
        unit : str
            The unit of the values.
        is_amount : bool
            Whether the values are amounts, as times and money are: none below 0, and few that are
            very large.

        Raises
        ------
        ValueError
            If the shapes differ, n or a square is negative, or a group has more units than the
            whole.

        Examples
        --------
        >>> Panel.means("csat", ["all"], [[2, 1]], [[9, 4]], [[41, 16]], unit="points").level
        array([4.33333333])
        """
        asked, total, square = _tables(n=n, sums=sums, squares=squares)
        panel = cls(measure, tuple(groups), asked, total, square, "mean", unit, is_amount)
        _check(panel, squares=square)
        return panel

    @property
    def weeks(self) -> int:
        """How many weeks there are."""
        return int(self.n.shape[1])

    @property
    def level(self) -> NDArray[np.float64]:
        """The value of each group over all weeks; nan where nobody was asked."""
        return divided(self.sums.sum(1), self.n.sum(1), np.nan)

    @property
    def spread(self) -> NDArray[np.float64]:
        """The standard deviation of one value in each group.

        It is drawn to that of the whole as by 20 more values: few answers may be all alike.
        """
        count = self.n.sum(1)
        variance = divided(self.squares.sum(1), count) - divided(self.sums.sum(1), count) ** 2
        drawn = (count * variance.clip(0) + 20 * max(variance[0], 0)) / (count + 20)
        return np.sqrt(drawn)  # type: ignore[no-any-return]

    @property
    def skewness(self) -> NDArray[np.float64]:
        """The skewness of one value in each group: of amounts that of a gamma, else none."""
        if not self.is_amount:
            return np.zeros(len(self.groups))
        return 2 * divided(self.spread, np.nan_to_num(self.level))

    def between(self, row: int, weeks: NDArray[np.bool_]) -> float:
        """Return the value of a group in some weeks; nan where nobody was asked."""
        return float(divided(self.sums[row, weeks].sum(), self.n[row, weeks].sum(), np.nan))

    def row(self, row: int) -> Panel:
        """Return the panel of the whole and one group, or of the whole alone for row 0."""
        rows = [0, row] if row else [0]
        names = tuple(self.groups[i] for i in rows)
        n, sums, squares = (table[rows] for table in (self.n, self.sums, self.squares))
        return Panel(self.measure, names, n, sums, squares, self.kind, self.unit, self.is_amount)


def divided(a: Any, b: Any, empty: float = 0.0) -> NDArray[np.float64]:
    """Return a / b, and something else where b is not positive."""
    out = np.full(np.broadcast_shapes(np.shape(a), np.shape(b)), empty)
    return np.divide(a, b, out=out, where=np.asarray(b) > 0)  # type: ignore[no-any-return]


def _tables(**named: ArrayLike) -> list[NDArray[np.float64]]:
    tables = [np.array(values, dtype=float) for values in named.values()]
    for name, table in zip(named, tables, strict=True):
        if table.ndim != 2 or table.shape != tables[0].shape:
            raise validate.refused(name, "groups x weeks, all of one shape", table.shape)
        if np.isinf(table).any():
            raise validate.refused(name, "finite or nan", np.inf)
    unknown = np.isnan(np.array(tables)).any(0)
    for table in tables:
        table[unknown] = 0.0
    return tables


def _check(panel: Panel, **positive: NDArray[np.float64]) -> None:
    if len(panel.groups) != len(panel.n) or not panel.groups:
        raise validate.refused("groups", f"{len(panel.n)} names", panel.groups)
    if len(set(panel.groups)) < len(panel.groups):
        raise validate.refused("groups", "names that differ", panel.groups)
    for name, table in {"n": panel.n, **positive}.items():
        if (table < 0).any():
            raise validate.refused(name, "0 or more", float(table.min()))
    for name, table in {"n": panel.n, **positive}.items():
        measured = panel.n[0] > 0
        if name != "squares" and (table[1:, measured] > table[0, measured] + 1e-9).any():
            raise validate.refused(name, "at most that of the whole, in every group and week", name)
