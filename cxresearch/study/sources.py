"""What ``study.yaml`` may say of a table's sources: which files, how written, which rows of them.

A table has one source or a list of them. A source may name a profile, a known export: what the
profile says stands below what the source says itself.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from cxresearch.core.time_zones import time_zones
from cxresearch.core.yaml_files import STRICT, Spelled

#: What a time format may hold, and what of it gives the year.
_DIRECTIVE = re.compile(r"%(?:-[dHIjmMSy]|[aAbBdfHIjmMpSyYz%])")
_YEARS = {"%Y", "%y", "%-y"}
_DAY_OR_MONTH = re.compile(r"%-?[dm]")
#: Times written as one number: since 1970, or as a spreadsheet counts days.
_COUNTS = ("epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "excel_day")
_Tables = Literal["csv", "tsv", "xlsx", "ods", "sav", "json", "jsonl", "parquet"]
_Format = Literal[_Tables, "whatsapp", "transcript", "mail"]
_DELIMITER = Spelled(r'[^"\s\w]|\t', "one sign, such as a semicolon, and no letter, digit or quote")
_ENCODING_NAMES = {
    **{"windows-1252": "cp1252", "ansi": "cp1252", "iso-8859-1": "latin-1", "utf8": "utf-8"},
    **{"utf-16le": "utf-16", "macintosh": "mac_roman", "macroman": "mac_roman"},
}


class Section(BaseModel):
    """A part of the manifest."""

    model_config = STRICT | {"populate_by_name": True}


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | int | float) else value


def _time_zone(value: object) -> object:
    zones = time_zones()
    if not isinstance(value, str) or value not in zones:
        near = min((one for one in zones if one.endswith(f"/{value}")), default="Europe/Rome")
        raise ValueError(f"must be a time zone of the IANA list, such as {near}")
    return value


def _time_format(value: str) -> str:
    if value in _COUNTS:
        return value
    if "%" in _DIRECTIVE.sub("", value) or "%" not in value:
        raise ValueError(
            f"must be made of directives such as %d/%m/%Y %H:%M:%S, or one of {', '.join(_COUNTS)}"
        )
    if not _YEARS & set(_DIRECTIVE.findall(value)):
        raise ValueError("must give the year: %Y, or %y where it has two digits")
    return value


def _alike(formats: list[str]) -> list[str]:
    """Refuse formats of which one reads 5/6 as the fifth of June, another as the sixth of May."""
    if len(formats) > 1 and set(formats) & set(_COUNTS):
        raise ValueError("must be one format where times are numbers")
    orders = {
        tuple(part[-1] for part in _DAY_OR_MONTH.findall(one))
        for one in formats
        if not one.startswith("%Y")
    }
    if {("d", "m"), ("m", "d")} <= orders:
        raise ValueError("must all write the day before the month, or all after it")
    return formats


def _encoding(value: object) -> object:
    return _ENCODING_NAMES.get(value.lower(), value) if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]
Text = Annotated[str, Field(coerce_numbers_to_str=True)]
Texts = Annotated[list[Text], BeforeValidator(_as_list)]
TimeZone = Annotated[str, BeforeValidator(_time_zone)]
TimeFormats = Annotated[
    list[Annotated[str, AfterValidator(_time_format)]],
    BeforeValidator(_as_list),
    AfterValidator(_alike),
]
Mark = Literal[".", ","]
Grouping = Literal["", ".", ",", " ", "'"]
Constant = str | int | float | bool


def _made(value: object) -> object:
    """Take a name, or several, for the first of them that is filled."""
    return {"first_of": value} if isinstance(value, str | list) else value


class Made(Section):
    """How a column is made of the file's: one way of five.

    The first of some columns that is filled, in lower case with `lower`, as e-mails are compared,
    a number divided by `divided_by`, where it is written in cents or micros;
    all of them joined by `by`, null where one is empty with `needs_all`; a text where a column is
    filled, else another column; the part of a column that a pattern matches (its first group); a
    time so many units after another.
    """

    first_of: Names | None = None
    lower: bool = False
    divided_by: Annotated[float, Field(gt=0)] | None = None
    join: Names | None = None
    by: str = " "
    needs_all: bool = False
    filled: str | None = None
    gives: Text = ""
    otherwise: Names | None = None
    pattern: str | None = None
    of: Names | None = None
    plus: Names | None = None
    unit: Literal["seconds", "minutes", "hours", "days"] = "seconds"
    to: Names | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Made:
        ways = [self.first_of, self.join, self.filled, self.pattern, self.plus]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("must be made in one way: first_of, join, filled, pattern or plus")
        if (self.pattern is None) != (self.of is None):
            raise ValueError("pattern and of must come together")
        if (self.plus is None) != (self.to is None):
            raise ValueError("plus and to must come together")
        if self.pattern is not None:
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise ValueError(f"pattern must be a regular expression: {error}") from None
        return self

    @property
    def names(self) -> list[str]:
        """The file's columns it is made of, in order."""
        parts = (self.first_of, self.join, self.filled, self.otherwise, self.of, self.plus, self.to)
        return [
            name for part in parts if part for name in ([part] if isinstance(part, str) else part)
        ]

    @property
    def required(self) -> list[list[str]]:
        """The columns without which it cannot be made: of each list, one; of a join, all."""
        if self.filled is not None:
            return [[self.filled, *(self.otherwise or [])]]
        parts = (self.first_of, self.of, self.plus, self.to, *([one] for one in self.join or ()))
        return [part for part in parts if part]


