"""The one result convention: frozen records that know how to become a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from numbers import Real
from typing import TYPE_CHECKING, Any, Protocol

from cxresearch.core import validate
from cxresearch.core.remarks import in_words
from cxresearch.core.unit_formats import SHARE_DIFFERENCE as SHARE_DIFFERENCE
from cxresearch.core.unit_formats import Interval as Interval
from cxresearch.core.unit_formats import difference_unit as difference_unit

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.core.languages import Language


def parts(note: str) -> list[str]:
    """Return the parts of a note, which "; " keeps apart; each is a message of its own.

    Examples
    --------
    >>> parts("one wave; no weights"), parts("")
    (['one wave', 'no weights'], [])
    """
    return [part for part in note.split("; ") if part]


def parts_in(note: str, language: Language) -> str:
    """Return a note in a language."""
    return "; ".join(map(language.text, parts(note)))


class Result:
    """Base of every result record; each subclass is a frozen, slotted dataclass.

    The first field of a subclass is its estimate, and there are `ci`, `n`, `confidence`, `method`,
    `unit` and `note`; a test alone, a plan or a table of estimates has those that it can have.
    """

    __slots__ = ()

    note: str

    def note_in(self, language: Language) -> str:
        """Return the note in a language: by its remarks where the result has them, else by parts.

        Remarks hold numbers, which each language writes in its own way.
        """
        if hasattr(self, "remarks"):
            return in_words(self.remarks, language)
        return parts_in(self.note, language)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in order; an interval `ci` becomes `ci_low` and `ci_high`.

        How many people it tells about (`people`) is for who shows it, and no part of it; the note
        has the `remarks`; a data frame is a table of its own.
        """
        import pandas as pd

        row: dict[str, Any] = {}
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if field.name in ("people", "remarks") or isinstance(value, pd.DataFrame):
                continue
            if isinstance(value, Interval):
                row[f"{field.name}_low"], row[f"{field.name}_high"] = value
            else:
                row[field.name] = value
        return row

    def to_frame(self) -> pd.DataFrame:
        """Return one row with one column per field."""
        import pandas as pd

        return pd.DataFrame([self.to_dict()])

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, float_format="{:.4g}".format)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Result):
    """One estimated quantity.

    Parameters
    ----------
    value : float
        The estimate, in `unit`; nan where it is undefined, and then `note` says why.
    ci : Interval
        The interval at `confidence`, in `unit`; of two nan where it is undefined.
    n : int
        The number of independent units behind the estimate.
    unit : str
        ``"share"`` (0-1), ``"share difference"`` (of two shares, shown in percentage points),
        ``"points"``, ``"s"``, ``"days"``, an ISO 4217 currency code, or the plural noun of a count
        such as ``"orders"``.
    confidence : float
        The coverage that `ci` promises, 0-1.
    method : str
        The name of the method behind `ci`.
    note : str
        What a reader must know before using the number; empty when there is nothing.
    people : int, optional
        How many people it tells about, where that is not `n`: the customers of `n` tickets, the
        smaller of two groups that are compared.

    Examples
    --------
    >>> half = Estimate(value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share",
    ...                 confidence=0.95, method="Wilson")
    >>> list(half.to_dict())
    ['value', 'ci_low', 'ci_high', 'n', 'unit', 'confidence', 'method', 'note']
    """

    value: float
    ci: Interval
    n: int
    unit: str
    confidence: float
    method: str
    note: str = ""
    people: int | None = None


def fields_of(estimate: Estimate, kind: type[Estimate] = Estimate) -> dict[str, Any]:
    """Return the fields of an estimate by name, for a record that has them beside its own.

    Examples
    --------
    >>> half = Estimate(value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share",
    ...                 confidence=0.95, method="Wilson")
    >>> Estimate(**fields_of(half)) == half
    True
    """
    return {field.name: getattr(estimate, field.name) for field in fields(kind)}


class Estimated(Protocol):
    """An estimate, or a result that holds one and shows it as its own."""

    @property
    def value(self) -> float:
        """The estimate, in `unit`."""

    @property
    def ci(self) -> Interval:
        """Its interval."""

    @property
    def n(self) -> int:
        """The independent units behind it."""

    @property
    def unit(self) -> str:
        """Its unit."""

    @property
    def method(self) -> str:
        """The method behind the interval."""

    @property
    def note(self) -> str:
        """What a reader must know."""


