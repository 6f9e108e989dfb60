"""Write a simulated study as the exports a real shop would give: same seed, same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cxresearch.core import disk
from cxresearch.simulate import truth
from cxresearch.simulate.clock import TIME_ZONE
from cxresearch.simulate.shop import Plan, Shop, Study, spoiled
from cxresearch.study import schema

ISO_UTC = "%Y-%m-%dT%H:%M:%SZ"
ITALIAN = "%d/%m/%Y %H:%M:%S"
ITALIAN_DATE = "%d/%m/%Y"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text export is written.

    Parameters
    ----------
    delimiter, decimal, thousands : str
        The marks between columns, before decimals, and between thousands.
    decimals : int
        How many decimals a number has.
    time_format : str
        A ``strftime`` format; one without an offset is in the shop's time zone.
    """

    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    decimals: int = 2
    time_format: str = ISO_UTC


#: The tables that are exported as text; the others are Parquet.
LAYOUTS = {
    "orders": Layout(),
    "order_lines": Layout(),
    "deliveries": Layout(),
    "surveys": Layout(delimiter=";", decimal=",", decimals=1, time_format=ITALIAN),
    "feedback": Layout(),
    "tickets": Layout(),
    "exposures": Layout(),
    "marketing": Layout(delimiter=";", decimal=",", thousands=".", time_format=ITALIAN_DATE),
    "customers": Layout(),
}
PARQUET = ("events", "messages")
_ARROW = {
    "text": pa.string(),
    "time": pa.timestamp("us", tz="UTC"),
    "number": pa.float64(),
    "count": pa.int64(),
}


def write(shop: Shop, folder: Path) -> None:
    """Write the exports of a simulated shop and its truth into a folder.

    ``events`` and ``messages`` are Parquet, the rest are text exports, each in its own manner,
    with the broken rows of the shop's faults; the coding sheets are as people fill them in.
    ``truth.json`` and the files named ``truth_`` hold the answers. The same shop gives the same
    bytes, and each file takes its place whole.

    Parameters
    ----------
    shop : Shop
        From :func:`cxresearch.simulate.shop`.
    folder : pathlib.Path
        Made when it is not there; files of the same names are replaced.
    """
    with _Files(folder) as files:
        for name, table in shop.tables.items():
            files.add(name, table, shop.faults)
        for name, key in shop.answer_keys.items():
            files.add_answers(name, key)
        files.finish(shop.sheets, shop.truth)


def write_blocks(study: Study, folder: Path) -> None:
    """Simulate a study and write it, one block of people after the other.

    The files are those of :func:`write`; memory holds one block, and the texts.
    """
    texts: list[pd.DataFrame] = []
    themes: list[pd.DataFrame] = []
    realised: list[dict[str, Any]] = []
    faults: Plan = {}
    per_day: Any = 0
    with _Files(folder) as files:
        for block in study.blocks():
            here = {} if realised else study.plan_faults(block)
            faults = here or faults
            files.add("events", block.events, here)
            for name, table in block.tables.items():
                files.add(name, table, here)
            for name, key in block.answer_keys.items():
                files.add_answers(name, key)
            texts.append(block.tables["feedback"])
            themes.append(block.answer_keys["themes"])
            realised.append(block.realised)
            per_day = per_day + block.per_day
        files.add("marketing", study.marketing(per_day), {})
        sheets = study.sheets(
            pd.concat(texts, ignore_index=True), pd.concat(themes, ignore_index=True)
        )
        files.finish(sheets, study.truth(truth.added(realised), faults))