Column = Annotated[Made, BeforeValidator(_made)]


class Condition(Section):
    """What a row must say to be counted; all that is given must hold.

    Where `if_there`, a file that lacks the column keeps all rows; else that is a fault.
    """

    column: Names
    is_: Annotated[Texts | None, Field(alias="is")] = None
    not_: Annotated[Texts | None, Field(alias="not")] = None
    filled: bool | None = None
    matches: str | None = None
    if_there: bool = False

    @model_validator(mode="after")
    def _asks(self) -> Condition:
        if all(asked is None for asked in (self.is_, self.not_, self.filled, self.matches)):
            raise ValueError("must ask something: is, not, filled or matches")
        try:
            re.compile(self.matches or "")
        except re.error as error:
            raise ValueError(f"matches must be a regular expression: {error}") from None
        return self


def _conditions(value: object) -> object:
    """Take conditions by the column they ask: ``{Total: {filled: true}, type: track}``."""
    if not isinstance(value, dict):
        return value
    return [
        {"column": name, **(asked if isinstance(asked, dict) else {"is": asked})}
        for name, asked in value.items()
    ]


class Part(Section):
    """One of the rows that a record is melted into: what it gives beside what all parts share."""

    columns: dict[str, Column]
    constants: dict[str, Constant] = {}


def _same_name(value: object) -> object:
    return {value: value} if isinstance(value, str) else value


class Written(Section):
    """How a file is written.

    `delimiter` is found where it is not given. `format` is that of the file's first bytes and its
    name where it is not given; a file may be gzipped, or in a ZIP, of which `member` names one or,
    with ``*``, several. `records` is where in a JSON file the list of records is. The header is the
    first line after `skip_rows`, or the first that has all columns of one list of `header_has`; of
    several `header_rows` the first names the columns, those below it tell equal ones apart.
    """

    format: _Format | None = None
    member: str | None = None
    sheet: str | None = None
    records: str | None = None
    skip_rows: Annotated[int, Field(ge=0, le=1_000)] = 0
    header_has: list[Names] = []
    header_rows: Annotated[int, Field(ge=1, le=5)] = 1
    delimiter: Annotated[str, _DELIMITER] | None = None
    decimal: Mark | None = None
    thousands: Grouping = ""
    encoding: Annotated[
        Literal["utf-8", "cp1252", "latin-1", "utf-16", "mac_roman", "cp850"],
        BeforeValidator(_encoding),
    ] = "utf-8"

    @model_validator(mode="after")
    def _marks_differ(self) -> Written:
        mark = self.decimal or "."
        if self.thousands == mark:
            raise ValueError(f"decimal and thousands must differ; both are {mark!r}")
        return self


class Join(Written):
    """Another file, of which each row of the source gets what has its key.

    `on` is the key's name in both files, or ``{ours: theirs}``. `sum` are added up over the rows
    of a key; `take` are of its one row. A key with several is a fault unless `keep` is ``first``.
    """

    file: str
    on: Annotated[dict[str, str], BeforeValidator(_same_name), Field(min_length=1, max_length=1)]
    sum: Annotated[list[str], BeforeValidator(_as_list)] = []
    take: Annotated[list[str], BeforeValidator(_as_list)] = []
    keep: Literal["one", "first"] = "one"

    @model_validator(mode="after")
    def _brings(self) -> Join:
        if not self.sum and not self.take:
            raise ValueError("must bring columns: sum or take")
        return self


