"""An SPSS file as a text file: codes as they are, labels beside them, missing answers empty."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxresearch.study.loaders.amount_texts import as_typed
from cxresearch.study.loaders.workbooks import typed

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study.sources import Written

#: What an SPSS file begins with, plain or packed by itself.
BEGINNINGS = (b"$FL2", b"$FL3")
#: What is added to the name of a variable for the column of its labels.
LABEL = ".label"
_ROWS = 50_000
#: SPSS counts seconds from the day on which the Gregorian calendar begins.
_BEGINNING = datetime(1582, 10, 14)
_DAYS = {"DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR"}
_TIMES = {"DATETIME", "YMDHMS"}
_CLOCKS = {"TIME", "DTIME"}


def questions(path: Path) -> dict[str, str]:
    """Return what the file says of its variables beside their names: the questions asked.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    *_, about = _read(path, metadataonly=True)
    return {name: label for name, label in about.column_names_to_labels.items() if label}


def as_text(path: Path, source: Written, out: Path) -> Path:
    """Write an SPSS file as comma-separated text.

    A variable is its codes, as in the file; where it has value labels, the column ``NAME.label``
    beside it has those. What the file calls missing is empty, and only its label is left.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    named = source.encoding if "encoding" in source.model_fields_set else None
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        for first, frame, about in _chunks(path, named):
            columns = dict(_columns(frame, about, source))
            if first:
                writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
    return out


def _chunks(path: Path, encoding: str | None) -> Iterator[tuple[bool, pd.DataFrame, Any]]:
    """Yield the rows of a file, so many at a time, the first even where there are none."""
    begun = 0
    while True:
        frame, about = _read(path, encoding=encoding, row_offset=begun, row_limit=_ROWS)
        if not begun or len(frame):
            yield not begun, frame, about
        if len(frame) < _ROWS:
            return
        begun += _ROWS


def _read(path: Path, **how: Any) -> tuple[pd.DataFrame, Any]:
    import pyreadstat

    try:
        frame, about = pyreadstat.read_sav(
            str(path), user_missing=True, disable_datetime_conversion=True, **how
        )
    except Exception as error:  # whatever a damaged file raises
        raise ValueError(f"{type(error).__name__}: {error}") from error
    return frame, about


def _columns(frame: pd.DataFrame, about: Any, source: Written) -> Iterator[tuple[str, list[str]]]:
    """Yield the columns of text that each variable gives; each of its values is written once."""
    for name in frame.columns:
        values = frame[name]
        there = values.dropna().unique()
        form = (about.original_variable_types.get(name) or "").rstrip("0123456789.")
        missing = [*about.missing_ranges.get(name, ())]
        texts = {one: "" if _is_in(one, missing) else _text(one, form, source) for one in there}
        yield name, values.map(texts).fillna("").tolist()
        if labels := about.variable_value_labels.get(name):
            said = {one: str(labels.get(one, "")) for one in there}
            yield f"{name}{LABEL}", values.map(said).fillna("").tolist()


def _is_in(value: Any, ranges: list[Mapping[str, Any]]) -> bool:
    if isinstance(value, str):
        return any(value == str(one["lo"]).rstrip() for one in ranges)
    return any(one["lo"] <= value <= one["hi"] for one in ranges if not isinstance(one["lo"], str))


def _text(value: Any, form: str, source: Written) -> str:
    if isinstance(value, str):
        return as_typed(value)
    number = float(value)
    try:
        if form in _DAYS | _TIMES:
            when = _BEGINNING + timedelta(seconds=number)
            return typed(when if form in _TIMES else when.date(), source)
        if form in _CLOCKS:
            return str(timedelta(seconds=number))
    except OverflowError:  # a day after the year 9999 stays the number that it is
        pass
    return typed(number, source)
