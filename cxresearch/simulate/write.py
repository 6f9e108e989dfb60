"""Write a simulated study as the exports a real shop would give: same seed, same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cxresearch import _files
from cxresearch.simulate.layouts import LAYOUTS, as_text
from cxresearch.simulate.shop import Shop


def write(shop: Shop, folder: Path) -> None:
    """Write the tables of a simulated shop and ``truth.json`` into a folder.

    ``events`` is Parquet, the rest are text exports, each in its own manner. The same shop gives
    the same bytes, and each file takes its place whole.

    Parameters
    ----------
    shop : Shop
        From :func:`cxresearch.simulate.shop`.
    folder : pathlib.Path
        Made when it is not there; files of the same names are replaced.
    """
    for name, layout in LAYOUTS.items():
        if name in shop.tables:
            _write_text(
                as_text(shop.tables[name], name, layout), folder / f"{name}.csv", layout.delimiter
            )
    _write_parquet(shop.tables["events"], folder / "events.parquet")
    with _files.replacing(folder / "truth.json") as path:
        text = json.dumps(shop.truth, indent=1, sort_keys=True, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")


def _write_text(texts: pd.DataFrame, target: Path, delimiter: str) -> None:
    with _files.replacing(target) as path:
        texts.to_csv(
            path,
            sep=delimiter,
            index=False,
            encoding="utf-8",
            errors="surrogateescape",  # lets a fault be a byte that is not UTF-8
            lineterminator="\n",
        )


def _write_parquet(table: pd.DataFrame, target: Path) -> None:
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    with _files.replacing(target) as path:
        # pandas' own metadata names its version; without it the bytes depend on the data alone.
        pq.write_table(arrow.replace_schema_metadata(None), path, compression="zstd")
