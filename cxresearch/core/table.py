"""A table as one thing: its rows, and for each column its heading, its unit and what it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from cxresearch.core import disclosure, phrasing, table_html
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Amount, Remark
from cxresearch.core.results import Estimated, side_by_side

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.core.table_html import TablePayload

Role = Literal["value", "name", "code", "estimate", "people", "p", "course"]


@dataclass(frozen=True, slots=True)
class Column:
    """What a reader knows of a column.

    Parameters
    ----------
    name : str
        Its name in the frame.
    heading : str
        Its heading, an English message; by default its name with spaces.
    unit : str
        The unit of its values, as in :class:`~cxresearch.core.results.Estimate`; ``"month"`` of
        months, as dates or as texts such as ``"2026-03"``; empty where they have none.
    role : {"value", "name", "code", "estimate", "people", "p", "course"}
        A name is shown by its label and never translated, a code as it is; an estimate has its
        interval in two columns more, `ends` with ``_low`` and ``_high``, and without a `unit` a
        third with the unit of each row, `name` with ``_unit``; people are counted for the smallest
        number a row may tell about; a course is drawn: a
        :class:`~cxresearch.core.sparkline.Sparkline`.
    ends : str
        What the columns of an estimate's interval begin with; by default `name`.
    interval : str
        The heading of an estimate's interval; by default "Interval".
    signed : bool
        Whether an estimate above 0 is written with a plus.
    is_shown : bool
        Whether the page has the column; one that is not may still count people.
    is_alone : bool
        Whether an estimate is shown without its interval, which the data behind the table have.
    """

    name: str
    heading: str = ""
    unit: str | None = None
    role: Role = "value"
    ends: str = ""
    interval: str = ""
    signed: bool = False
    is_shown: bool = True
    is_alone: bool = False

    @property
    def said_unit(self) -> str | None:
        """How the cells are to be written."""
        return self.role if self.role in ("name", "code", "p", "course") else self.unit

    @property
    def parts(self) -> tuple[str, ...]:
        """The columns of the frame that it is made of."""
        if self.role != "estimate":
            return (self.name,)
        ends = self.ends or self.name
        own_unit = (f"{self.name}_unit",) if self.unit is None else ()
        return (self.name, f"{ends}_low", f"{ends}_high", *own_unit)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Table:
    """Rows that know how to be read: in JupyterLab, on a page, as a plain frame.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows; columns that are not declared are not shown.
    columns : sequence of Column
        The columns in the order they are shown; the first names the row.
    caption : str
        What the table shows, an English message.
    values : mapping
        The values in the caption's braces, as in :func:`cxresearch.core.phrasing.word`.
    nothing : str
        What is said where there are no rows, an English message with the caption's values; by
        default that there are none.
    within : sequence of str, optional
        The rows alike in one of these columns are parts of a whole, of which none is hidden alone.
        By default the rows add up to nothing; None says that all rows are the parts of one whole.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"channel": ["app"], "share": [0.25], "n": [80]})
    >>> Table(frame=rows, columns=[Column("channel"), Column("share", unit="share")],
    ...       caption="Share of orders")
    Share of orders
    Channel Share
        app 25.0%
    """

    frame: pd.DataFrame
    columns: Sequence[Column]
    caption: str
    values: Mapping[str, Any] = field(default_factory=dict)
    within: Sequence[str] | None = ()
    nothing: str = ""

    def to_frame(self) -> pd.DataFrame:
        """Return the plain rows."""
        return self.frame

    def captioned(self, caption: str, **values: Any) -> Table:
        """Return the same rows under another caption."""
        return replace(self, caption=caption, values=values)

    def made(self, language: Language, *, min_cell: int = 1) -> TablePayload:
        """Return the table in words, as HTML and as CSV.

        Parameters
        ----------
        language : Language
            The language of its readers.
        min_cell : int
            The fewest people a row may tell about.
        """
        rows = in_words(disclosure.flat(self.frame), language)
        if rows.empty and self.nothing:
            said = phrasing.plain(self.nothing, self.values, language)
            return table_html.nothing(said)
        kept = list(dict.fromkeys(part for one in self.columns for part in one.parts))
        kept += [f"{one.name}_people" for one in self.columns if f"{one.name}_people" in rows]
        shown = [one for one in self.columns if one.is_shown]
        estimates = {one.name: one.ends or one.name for one in shown if one.role == "estimate"}
        headings = {one.name: one.heading for one in self.columns if one.heading}
        beside = {f"{one.name}_interval": one.interval for one in shown if one.interval}
        return table_html.make(
            rows[kept],
            data=_in_numbers(disclosure.flat(self.frame)[kept], rows[kept]),
            caption=phrasing.plain(self.caption, self.values, language),
            language=language,
            units={one.name: unit for one in self.columns if (unit := one.said_unit) is not None},
            labels=headings | beside,
            people=[one.name for one in self.columns if one.role == "people"],
            min_cell=min_cell,
            within=self.within,
            estimates=estimates,
            signed=[one.name for one in shown if one.signed],
            unshown=[one.name for one in self.columns if not one.is_shown],
            alone=[one.name for one in shown if one.is_alone],
        )

    def __repr__(self) -> str:
        return self.made(Language()).text

    def _repr_html_(self) -> str:
        return self.made(Language()).html


class Tabular:
    """Base of the results that a table shows: as text in a console, as HTML in JupyterLab.

    A subclass is a dataclass with ``repr=False`` and has `table`.
    """

    __slots__ = ()

    def table(self) -> Table | Missing:
        """Return what the result says, as a table; missing where it may not be shown."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Estimates(Tabular, Mapping[str, Estimated]):
    """Estimates that are read together, each in a unit of its own.

    Parameters
    ----------
    rows : mapping of str to Estimate, or to what holds one
        The estimates by the name they are recorded under.
    names : mapping of str to str or Remark
        What a reader calls each, an English message; by default its name with spaces.
    caption : str
        What they are, an English message.
    n : str
        What is counted as n, an English heading.
    definitions : mapping of str to str
        What each counts, an English sentence, where the estimate does not say so itself.
    indicator : str
        What the estimates are of, an English heading.

    Examples
    --------
    >>> from cxresearch.core.results import Estimate, Interval
    >>> half = Estimate(value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share",
    ...                 confidence=0.95, method="Wilson")
    >>> Estimates(rows={"return_rate": half}, names={"return_rate": "Returns per order"},
    ...           caption="Orders")
    Orders
            Indicator Value     Interval   N
    Returns per order 50.0% 40.0 to 60.0 100
    """

    rows: Mapping[str, Estimated]
    names: Mapping[str, str | Remark] = field(default_factory=dict)
    caption: str
    n: str = ""
    definitions: Mapping[str, str] = field(default_factory=dict)
    indicator: str = ""

    def __getitem__(self, name: str) -> Estimated:
        return self.rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def name(self, name: str) -> str | Remark:
        """Return what a reader calls the estimate that is recorded under a name."""
        return self.names.get(name, name.replace("_", " ").capitalize())

    def definition(self, name: str) -> str:
        """Return what an estimate counts, in an English sentence."""
        return self.definitions.get(name) or str(getattr(self.rows[name], "definition", ""))

    def table(self) -> Table:
        """Return one row per estimate, with its interval."""
        rows = side_by_side(self.rows)
        names: Any = [self.name(name) for name in self.rows]
        rows["indicator"] = names
        return Table(
            frame=rows,
            columns=[
                Column("indicator", self.indicator),
                Column("value", role="estimate"),
                Column("n", self.n, role="people"),
            ],
            caption=self.caption,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the plain rows."""
        return self.table().frame


def _in_numbers(rows: pd.DataFrame, worded: pd.DataFrame) -> pd.DataFrame:
    """Return rows as data: where a remark is nothing but a number, the number stands for it."""
    data = worded.copy()
    for name in [one for one in rows.columns if rows[one].dtype.kind == "O"]:
        amounts = [_amount_of(cell) for cell in rows[name]]
        known = [one for one in amounts if one is not None]
        if known and len(known) == len(amounts):
            data[name] = [one.value for one in known]
            if any(one.unit for one in known):
                units = [one.unit for one in known]
                data.insert(list(data.columns).index(name) + 1, f"{name}_unit", units)
    return data


def _amount_of(cell: Any) -> Amount | None:
    """Return the one number that a remark is; None where it says more."""
    if not isinstance(cell, Remark) or len(cell.values) != 1:
        return None
    (name, held), *_ = cell.values.items()
    if cell.message != f"{{{name}}}":
        return None
    if isinstance(held, Amount):
        return held
    return Amount(float(held)) if isinstance(held, int) else None


def in_words(rows: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return rows whose remarks are words, on the page as in the data behind it."""
    said = {
        str(name): [cell.words(language) if isinstance(cell, Remark) else cell for cell in column]
        for name, column in rows.items()
        if column.dtype.kind == "O"
    }
    return rows.assign(**said)
