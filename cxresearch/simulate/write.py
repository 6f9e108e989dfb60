"""Write a simulated study as the exports a real shop would give: same seed, same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cxresearch.core import disk
from cxresearch.simulate.export_faults import spoiled
from cxresearch.simulate.layouts import LAYOUTS, as_text
from cxresearch.simulate.shop import Shop
from cxresearch.study import schema


def write(shop: Shop, folder: Path) -> None:
    """Write the exports of a simulated shop and its truth into a folder.

    ``events`` is Parquet, the rest are text exports, each in its own manner, with the broken rows
    of the shop's faults; the coding sheets are as people fill them in. ``truth.json``,
    ``truth_identities.csv`` and ``truth_themes.csv`` hold the answers. The same shop gives the
    same bytes, and each file takes its place whole.

    Parameters
    ----------
    shop : Shop
        From :func:`cxresearch.simulate.shop`.
    folder : pathlib.Path
        Made when it is not there; files of the same names are replaced.
    """
    for name, layout in LAYOUTS.items():
        texts = spoiled(as_text(shop.tables[name], name, layout), name, shop.faults)
        _write_text(texts, folder / f"{name}.csv", layout.delimiter)
    _write_parquet(spoiled(shop.tables["events"], "events", shop.faults), folder / "events.parquet")
    for name, sheet in shop.sheets.items():
        # Like every sheet for people, with the mark that tells spreadsheets it is UTF-8.
        _write_text(sheet, folder / f"{name}.csv", encoding="utf-8-sig")
    for name, key in shop.answer_keys.items():
        _write_text(key, folder / f"truth_{name}.csv")
    with disk.replacing(folder / "truth.json") as path:
        text = json.dumps(shop.truth, indent=1, sort_keys=True, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _write_text(
    texts: pd.DataFrame, target: Path, delimiter: str = ",", *, encoding: str = "utf-8"
) -> None:
    with disk.replacing(target) as path:
        texts.to_csv(
            path,
            sep=delimiter,
            index=False,
            encoding=encoding,
            errors="surrogateescape",  # lets a fault be a byte that is not UTF-8
            lineterminator="\n",
        )


def _write_parquet(table: pd.DataFrame, target: Path) -> None:
    kinds = {"text": pa.string(), "time": pa.timestamp("us", tz="UTC"), "number": pa.float64()}
    columns = schema.table("events").columns
    arrow = pa.table(
        {
            column.name: pa.array(table[column.name], kinds[column.kind], from_pandas=True)
            for column in columns
            if column.name in table
        }
    )
    with disk.replacing(target) as path:
        pq.write_table(arrow, path, compression="zstd")