class _Files:
    """The files of a study while they are written; each takes its place when all are whole."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._stack = folder, ExitStack()
        self._texts: dict[str, Path] = {}
        self._parquet: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        for writer in self._parquet.values():
            writer.close()
        self._stack.__exit__(*error)

    def add(self, name: str, table: pd.DataFrame | pa.Table, faults: Plan) -> None:
        """Write rows of a canonical table, some of them copied and broken."""
        if name in LAYOUTS:
            texts = spoiled(as_text(table, name, LAYOUTS[name]), name, faults)
            self._add_text(f"{name}.csv", texts, LAYOUTS[name].delimiter)
            return
        if name in faults:
            frame = table if isinstance(table, pd.DataFrame) else table.to_pandas()
            table = spoiled(frame, name, faults)
        if isinstance(table, pd.DataFrame):
            table = _arrow(table, name)
        self._add_parquet(f"{name}.parquet", table)

    def add_answers(self, name: str, key: pd.DataFrame) -> None:
        """Write rows of an answer key."""
        self._add_text(f"truth_{name}.csv", key)

    def finish(self, sheets: Mapping[str, pd.DataFrame], answers: Mapping[str, Any]) -> None:
        """Write the coding sheets and the truth."""
        for name, sheet in sheets.items():
            # Like every sheet for people, with the mark that tells spreadsheets it is UTF-8.
            self._add_text(f"{name}.csv", sheet, encoding="utf-8-sig")
        text = json.dumps(answers, indent=1, sort_keys=True, ensure_ascii=False)
        path = self._open("truth.json")
        path.write_text(text + "\n", encoding="utf-8", newline="\n")

    def _open(self, file: str) -> Path:
        return self._stack.enter_context(disk.replacing(self._folder / file))

    def _add_text(
        self, file: str, texts: pd.DataFrame, delimiter: str = ",", *, encoding: str = "utf-8"
    ) -> None:
        first = file not in self._texts
        if first:
            self._texts[file] = self._open(file)
        texts.to_csv(
            self._texts[file],
            sep=delimiter,
            index=False,
            header=first,
            mode="w" if first else "a",
            encoding=encoding,
            errors="surrogateescape",  # lets a fault be a byte that is not UTF-8
            lineterminator="\n",
        )

    def _add_parquet(self, file: str, table: pa.Table) -> None:
        if file not in self._parquet:
            path = self._open(file)
            self._parquet[file] = pq.ParquetWriter(path, table.schema, compression="zstd")
        self._parquet[file].write_table(table)


def _arrow(table: pd.DataFrame, name: str) -> pa.Table:
    """Return a canonical table with the types of its contract."""
    kinds = {column.name: _ARROW[column.kind] for column in schema.table(name).columns}
    return pa.table(
        {
            str(column): pa.array(values, kinds[str(column)], from_pandas=True)
            for column, values in table.items()
        }
    )


def as_text(table: pd.DataFrame, name: str, layout: Layout) -> pd.DataFrame:
    """Return a canonical table as the texts its export shows; a missing value is empty.

    Examples
    --------
    >>> row = pd.DataFrame({"date": [pd.Timestamp("2026-03-01")], "cost": [1234.5]})
    >>> as_text(row, "marketing", LAYOUTS["marketing"]).iloc[0].tolist()
    ['01/03/2026', '1.234,50']
    """
    kinds = {column.name: column.kind for column in schema.table(name).columns}
    return pd.DataFrame(
        {name: _texts(column, kinds[str(name)], layout) for name, column in table.items()},
        dtype=object,
    )


def _texts(column: pd.Series[Any], kind: schema.Kind, layout: Layout) -> list[str]:
    missing = column.isna().to_numpy()
    filled = column[~missing]
    if kind == "time":
        texts = _times(filled, layout.time_format)
    elif kind == "date":
        texts = pd.to_datetime(filled).dt.strftime(_date_format(layout)).tolist()
    elif kind == "number":
        texts = [_number(value, layout) for value in filled.tolist()]
    elif kind == "count":
        texts = [f"{int(value)}" for value in filled.tolist()]
    elif kind == "flag":
        texts = ["true" if value else "false" for value in filled.tolist()]
    else:
        texts = filled.tolist()
    shown = np.full(len(column), "", dtype=object)
    shown[~missing] = texts
    return shown.tolist()


def _times(times: pd.Series[Any], time_format: str) -> list[str]:
    local = times if time_format == ISO_UTC else times.dt.tz_convert(TIME_ZONE)
    return list(local.dt.strftime(time_format))


def _date_format(layout: Layout) -> str:
    return ITALIAN_DATE if layout.time_format == ITALIAN_DATE else "%Y-%m-%d"


def _number(value: float, layout: Layout) -> str:
    english = f"{value:,.{layout.decimals}f}"
    marks = {",": layout.thousands, ".": layout.decimal}
    return "".join(marks.get(mark, mark) for mark in english)