def people_of(result: Any) -> int:
    """Return how many people a result tells about: `people` where it says so, else its `n`.

    Examples
    --------
    >>> waits = Estimate(value=2.0, ci=Interval(1.0, 4.0), n=9, unit="h", confidence=0.95,
    ...                  method="Kaplan-Meier", people=3)
    >>> people_of(waits)
    3
    """
    people = getattr(result, "people", None)
    return int(result.n if people is None else people)


def fewest(*results: Any) -> int:
    """Return how many people a comparison of some results tells about: the fewest, above 0.

    Examples
    --------
    >>> from dataclasses import replace
    >>> half = Estimate(value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share",
    ...                 confidence=0.95, method="Wilson")
    >>> few, nobody = replace(half, n=4), replace(half, n=0)
    >>> fewest(half, few), fewest(half, nobody), fewest(nobody, nobody)
    (4, 100, 0)
    """
    return min((people for one in results if (people := people_of(one))), default=0)


def value_of(result: Any) -> float:
    """Return the estimate of a result, which is its first field or is held there.

    Raises
    ------
    TypeError
        If it is no estimate with an interval, such as a test or a table.
    """
    value = getattr(result, fields(result)[0].name)
    if isinstance(value, Estimate):
        return float(value.value)
    if not (isinstance(value, Real) and hasattr(result, "ci")):
        kind = type(result).__name__
        raise validate.refused_type("result", "an estimate with an interval", kind)
    return float(value)


def side_by_side(named: Mapping[str, Estimated]) -> pd.DataFrame:
    """Return estimates with their intervals as rows, each in its own unit.

    Parameters
    ----------
    named : mapping of str to Estimate, or to what holds one
        The estimates by name; a name is an English message.

    Returns
    -------
    pandas.DataFrame
        One row per estimate: `indicator` (its name), `value`, `value_low`, `value_high`,
        `value_unit`, `value_people` (how many people it tells about) and `n`, as
        :func:`cxresearch.report.table` takes them with ``estimates=["value"]``.

    Examples
    --------
    >>> half = Estimate(value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share",
    ...                 confidence=0.95, method="Wilson")
    >>> side_by_side({"Returns per order": half})[["indicator", "value", "value_unit", "n"]]
               indicator  value value_unit    n
    0  Returns per order    0.5      share  100
    """
    import pandas as pd

    rows = [
        (name, one.value, *one.ci, one.unit, people_of(one), one.n) for name, one in named.items()
    ]
    columns = ["indicator", "value", "value_low", "value_high", "value_unit", "value_people", "n"]
    return pd.DataFrame(rows, columns=columns)


def undefined(like: Estimate, **changed: Any) -> Estimate:
    """Return an estimate whose value and interval are not known, and the rest as of another.

    Examples
    --------
    >>> half = Estimate(value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share",
    ...                 confidence=0.95, method="Wilson")
    >>> undefined(half, note="nobody was asked").value
    nan
    """
    return replace(like, value=math.nan, ci=Interval(math.nan, math.nan), **changed)


def as_columns(name: str, estimate: Estimate) -> dict[str, float]:
    """Return an estimate and the ends of its interval by the names of their columns.

    Examples
    --------
    >>> half = Estimate(value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share",
    ...                 confidence=0.95, method="Wilson")
    >>> as_columns("returns", half)
    {'returns': 0.5, 'returns_low': 0.4, 'returns_high': 0.6}
    """
    low, high = estimate.ci
    return {name: estimate.value, f"{name}_low": low, f"{name}_high": high}


def interval_columns(*names: str) -> list[str]:
    """Return the names of the columns of several estimates, as :func:`as_columns` gives them.

    Examples
    --------
    >>> interval_columns("raw", "weighted")
    ['raw', 'raw_low', 'raw_high', 'weighted', 'weighted_low', 'weighted_high']
    """
    return [f"{name}{end}" for name in names for end in ("", "_low", "_high")]


def with_unit(name: str, estimate: Estimate) -> dict[str, float | str]:
    """Return the same with the unit, which a table asks for where its rows have several.

    Examples
    --------
    >>> half = Estimate(value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share",
    ...                 confidence=0.95, method="Wilson")
    >>> with_unit("returns", half)["returns_unit"]
    'share'
    """
    return {**as_columns(name, estimate), f"{name}_unit": estimate.unit}
