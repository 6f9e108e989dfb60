"""A study that `cxresearch new` begins with one file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cxresearch.study import manifest, open_study, starting
from cxresearch.study.sources import Source


def begun(
    path: Path, table: str, text: str | None = None
) -> tuple[Source, list[str], pd.DataFrame]:
    """Start a study with one file: its source, what is asked, and its rows."""
    if text is not None:
        path.write_text(text, "utf-8")
    started = starting.start("shop", [path])
    (source,) = manifest.parse(started.text).tables[table]
    return source, started.asks, open_study("shop").frame(table).to_pandas()
