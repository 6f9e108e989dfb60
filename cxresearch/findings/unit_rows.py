"""The rows in which measures are counted, read once, and their sums over customers by any group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from cxresearch.engine import frames
from cxresearch.findings.measures import Measure
from cxresearch.findings.watched_series import MOST_VALUES, WHOLE, Floats, Group, Series, Units
from cxresearch.findings.weeks import Weeks

#: The sums of one cell: customers, numerator, denominator, and their squares and product.
_SUMS = 6

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The rows that are of a measure, with its numerator and denominator in each."""

    rows: Codes
    x: Floats
    y: Floats

    @classmethod
    def of(cls, x: Any, y: Any) -> _Part:
        """Return the rows in which one of the two is not 0."""
        every, of_each = x.to_numpy(), y.to_numpy()
        rows = np.flatnonzero((every != 0) | (of_each != 0))
        return cls(rows, every[rows], of_each[rows])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class UnitRows:
    """The rows of some weeks in which measures are counted, as arrays of r rows.

    Parameters
    ----------
    measures : tuple of Measure
        The measures.
    weeks : int
        How many weeks there are.
    week, whose : ndarray of int, shape (r,)
        The week of each row, and the code of the independent unit it belongs to.
    groups : mapping of str to (ndarray of int, list of str)
        By column, the group of each row, -1 of none, and the names of the groups; the column of
        all is empty.
    customer : ndarray of int, shape (r,)
        The code of each row's customer, -1 where none is known.
    customers : list of str
        The customers by their codes.
    is_whole_known : bool
        Whether the sums over all are known from elsewhere.
    """

    measures: tuple[Measure, ...]
    weeks: int
    week: Codes
    whose: Codes
    groups: Mapping[str, tuple[Codes, list[str]]]
    customer: Codes
    customers: list[str]
    is_whole_known: bool
    _parts: tuple[_Part, ...]

    @classmethod
    def of(cls, units: Units, weeks: Weeks) -> UnitRows:
        """Read the rows that are in a week; a frame's engine makes them once.

        Parameters
        ----------
        units : Units
            The rows.
        weeks : Weeks
            The weeks.
        """
        count = len(units.measures)
        numbers = {
            name: nw.col(name).cast(nw.Float64).fill_null(0.0)
            for name in (f"{side}{place}" for side in "xy" for place in range(count))
        }
        inside = units.rows.filter(weeks.is_inside(nw.col("week")))
        keys = dict.fromkeys((frames.CLUSTER, "customer_id", *units.groups))
        table = inside.select("week", *keys, **numbers).collect("pyarrow")
        parts = tuple(_Part.of(table[f"x{place}"], table[f"y{place}"]) for place in range(count))
        week = table["week"].to_numpy().astype(np.int64)
        groups = {} if units.is_whole_known else {"": (np.zeros_like(week), [""])}
        groups |= {column: _groups(table[column], parts[0]) for column in units.groups}
        customer, customers = _codes(table["customer_id"])
        return cls(
            measures=units.measures,
            weeks=weeks.count,
            week=week,
            whose=_codes(table[frames.CLUSTER])[0],
            groups=groups,
            customer=customer,
            customers=[str(one) for one in customers],
            is_whole_known=units.is_whole_known,
            _parts=parts,
        )

    def series(self) -> Iterator[Series]:
        """Yield every measure week by week: of all, and of each group.

        A group's value that is missing makes no group.
        """
        for column, (group, names) in self.groups.items():
            yield from self._series(group, [(column, name) for name in names])

    def series_by(self, trait: str, part_of: Mapping[str, str]) -> Iterator[Series]:
        """Yield every measure of parts of the customers; who is in no part is left out.

        Parameters
        ----------
        trait : str
            The column by which the parts are grouped.
        part_of : mapping of str to str
            The part of each customer.
        """
        names = sorted({*part_of.values()})
        place = {name: code for code, name in enumerate(names)}
        codes = [place[part_of[one]] if one in part_of else -1 for one in self.customers]
        group = np.array([*codes, -1], dtype=np.int64)[self.customer]
        yield from self._series(group, [(trait, name) for name in names])

    def _series(self, group: Codes, named: Sequence[Group]) -> Iterator[Series]:
        sums, people = self._sums(group, len(named)), self._people(group, len(named))
        for place, own in enumerate(named):
            for measure, of_groups in zip(self.measures, sums, strict=True):
                cells = of_groups[:, place]
                # A share that nobody ever has says nothing; a mean may well be 0.
                if cells[1 if measure.is_share else 2].any():
                    named_so = own if own[0] else WHOLE
                    many = float(people[place])
                    yield Series(measure=measure, group=named_so, sums=cells, people=many)

    def _people(self, group: Codes, groups: int) -> Codes:
        """Return how many customers, or anonymous rows, each group has."""
        import pandas as pd

        size = int(self.whose.max(initial=-1)) + 2
        pairs = pd.unique(np.where(group >= 0, group * size + self.whose + 1, -1))
        return np.bincount(pairs[pairs >= 0] // size, minlength=groups)

    def _sums(self, group: Codes, groups: int) -> Floats:
        """Return the sums over customers, shape (measures, 6, groups, weeks)."""
        import pandas as pd

        # A cell is a customer in a week and a group; most have one row.
        people = int(self.whose.max(initial=-1)) + 2
        keys = (group * self.weeks + self.week) * people + self.whose + 1
        cell, cells = pd.factorize(np.where(group >= 0, keys, -1))
        size = groups * self.weeks
        at = np.where(cells < 0, size, cells // people)  # rows of no group come after all
        found = np.zeros((len(self._parts), _SUMS, groups, self.weeks))
        for place, part in enumerate(self._parts):
            of_part = cell[part.rows]
            x, y = (np.bincount(of_part, side, len(cells)) for side in (part.x, part.y))
            there = np.flatnonzero((x != 0) | (y != 0))
            x, y, where = x[there], y[there], at[there]
            for row, values in enumerate((y != 0, x, y, x * x, x * y, y * y)):
                sums = np.bincount(where, values, size + 1)[:size]
                found[place, row] = sums.reshape(groups, self.weeks)
        return found


def _codes(column: Any) -> tuple[Codes, list[Any]]:
    """Return the code of each row's value, from 0 on and -1 where it is missing, and the values."""
    encoded = column.to_arrow().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int64), encoded.dictionary.to_pylist()


def _groups(column: Any, part: _Part) -> tuple[Codes, list[str]]:
    """Return the group of each row, -1 of none: the values with the most units, named in order."""
    codes, values = _codes(column)
    names, of_value = np.unique(np.array([str(one) for one in values], object), return_inverse=True)
    group = np.append(of_value, -1)[codes]
    known = group[part.rows] >= 0
    size = np.bincount(group[part.rows][known], part.y[known], len(names))
    kept = np.sort(np.argsort(-size, kind="stable")[:MOST_VALUES])
    place = np.full(len(names) + 1, -1)
    place[kept] = np.arange(len(kept))
    return place[group], [str(one) for one in names[kept]]