class OwnWay(Section):
    """How one column is written, where not as its file is."""

    decimal: Mark | None = None
    thousands: Grouping | None = None
    time_format: TimeFormats | None = None
    time_zone: TimeZone | None = None


class Source(Written):
    """Where the rows of a table come from and how its file is written.

    `columns` maps a canonical column to the file's own; a canonical column it does not name is
    looked up under its own name. `a.b` is what a nested column `a` has at `b`. `constants` gives a
    column one value for the whole file, and `values` gives texts of a column their canonical
    names, as in ``values: {status: {Annullato: cancelled}}``, or ends of a scale their numbers, as
    in ``values: {score: {Not at all likely: 0}}``; an empty name takes a text out, and ``"*"`` is
    any other. A time without
    an offset is read in `time_zone`, the study's where it is not given. `time_format` may also be
    ``epoch_s``, ``epoch_ms``, ``epoch_us`` or ``epoch_ns`` (since 1970, UTC), or ``excel_day``.
    What a time has beside its figures is passed over: a weekday, "alle ore", "at", "12th", "CET".
    `own_way` says how one canonical column is written, where not as the file is:
    ``own_way: {delivered: {time_format: "%d/%m/%Y"}, discount: {decimal: "."}}``.
    `encoding` is ``cp1252`` for what Excel writes on a European Windows; ``latin-1`` is read the
    same way; ``mac_roman`` is what Excel writes on a Mac, ``cp850`` what tills with DOS write.
    Without `decimal` a point is the decimal mark; a file that does not show it (1.210) is refused.

    Of the file's rows, `fill_down` fills empty cells from the row above, `join` brings columns of
    other files, `unnest` makes a row of each element of a list, `melt` of each of its parts, and
    `where` and `first_by` (of rows alike in these columns the first) say which are counted; the
    others are left out on purpose. With `add_up` rows that share the table's key are added up.
    """

    file: Names
    profile: str | None = None
    loader: Literal["mapped", "online_retail"] = "mapped"
    time_format: TimeFormats | None = None
    time_zone: TimeZone | None = None
    own_way: dict[str, OwnWay] = {}
    columns: dict[str, Column] = {}
    offered: dict[str, Column] = {}
    constants: dict[str, Constant] = {}
    values: dict[str, dict[Text, Text]] = {}
    fill_down: Annotated[list[str], BeforeValidator(_as_list)] = []
    join: list[Join] = []
    unnest: str | None = None
    melt: list[Part] = []
    where: Annotated[list[Condition], BeforeValidator(_conditions)] = []
    first_by: Annotated[list[str], BeforeValidator(_as_list)] = []
    add_up: bool = False

    @model_validator(mode="after")
    def _one_origin(self) -> Source:
        twice = sorted(self.columns.keys() & self.constants.keys())
        if twice:
            raise ValueError(f"columns and constants must not both give {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _own_marks_differ(self) -> Source:
        for name in self.own_way:
            own = self.of(name)
            if own.thousands == (own.decimal or "."):
                raise ValueError(f"own_way.{name}: decimal and thousands must differ")
        return self

    def of(self, column: str) -> Source:
        """Return the source as one canonical column is written."""
        own = self.own_way.get(column, OwnWay()).model_dump(exclude_none=True)
        if "decimal" in own:  # the file's thousands are of the file's own mark
            own = {"thousands": ""} | own
        return self.model_copy(update=own) if own else self

    @property
    def files(self) -> list[str]:
        """All files that decide what it gives, each once."""
        return list(dict.fromkeys([*self.file, *(one.file for one in self.join)]))

    @property
    def steps(self) -> bool:
        """Whether its rows are not simply those of its file."""
        return bool(
            self.fill_down or self.join or self.unnest or self.melt or self.where or self.first_by
        )


def listed(value: Any) -> Any:
    """Take one source for a list of one."""
    return [value] if isinstance(value, dict) else value


Sources = Annotated[list[Source], BeforeValidator(listed), Field(min_length=1)]
